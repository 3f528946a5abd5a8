"""Wrinkles: broken, uneven strokes that follow the tension lines, deeper with age; valleys between low shoulders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .canvas import COARSE_WIDTH, Canvas
from .identity import generator
from .noise import blur, fit
from .strokes import LINE_PEAK, Points, draw_lines

_STEP = 11.0  # canvas texels between the points of a stroke
_SIGMAS = (2.4, 3.8, 6.5)  # canvas texels: half-widths of the three classes of lines


def draw_wrinkles(canvas: Canvas) -> tuple[Array, Array]:
    """(height, creases) at full size, in canvas texels: what wrinkles add, and how deep their valleys are (>= 0)."""
    strokes = _Strokes(canvas)
    old = canvas.identity.age
    late = max(old - 0.25, 0) / 0.75
    for side in (-1, 1):
        strokes.around("crows_feet", side, 5 + round(9 * old), (890, 1120), (1330, 1640), 110 + 190 * old, 1, 1.7 * late)
        strokes.around("under_eye", side, 6 + round(8 * old), (420, 800), (1680, 1800), 140 + 120 * old, 0, 0.3 + 1.1 * late)
        strokes.around("lid", side, 5, (430, 780), (1270, 1335), 200, 0, 0.25 + 0.8 * late)
        strokes.around("glabella", side, 2 + round(3 * old), (45, 130), (1200, 1340), 110 + 90 * old, 1, 1.4 * late)
        strokes.around("lip_top", side, round(9 * old), (20, 330), (2560, 2650), 110, 0, 1.1 * late)
        strokes.around("cheek", side, round(40 * old), (560, 1500), (1800, 2700), 200, 0, 0.55 * late)
        strokes.around("fine", side, 260 + round(900 * old), (0, 1900), (420, 3400), 75, 0, 0.12 + 0.2 * old)
        strokes.around("neck", side, 14 + round(60 * old), (0, 1150), (3560, 4080), 220, 1, 0.12 + 0.6 * late)
    levels = 480 + 102 * np.arange(6)
    for i, level in enumerate(levels):
        strokes.across(f"forehead{i}", float(level), 0.22 + 2.6 * late)
    strokes.across("nasion", 1455, 0.2 + 1.6 * late, 150)
    return strokes.draw()


def _wander(random: np.random.Generator, count: int, smooth: float) -> NDArray[np.float64]:
    """Smooth noise of unit deviation over ``count`` steps, that forgets itself after about ``smooth`` of them."""
    margin = int(4 * smooth)
    walk = gaussian_filter1d(random.normal(0, 1, count + 2 * margin), smooth)[margin : margin + count]
    return np.asarray(walk * np.sqrt(2 * np.sqrt(np.pi) * smooth))


class _Strokes:
    """The strokes of a subject, gathered by their width and then drawn together; ``width`` is a place in ``_SIGMAS``."""

    def __init__(self, canvas: Canvas):
        self.canvas = canvas
        self.brow_lift = generator(canvas.identity.seed, "wrinkle", "gull").normal(14, 16)
        self.paths: list[list[Points]] = [[] for _ in _SIGMAS]
        self.depths: list[list[NDArray[np.float64]]] = [[] for _ in _SIGMAS]

    def around(
        self,
        name: str,
        side: int,
        count: int,
        a: tuple[float, float],
        y: tuple[float, float],
        length: float,
        width: int,
        depth: float,
    ) -> None:
        """Strokes that start anywhere in a box of half-face texels and follow the tension lines both ways."""
        if count <= 0 or depth <= 0.02:
            return
        random = generator(self.canvas.identity.seed, "wrinkle", name, side + 1)
        start = self.canvas.place(random.uniform(*a, count), random.uniform(*y, count), side)
        reach = length * random.gamma(4, 0.25, count)
        steps = max(int(reach.max() / 2 / _STEP), 2)
        halves = [self._follow(start, way, steps, random) for way in (-1, 1)]
        paths = np.concatenate([halves[0][:, ::-1], halves[1][:, 1:]], 1)
        along = (np.abs(np.arange(2 * steps) - steps + 0.5) * _STEP)[None, :] / (reach[:, None] / 2)
        taper = np.clip(1 - along**2, 0, 1)
        self._add(paths, taper * (depth * random.lognormal(-0.15, 0.5, count))[:, None], width, random)

    def across(self, name: str, level: float, depth: float, reach: float = 1150) -> None:
        """One fold across the midline: strands that run beside each other, cross, swell and fade."""
        random = generator(self.canvas.identity.seed, "wrinkle", name)
        strength = random.beta(1.2, 1.4) * depth
        x = np.arange(-1.1 * reach, 1.1 * reach, _STEP)
        gull = self.brow_lift * np.cos(np.clip(x / 760, -1.6, 1.6) * np.pi)  # lines follow the brows' arches
        spine = level + random.normal(0, 24) - gull + 20 * _wander(random, len(x), 45) + 8 * _wander(random, len(x), 12)
        for strand in range(3 + random.poisson(3)):
            centre, half = random.normal(0, 0.4 * reach), reach * random.uniform(0.12, 0.6)
            part = np.abs(x - centre) < half
            if part.sum() < 8:
                continue
            count = int(part.sum())
            stray = (4 + 8 * min(strand, 2)) * _wander(random, count, 16) + 2.5 * _wander(random, count, 4)
            path = np.stack([WIDTH / 2 + x[part], spine[part] + stray], 1)[None]
            taper = np.clip(1 - np.abs(np.linspace(-1, 1, count - 1)) ** 2, 0, 1)
            taper *= np.clip(1.25 - np.abs(x[part][1:] / reach) ** 2, 0, 1)
            taper *= np.clip(0.75 + 0.55 * _wander(random, count - 1, 9), 0, 2)
            width = int(random.choice(3, p=(0.3, 0.45, 0.25) if depth > 1 else (0.5, 0.5, 0)))
            self._add(path, (taper * strength * random.lognormal(-0.1, 0.45))[None], width, random)

    def _follow(self, start: Points, way: int, steps: int, random: np.random.Generator) -> Points:
        points = [start]
        heading = way * self.canvas.axis(start)
        drift = random.normal(0, 0.22, len(start))
        for _ in range(steps):
            axis = self.canvas.axis(points[-1])
            axis *= np.where((axis * heading).sum(1) < 0, -1, 1)[:, None]
            drift = 0.9 * drift + random.normal(0, 0.09, len(start))
            turn = np.stack([-axis[:, 1], axis[:, 0]], 1) * drift[:, None]
            heading = axis + turn
            points.append(points[-1] + _STEP * heading)
        return np.stack(points, 1)

    def _add(self, paths: Points, depths: NDArray[np.float64], width: int, random: np.random.Generator) -> None:
        rough = random.normal(0, 1, (len(depths), depths.shape[1] + 8))
        rough = np.apply_along_axis(np.convolve, 1, rough, np.ones(9) / 3, "valid")  # skin is uneven along a fold
        self.paths[width].extend(paths)
        self.depths[width].extend(depths * np.clip(1 + 0.45 * rough, 0, 2))

    def draw(self) -> tuple[Array, Array]:
        """(height, creases), see ``draw_wrinkles``. Never drawn narrower than 1536: lines would fall between texels."""
        width, height = self.canvas.full if self.canvas.full[0] > COARSE_WIDTH else (COARSE_WIDTH, COARSE_WIDTH * HEIGHT // WIDTH)
        s = width / WIDTH
        relief = np.zeros((height, width), np.float32)
        creases = np.zeros_like(relief)
        for sigma, paths, depths in zip(_SIGMAS, self.paths, self.depths, strict=True):
            if not paths:
                continue
            lines = np.zeros_like(relief)
            for path, depth in zip(paths, depths, strict=True):
                draw_lines(lines, (path * s)[None], depth[None])
            lines *= np.float32(LINE_PEAK * sigma * s)
            valley = blur(lines, sigma * s)
            np.minimum(valley, 3.2, out=valley)
            creases += valley
            lines = blur(lines, 2.3 * sigma * s)
            lines *= np.float32(0.55)
            relief += lines
        relief -= creases
        region = self.canvas.region
        skin = fit((1 - region("eye_socket")) * (1 - region("nostril")) * (1 - 0.8 * region("lips")), width, height)
        relief *= skin
        creases *= skin
        return fit(relief, *self.canvas.full), fit(creases, *self.canvas.full)
