"""What the marks on a skin do to each map, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .canvas import Canvas
from .strokes import Points

MARKS_WIDTH = 3072  # finer than the coarse grid: a mole's edge is some 6 canvas texels wide


@dataclass
class Marks:
    """What all marks of a subject add to it: planes (h, w) float32, at most ``MARKS_WIDTH`` wide."""

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


def skin(canvas: Canvas) -> Array:
    """Where marks may lie, on the coarse grid: not on the red of the lips, in the eyes or nostrils."""
    return (1 - canvas.region("lips")) * (1 - canvas.region("eye_socket")) * (1 - canvas.region("nostril"))


def sow(random: np.random.Generator, canvas: Canvas, weight: Array, count: int) -> Points:
    """``count`` points, thickest where the weight (coarse grid) is high, in canvas texels.

    At every size they are the same, but for the few where the coarse weights differ.
    """
    share = np.clip(weight / max(float(weight.max()), 1e-6), 0, 1)
    tries = int(1.5 * count / max(float(share.mean()), 0.002)) + 200
    child = np.random.Generator(np.random.SFC64(int(random.integers(2**62))))  # how many it draws depends on the size
    draws = child.random((tries, 3))
    points = draws[:, :2] * (WIDTH, HEIGHT)
    return np.asarray(points[draws[:, 2] < canvas.sample(share, points)][:count], np.float64)
