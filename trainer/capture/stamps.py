"""The irregular round shapes that marks on the skin are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import WIDTH, Array

from .strokes import Points, offsets, stamp


class Stamps:
    """Roundish marks at points, each with an outline of its own, to be added to one plane after another.

    points: (N, 2) canvas texels. radius: (N,) canvas texels. ragged: how far outlines stray from an ellipse, as a share
    of the radius. stretch: the least ratio of an ellipse's axes.
    """

    def __init__(
        self, random: np.random.Generator, points: Points, radius: NDArray[np.float64], ragged: float, stretch: float = 0.7
    ):
        count = len(points)
        self.points, self.radius = points, np.asarray(radius, np.float64)
        self._turn = random.uniform(0, np.pi, count)
        self._squeeze = random.uniform(stretch, 1, count)
        self._phase = random.uniform(0, 2 * np.pi, (3, count))
        self._waves = ragged * np.clip(random.normal(0, 1, (3, count)), -1.2, 1.2) * np.array([0.6, 0.45, 0.3])[:, None]

    def add(
        self, plane: Array, strength: NDArray[np.float64] | float, profile: Callable[[Array], Array], reach: float = 1.6
    ) -> None:
        """Add strength * profile(r) to a plane; r is the distance from a mark's middle, 1 on its outline.

        reach: the r beyond which the profile is as good as 0. Marks narrower than a texel keep their amount, spread out.
        """
        scale = plane.shape[1] / WIDTH
        wide = np.maximum(self.radius * scale, 0.8)
        amount = np.broadcast_to(strength, wide.shape) * (self.radius * scale / wide) ** 2
        order = np.argsort(wide, kind="stable")
        for part in np.array_split(order, max(min(len(order) // 24, 12), 1)):  # alike in size: few empty texels are drawn
            if not len(part):
                continue
            half = int(np.ceil(reach * wide[part[-1]]))
            r = self._distance(part, scale, wide, half)
            stamp(plane, self.points[part] * scale, half, profile(r) * amount[part].astype(np.float32)[:, None, None])

    def _distance(self, part: NDArray[np.intp], scale: float, wide: NDArray[np.float64], half: int) -> Array:
        dx, dy = offsets(self.points[part] * scale, half)
        c, s, k, w = (
            v[part].astype(np.float32)[:, None, None] for v in (np.cos(self._turn), np.sin(self._turn), self._squeeze, wide)
        )
        across, along = (c * dx + s * dy) / w, (c * dy - s * dx) / (w * k)
        angle = np.arctan2(along, across)
        outline = np.ones_like(angle)
        for i, (wave, phase) in enumerate(zip(self._waves, self._phase, strict=True)):
            tall, shift = (v[part].astype(np.float32)[:, None, None] for v in (wave, phase))
            outline += tall * np.sin(np.float32(i + 2) * angle + shift)
        return np.hypot(across, along) / np.maximum(outline, np.float32(0.35))
