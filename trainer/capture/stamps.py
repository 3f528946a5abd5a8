"""What a mark on the skin does to each map, and the irregular round shapes that marks are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .canvas import Canvas
from .marks import Points, offsets, stamp

MARKS_WIDTH = 3072  # finer than the coarse grid: a mole's edge is some 6 canvas texels wide


@dataclass
class Marks:
    """What all marks of a subject add to it: planes (h, w) float32 of at most half the full size."""

    melanin: Array  # added to log melanin
    blood: Array  # added to log blood
    height: Array  # canvas texels
    gloss: Array  # added to the specular's factor: -1 takes all of it
    smooth: Array  # share of pores and fine relief that is gone, 0 .. 1

    @classmethod
    def blank(cls, canvas: Canvas) -> Marks:
        """No marks at all."""
        width = min(canvas.full[0], MARKS_WIDTH)
        return cls(*(np.zeros((width * HEIGHT // WIDTH, width), np.float32) for _ in range(5)))


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


def bell(r: Array) -> Array:
    """A soft mound: .6 half-way out, nearly 0 at r = 1.5."""
    return np.exp(-2 * r * r)


def disc(r: Array, edge: float = 0.35) -> Array:
    """Flat to near the outline, then falling within ``edge`` of the radius on either side of it."""
    t = np.clip((1 + edge - r) / np.float32(2 * edge), 0, 1)
    return t * t * (3 - 2 * t)


def dome(r: Array) -> Array:
    """A rounded cap with a definite foot, as a raised mole has: sqrt-like near r = 1, no edge that would alias."""
    return np.sqrt(np.maximum(1 - (r / np.float32(1.12)) ** 2, 0)) * disc(r, 0.3)


def skin(canvas: Canvas) -> Array:
    """Where marks may lie, on the coarse grid: not on the red of the lips, in the eyes or nostrils."""
    return (1 - canvas.region("lips")) * (1 - canvas.region("eye_socket")) * (1 - canvas.region("nostril"))


def sow(random: np.random.Generator, canvas: Canvas, weight: Array, count: int) -> Points:
    """``count`` points, thickest where the weight (coarse grid) is high, in canvas texels: at every size the same ones."""
    share = np.clip(weight / max(float(weight.max()), 1e-6), 0, 1)
    tries = int(1.5 * count / max(float(share.mean()), 0.002)) + 200
    child = np.random.Generator(np.random.SFC64(int(random.integers(2**62))))  # how many it draws depends on the size
    draws = child.random((tries, 3))
    points = draws[:, :2] * (WIDTH, HEIGHT)
    return np.asarray(points[draws[:, 2] < canvas.sample(share, points)][:count], np.float64)
