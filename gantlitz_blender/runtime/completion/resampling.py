"""Maps seen through a warp: filtered where they shrink, interpolated where they grow, normals turned with the surface.

Interpolation is the cubic spline (scipy.ndimage), whose places are not rounded: what is enlarged tenfold still has smooth
slopes. Where the source is finer than the target it is read from its area averages at 1/2, 1/4 ..., blended between the two
sizes beside the one that is asked for (Williams 1983).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..layout import Array
from ..slopes import normals_of_slopes, slopes_of_normals
from .warp import Size, Warp

STRIP_ROWS = 128
COARSE = 256  # places from side to side at which footprints are measured
Maps = Mapping[str, Array]
"""Any of albedo (H, W, 3), normal (H, W, 3), specular and displacement (H, W), as in a MapSet; each of its own size."""

NEUTRAL: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {"albedo": (0.5, 0.5, 0.5), "normal": (0.0, 0.0, 1.0), "specular": (0.5,), "displacement": (0.0,)}
)


class Resampling:
    """Where each texel of a target of ``size`` looks in the source, and how much of it it covers.

    where: (H, W) bool, the texels that are wanted; the others become 0. No place outside the source picture is among them.
    """

    def __init__(self, warp: Warp, size: Size, where: NDArray[np.bool_] | None = None):
        width, height = size
        self.warp, self.shape = warp, (height, width)
        self.u, self.v = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
        self.s, self.t = np.empty(self.shape, np.float32), np.empty(self.shape, np.float32)
        in_strips(height, self._place)
        self.octave = self._octave()
        self.where = (self.s > 0) & (self.s < 1) & (self.t > 0) & (self.t < 1)
        if where is not None:
            self.where &= where

    def _place(self, rows: slice) -> None:
        self.s[rows], self.t[rows] = self.warp.on_grid(self.u, self.v[rows])

    def _octave(self) -> Array:
        """log2 of how many texels of ``warp.source`` the longer axis of a texel's footprint covers; smooth, so few suffice."""
        even = (np.arange(COARSE) + 0.5) / COARSE
        xx, xy, yx, yy = self.warp.jacobian(even, even)
        across, down = self.warp.target[0] / self.shape[1], self.warp.target[1] / self.shape[0]
        a, b, c = (xx**2 + yx**2) * across**2, (xy**2 + yy**2) * down**2, (xx * xy + yx * yy) * across * down
        longest = 0.5 * (a + b) + np.sqrt(0.25 * (a - b) ** 2 + c**2)  # the greater singular value, squared
        octave = 0.5 * np.log2(np.maximum(longest, 1e-12)).astype(np.float32)
        return np.asarray(cv2.resize(octave, self.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)

    def plane(self, source: Array) -> Array:
        """One channel (h, w) of the source as the target sees it, (H, W)."""
        octave = np.maximum(self.octave + np.float32(math.log2(source.shape[1] / self.warp.source[0])), 0)
        wanted = octave[self.where]
        out = np.zeros(self.shape, np.float32)
        if not wanted.size:
            return out
        first, last = math.floor(wanted.min()), math.ceil(wanted.max())
        for level in range(last + 1):
            if level:
                source = _halved(source)
            if level >= first:
                self._add_level(source, level, octave, out)
        return out

    def _add_level(self, source: Array, level: int, octave: Array, out: Array) -> None:
        spline = ndimage.spline_filter(source, 3, output=np.float32, mode="reflect")
        height, width = source.shape

        def add(rows: slice) -> None:
            share = 1 - np.abs(octave[rows] - level)
            here = self.where[rows] & (share > 0)
            places = np.stack([self.t[rows][here] * height - 0.5, self.s[rows][here] * width - 0.5])
            values = ndimage.map_coordinates(spline, places, np.float32, 3, mode="reflect", prefilter=False)
            out[rows][here] += share[here] * values

        in_strips(self.shape[0], add)

    def slopes(self, dX: Array, dY: Array, scale: float) -> tuple[Array, Array]:
        """(dh/dx, dh/dy) in the target of a relief whose slopes in the source are dX, dY.

        By the chain rule, with the transposed Jacobian, so that they stay the slopes of the resampled displacement in mm.
        scale: how many texels of ``warp.source`` are as long as one of ``warp.target``. A warp that turns, mirrors and
        resizes by just that keeps the length of every slope.
        """
        dX, dY = self.plane(dX), self.plane(dY)

        def turn(rows: slice) -> None:
            xx, xy, yx, yy = (j.astype(np.float32) / np.float32(scale) for j in self.warp.jacobian(self.u, self.v[rows]))
            X, Y = dX[rows], dY[rows]
            dX[rows], dY[rows] = xx * X + yx * Y, xy * X + yy * Y

        in_strips(self.shape[0], turn)
        return dX, dY

    def map(self, name: str, source: Array, scale: float) -> Array:
        """A whole map by its name. Colours and specular stay in [0, 1], normals unit vectors, flat where not wanted."""
        if name == "normal":
            return normals_of_slopes(*self.slopes(*slopes_of_normals(source), scale))
        if name == "displacement":
            return self.plane(source)
        if source.ndim == 2:
            return np.clip(self.plane(source), 0, 1)
        return np.stack([np.clip(self.plane(source[..., i]), 0, 1) for i in range(source.shape[2])], -1)


def blended(name: str, over: Array, under: Array | None, weight: Array) -> Array:
    """weight (H, W) of ``over``, the rest of ``under`` or, where that is None, of what stands for nothing."""
    w = weight if over.ndim == 2 else weight[..., None]
    rest = np.asarray(NEUTRAL[name] if over.ndim == 3 else NEUTRAL[name][0], np.float32) if under is None else under
    out = rest + w * (over - rest)
    if name == "normal":
        out /= np.sqrt(np.einsum("hwc,hwc->hw", out, out))[..., None]
    return out


def in_strips(height: int, work: Callable[[slice], Any]) -> None:
    """Strips of rows on threads, as many as there are cores: numpy and scipy work outside the interpreter's lock."""
    strips = [slice(top, min(top + STRIP_ROWS, height)) for top in range(0, height, STRIP_ROWS)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, strips):
            pass


def _halved(plane: Array) -> Array:
    height, width = plane.shape
    return np.asarray(cv2.resize(plane, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA), np.float32)
