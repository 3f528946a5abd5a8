"""Windows on a face where shapes need edges finer than the coarse grid: eyes, nose, mouth, ears.

A window is drawn at up to the canvas's own resolution, never below half of it, and averaged to the size asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array, spline

from .canvas import Canvas
from .falloff import smoothstep
from .identity import generator
from .noise import blur, fit

_FEATHER = 40.0  # canvas texels over which a window fades into the face
_KEPT = 0.68  # std of white noise less its blur by 1.5 cells, once interpolated
_CELLS = 200  # of the lattice that fibres are drawn from
_LEAST = 0.5  # texels drawn per canvas texel, whatever the size


@dataclass
class Detail:
    """What a window adds to the maps, (h, w) float32 each, over ``box``: rows and columns of the full-size planes."""

    box: tuple[slice, slice]
    height: Array  # canvas texels, added
    shade: Array  # share of the light that is left, a factor
    melanin: Array  # added to log melanin
    blood: Array  # added to log blood
    fill: Array  # cover, 0 .. 1, of the dark filling of the eye's opening
    gloss: Array  # a factor of specular


def add_details(details: Iterable[Detail], name: str, plane: Array) -> None:
    """Add one of the additive planes of all details to a full-size plane, in place."""
    for detail in details:
        plane[detail.box] += getattr(detail, name)


class Window:
    """The working grid of one box: planes (h, w) with ``a`` rising to the right, whichever side of the face it is.

    box: (a0, y0, a1, y1) in half-face texels. side: -1 the left half of the image, 1 the right, 0 across the mid-line,
    from -a1 to a1. finest: texels drawn per canvas texel where the canvas has as many. a, y: the plain layout's
    half-face texels; x: the same with its sign across the mid-line.
    """

    def __init__(self, canvas: Canvas, box: tuple[float, float, float, float], side: int, finest: float = 1.0):
        a0, y0, a1, y1 = box
        left, right = (-a1, a1) if side == 0 else (a0, a1) if side > 0 else (-a1, -a0)
        self.canvas, self.side = canvas, side
        self.extent = (right - left, y1 - y0)
        self.box = canvas.crop(WIDTH / 2 + left, y0, WIDTH / 2 + right, y1)
        self.grain = float(np.clip(canvas.scale, _LEAST, finest))
        rows, columns = self.box
        self.origin = (columns.start / canvas.scale, rows.start / canvas.scale)
        self.size = tuple(max(round((s.stop - s.start) / canvas.scale * self.grain), 2) for s in (columns, rows))
        step = tuple((s.stop - s.start) / canvas.scale / n for s, n in zip((columns, rows), self.size, strict=True))
        self._step = step
        xs, ys = ((np.arange(n) + 0.5) * d + o for n, d, o in zip(self.size, step, self.origin, strict=True))
        k = canvas.coarse_scale
        across, down = np.meshgrid((xs * k - 0.5).astype(np.float32), (ys * k - 0.5).astype(np.float32))
        u, v = (
            np.asarray(cv2.remap(plane, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
            for plane in canvas.uv
        )
        x = (self._turn(u) - np.float32(0.5)) * np.float32(WIDTH)
        self.x: Array = -x if side < 0 else x
        self.a: Array = np.abs(x)
        self.y: Array = self._turn(v) * np.float32(HEIGHT)

    def _turn(self, plane: Array) -> Array:
        return np.ascontiguousarray(plane[:, ::-1]) if self.side < 0 else plane

    def noise(self, name: str, wavelength: float, shared: float = 0.85) -> Array:
        """Unit noise of about a wavelength in canvas texels; the same at every size.

        shared: share of its power that both sides of the face have in common.
        """
        canvas, total = self.canvas, np.zeros(self.size[::-1], np.float32)
        cells = tuple(max(round(extent * 2.6 / wavelength), 2) + 1 for extent in self.extent)
        for part, key in ((shared, 0), (1 - shared, self.side + 2)):
            if part <= 0:
                continue
            lattice = generator(canvas.identity.seed, "detail", name, key).standard_normal(cells[::-1], np.float32)
            lattice -= blur(lattice, 1.5)
            if key == 0 and self.side == 0:
                lattice = (lattice + lattice[:, ::-1]) * np.float32(0.5**0.5)
            total += np.float32(part**0.5 / _KEPT) * np.asarray(cv2.resize(lattice, self.size, interpolation=cv2.INTER_CUBIC))
        return total

    def fibres(self, name: str, across: Array, along: Array, width: float, length: float) -> Array:
        """Unit noise drawn out along a pair of coordinates in canvas texels: lines ``width`` apart and ``length`` long."""
        lattice = generator(self.canvas.identity.seed, "detail", name).standard_normal((_CELLS, _CELLS), np.float32)
        lattice = fit((lattice - blur(lattice, 1.5)) / np.float32(_KEPT), 4 * _CELLS, 4 * _CELLS)  # remap knows 1/32 of a cell only
        maps = (
            np.asarray(along / np.float32(length / 10.4) + 2 * _CELLS, np.float32),
            np.asarray(across / np.float32(width / 10.4) + 2 * _CELLS, np.float32),
        )
        return np.asarray(cv2.remap(lattice, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)

    def to_pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where half-face points (N, 2) of this side lie on the working grid: (column, row), whole at a texel's centre."""
        path = (self.canvas.place(points[:, 0], points[:, 1], self.side or 1) - self.origin) / self._step
        if self.side < 0:
            path[:, 0] = self.size[0] - path[:, 0]
        return path - 0.5

    def to_curve(self, points: NDArray[np.float64], steps: int = 24) -> tuple[Array, Array]:
        """(distance, t) to a smooth curve through half-face points (N, 2) of this side.

        distance: canvas texels, positive on the right of the way the curve runs (y down). t: 0 .. 1 along the curve.
        """
        path = self.to_pixels(spline(points, steps)) + 0.5
        dense = np.linspace(0, len(path) - 1, 16 * len(path))
        px, py = (np.interp(dense, np.arange(len(path)), path[:, i] - 0.5) for i in (0, 1))
        column, row = np.round(px).astype(int), np.round(py).astype(int)
        kept = (column >= 0) & (row >= 0) & (column < self.size[0]) & (row < self.size[1])
        seeds = np.ones(self.size[::-1], np.uint8)
        seeds[row[kept], column[kept]] = 0
        first = np.zeros(self.size[::-1], np.float32)
        first[row[kept], column[kept]] = dense[kept] / dense[-1]
        near, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
        of_label = np.zeros(int(labels.max()) + 1, np.float32)
        of_label[labels[seeds == 0]] = first[seeds == 0]
        t = of_label[labels]
        tx, ty = np.gradient(px), np.gradient(py)
        norm = np.hypot(tx, ty)
        at = [_look(v, t) for v in (px, py, tx / norm, ty / norm)]
        columns, rows = np.arange(self.size[0], dtype=np.float32)[None], np.arange(self.size[1], dtype=np.float32)[:, None]
        cross = at[2] * (rows - at[1]) - at[3] * (columns - at[0])
        beyond = near - np.abs(cross) > 1.5  # past an end, the distance to it
        distance = np.where(beyond, np.sign(cross) * near, cross) / np.float32(self.grain)
        return distance.astype(np.float32), t

    def detail(
        self,
        height: Array | float = 0.0,
        shade: Array | float = 1.0,
        melanin: Array | float = 0.0,
        blood: Array | float = 0.0,
        fill: Array | float = 0.0,
        gloss: Array | float = 1.0,
    ) -> Detail:
        """The planes as a detail of the full-size maps, faded at the window's edges."""
        fade = self._fade()
        rows, columns = self.box
        shape = (columns.stop - columns.start, rows.stop - rows.start)

        def put(plane: Array | float, neutral: float) -> Array:
            faded = (np.broadcast_to(np.asarray(plane, np.float32), fade.shape) - np.float32(neutral)) * fade + np.float32(neutral)
            return self._turn(fit(faded, *shape))

        return Detail(self.box, put(height, 0), put(shade, 1), put(melanin, 0), put(blood, 0), put(fill, 0), put(gloss, 1))

    def _fade(self) -> Array:
        width, height = self.size
        across = (np.arange(width, dtype=np.float32) + 0.5) / np.float32(self.grain)
        down = (np.arange(height, dtype=np.float32) + 0.5) / np.float32(self.grain)
        x = np.minimum(across, across[::-1])
        y = np.minimum(down, down[::-1])
        return smoothstep(0, _FEATHER, x)[None, :] * smoothstep(0, _FEATHER, y)[:, None]

    def occlusion(self, form: Array, *radii: float) -> Array:
        """How far a form (canvas texels) lies below its surroundings, in units of each radius: >= 0, 0 where it is open."""
        total = np.zeros_like(form)
        for radius in radii:
            reduce = max(int(radius * self.grain / 6), 1)
            small = fit(form, max(self.size[0] // reduce, 2), max(self.size[1] // reduce, 2))
            around = fit(blur(small, radius * self.grain / reduce), *self.size)
            total += np.maximum(around - form, 0) * np.float32(1 / radius)
        return total


def _look(table: NDArray[np.float64], t: Array) -> Array:
    return table.astype(np.float32)[np.asarray(t * (len(table) - 1) + np.float32(0.5), np.int32)]
