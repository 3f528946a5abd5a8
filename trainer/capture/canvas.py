"""The place a subject is drawn on: sizes, the identity's warp of the layout, regions and noise at a reduced size.

Whatever is smooth is worked out on a coarse grid, at most 1536 wide (4 canvas texels a step), and enlarged at the end;
only pores, hairs and fine grain are drawn at the full size. Positions are canvas texels (x right, y down, 6144 x 4096).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .identity import Identity
from .noise import band_noise, blur, fit
from .shape_warp import shape_warp

COARSE_WIDTH = 1536
_FINE = 0.35  # texels drawn per canvas texel (some 2150 wide) from which pores, furrows and hairs are drawn one by one


class Canvas:
    """One subject at one size. Planes are float32, (height, width) of the coarse or the full grid; points are (N, 2) float64."""

    def __init__(self, identity: Identity, width: int, height: int):
        self.identity = identity
        self.full = (width, height)
        self.scale = width / WIDTH  # texels drawn per canvas texel
        self.fine = self.scale >= _FINE
        coarse = min(width, COARSE_WIDTH)
        self.coarse = (coarse, coarse * height // width)
        self.coarse_scale = coarse / WIDTH
        self._regions: dict[str, Array] = {}
        self._shared: dict[Callable[[Canvas], Array], Array] = {}

    @cached_property
    def uv(self) -> tuple[Array, Array]:
        """(u, v) of the coarse grid's texels after the identity's warp: where in the plain layout each of them lies."""
        u, v = np.meshgrid(*(axis.ravel() for axis in layout.uv_grid(*self.coarse)))
        x, y = u * np.float32(WIDTH), v * np.float32(HEIGHT)
        dx, dy = shape_warp(self.identity, self.coarse, x, y)
        return (x + dx) / WIDTH, (y + dy) / HEIGHT

    @cached_property
    def half(self) -> tuple[Array, Array]:
        """Half-face texels (a, y) of the warped coarse grid."""
        return layout.half_face(*self.uv)

    @cached_property
    def mask(self) -> Array:
        """The face mask at full size; it is not warped."""
        return layout.mask(*self.full)

    @cached_property
    def coarse_mask(self) -> Array:
        """The face mask on the coarse grid."""
        return layout.mask(*self.coarse)

    def region(self, name: str) -> Array:
        """A region's weight on the coarse grid, moved with the identity's warp."""
        if name not in self._regions:
            self._regions[name] = np.asarray(layout.REGIONS[name](*self.half), np.float32)
        return self._regions[name]

    def shared(self, draw: Callable[[Canvas], Array]) -> Array:
        """A coarse plane that several layers ask for, drawn once: ``canvas.shared(beard_density)``. Not to be changed."""
        if draw not in self._shared:
            self._shared[draw] = draw(self)
        return self._shared[draw]

    def mix(self, **gains: float) -> Array:
        """Sum of regions times gains on the coarse grid."""
        total = np.zeros(self.coarse[::-1], np.float32)
        for name, gain in gains.items():
            total += np.float32(gain) * self.region(name)
        return total

    def noise(self, layer: str, low: float, high: float, slope: float = 0.0, full: bool = False, paired: float = 0.0) -> Array:
        """Unit noise of wavelengths low .. high canvas texels on the coarse grid, or on the full one.

        paired: share of its power that is mirrored, the same on both sides of the face.
        """
        plane = band_noise(self.identity.seed, layer, self.full if full else self.coarse, low, high, slope)
        if not paired:
            return plane
        common, own = plane + plane[:, ::-1], plane - plane[:, ::-1]
        return np.float32(np.sqrt(paired / 2)) * common + np.float32(np.sqrt((1 - paired) / 2)) * own

    def enlarge(self, plane: Array, smooth: bool = False) -> Array:
        """A coarse plane at full size. smooth: without the ripple that cubic interpolation leaves on slopes."""
        large = fit(plane, *self.full)
        step = self.full[0] / plane.shape[1]
        return blur(large, 0.6 * step) if smooth and step > 1 else large

    def place(self, a: ArrayLike, y: ArrayLike, side: int) -> NDArray[np.float64]:
        """Where points of the plain layout come to lie on this face: (N, 2) canvas texels.

        a, y: half-face texels; side: -1 for the left half of the image, 1 for the right.
        """
        goal = np.stack([WIDTH / 2 + side * np.asarray(a, np.float64), np.asarray(y, np.float64)], -1)
        point = goal.copy()
        for _ in range(3):  # the warp says where a texel comes from: run it backwards
            point += goal - self.sample_xy(point)
        return point

    def sample_xy(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The plain layout's position, in canvas texels, under points of this face, (N, 2)."""
        u, v = self.uv
        return np.stack([self.sample(u, points) * WIDTH, self.sample(v, points) * HEIGHT], -1)

    def sample(self, plane: Array, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of a coarse plane at points (N, 2) in canvas texels, bilinear."""
        x = np.clip(points[:, 0] * self.coarse_scale - 0.5, 0, plane.shape[1] - 1.001)
        y = np.clip(points[:, 1] * self.coarse_scale - 0.5, 0, plane.shape[0] - 1.001)
        ix, iy = x.astype(np.intp), y.astype(np.intp)
        fx, fy = x - ix, y - iy
        top = plane[iy, ix] * (1 - fx) + plane[iy, ix + 1] * fx
        return top * (1 - fy) + (plane[iy + 1, ix] * (1 - fx) + plane[iy + 1, ix + 1] * fx) * fy

    @cached_property
    def tension(self) -> Array:
        """Tension lines, (h, w, 2) unit axes in texels, on half the coarse grid: they turn slowly."""
        u, v = self.uv
        return layout.tension_direction(u[::2, ::2], v[::2, ::2])

    def axis(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tension axes (N, 2) at points; taken from the nearest texel, for axes must not be averaged as vectors."""
        height, width = self.tension.shape[:2]
        x = np.clip((points[:, 0] * (width / WIDTH)).astype(np.intp), 0, width - 1)
        y = np.clip((points[:, 1] * (height / HEIGHT)).astype(np.intp), 0, height - 1)
        return self.tension[y, x].astype(np.float64)

    def crop(self, x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice]:
        """Rows and columns of the full grid that cover a box in canvas texels."""
        w, h = self.full
        s = self.scale
        return (slice(max(int(y0 * s), 0), min(int(np.ceil(y1 * s)), h)), slice(max(int(x0 * s), 0), min(int(np.ceil(x1 * s)), w)))
