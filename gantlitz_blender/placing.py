"""Placing points in a picture: which is asked for next, and what a click, a drag and the keys do to them. Knows no bpy."""

from __future__ import annotations

import math
from collections.abc import Mapping

from .runtime.completion.landmarks import LANDMARKS, REQUIRED

Place = tuple[float, float]
# Those with a left and a right first: corners are seen at once, the foremost point of a chin is not.
NEEDED = tuple(sorted(REQUIRED, key=lambda name: not name.endswith(("_left", "_right"))))


class Placing:
    """The points of one picture in the making. Places are pixels from its upper left corner.

    points: name -> place, the one placed last at the end. asked: the name of the point that the next click sets; None when
    every point is placed or skipped. grabbed: the point that the pointer holds, or None.
    """

    def __init__(self, points: Mapping[str, Place], size: tuple[int, int]):
        self.before = dict(points)
        self.points = dict(points)
        self.size = size
        self.grabbed: str | None = None
        self._skipped: set[str] = set()

    @property
    def asked(self) -> str | None:
        """The next that is missing: those without which there is no alignment first."""
        optional = (name for name in LANDMARKS if name not in REQUIRED and name not in self._skipped)
        return next((name for name in (*NEEDED, *optional) if name not in self.points), None)

    @property
    def missing(self) -> list[str]:
        """The names of points without which there is no alignment."""
        return [name for name in NEEDED if name not in self.points]

    def press(self, place: Place, reach: float) -> bool:
        """Take hold of the point within `reach` pixels, else set the asked one here. False when there is nothing to do."""
        near = min(self.points, key=lambda name: math.dist(self.points[name], place), default=None)
        if near is not None and math.dist(self.points[near], place) <= reach:
            self.grabbed = near
            return True
        if self.asked is None or not self._is_inside(place):
            return False
        self.grabbed = self.asked
        self.points[self.grabbed] = place
        return True

    def drag(self, place: Place) -> None:
        """Move the point that is held; not out of the picture."""
        if self.grabbed is not None:
            width, height = self.size
            self.points[self.grabbed] = (min(max(place[0], 0.0), float(width)), min(max(place[1], 0.0), float(height)))

    def release(self) -> None:
        self.grabbed = None

    def take_back(self) -> str | None:
        """Remove the point that was placed last, and ask for it again; returns its name."""
        self.grabbed = None
        if not self.points:
            return None
        name = next(reversed(self.points))
        del self.points[name]
        self._skipped.discard(name)
        return name

    def skip(self) -> bool:
        """Do without the asked point. False when it is one of those that are needed."""
        if self.asked is None or self.asked in REQUIRED:
            return False
        self._skipped.add(self.asked)
        return True

    def _is_inside(self, place: Place) -> bool:
        return 0 <= place[0] <= self.size[0] and 0 <= place[1] <= self.size[1]
