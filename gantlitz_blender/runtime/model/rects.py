"""Half-open rectangles on the texel grid of one level, and what each layer of the patch stage needs of them.

Coordinates may be negative or beyond the texture: the extended grid of the global stage carries the surplus.
"""

from __future__ import annotations

from typing import NamedTuple


class Rect(NamedTuple):
    """Rows [top, bottom) and columns [left, right)."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def grown(self, by: int) -> Rect:
        return Rect(self.top - by, self.left - by, self.bottom + by, self.right + by)

    def common(self, other: Rect) -> Rect:
        """What both cover; of no or negative size where they do not meet."""
        return Rect(*(max(a, b) for a, b in zip(self[:2], other[:2], strict=True)), *map(min, self[2:], other[2:]))

    def slices_of(self, inner: Rect) -> tuple[slice, slice]:
        """Where ``inner`` lies in an array that covers this rectangle. Raises ValueError if it sticks out."""
        top, left = inner.top - self.top, inner.left - self.left
        if top < 0 or left < 0 or inner.bottom > self.bottom or inner.right > self.right:
            raise ValueError(f"{inner} is not inside {self}")
        return slice(top, top + inner.height), slice(left, left + inner.width)


def up_in(rect: Rect) -> Rect:
    """The coarse texels that a x2 bilinear upsampling reads to make ``rect``: [(a - 1) // 2, b // 2 + 1) on each axis."""
    return Rect((rect.top - 1) // 2, (rect.left - 1) // 2, rect.bottom // 2 + 1, rect.right // 2 + 1)


class LevelRects(NamedTuple):
    """What level l computes: ``before`` conv1 (after upsampling), ``features`` after it, and the ``skip`` sum."""

    before: Rect
    features: Rect
    skip: Rect


def needed(request: Rect, level: int, coarsest: int) -> dict[int, LevelRects]:
    """Rectangles for levels ``level`` .. ``coarsest`` that yield exactly ``request`` at ``level``.

    U_l = R_l grown by 1; R_{l+1} = up_in(U_l) grown by 1; S_{l+1} = up_in(S_l); R_level = S_level = request.
    At ``coarsest`` (the grid of the global stage) ``before`` is not used.
    """
    rects = {}
    features = skip = request
    for lv in range(level, coarsest + 1):
        before = features.grown(1)
        rects[lv] = LevelRects(before, features, skip)
        features, skip = up_in(before).grown(1), up_in(skip)
    return rects
