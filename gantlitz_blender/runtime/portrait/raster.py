"""Triangles -> pixels: which triangle each pixel shows, and where in it. A z-buffer in whole arrays; numpy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import Cancelled

CANDIDATES_AT_ONCE = 1 << 20  # pixels of triangles' boxes that are looked at together: memory grows with it


@dataclass(frozen=True, eq=False)
class Raster:
    """What each pixel shows, row 0 at the top.

    owner: (H, W) int, the nearest triangle over the pixel's middle, -1 for none. weights: (H, W, 3) float32, of the
    triangle's corners, linear on the picture. nearness: (H, W) float32, as given for the corners; -inf where there is none.
    """

    owner: NDArray[np.int64]
    weights: NDArray[np.float32]
    nearness: NDArray[np.float32]


def rasterise(corners: np.ndarray, size: tuple[int, int], cancelled: Callable[[], bool] | None = None) -> Raster:
    """Draw triangles. corners: (T, 3, 3), of each corner the pixel's x from the left and y from the top, and its nearness, linear
    on the picture and larger in front (1 / distance for a perspective). size: (H, W). Both sides of a triangle are drawn.

    Raises Cancelled between two portions.
    """
    height, width = size
    owner = np.full(height * width, -1)
    weights = np.zeros((height * width, 3), np.float32)
    nearness = np.full(height * width, -np.inf, np.float32)
    corners = corners.astype(np.float32, copy=False)
    x, y = corners[..., 0], corners[..., 1]
    # The pixels whose middles lie in each triangle's box.
    left, right = _whole(np.ceil(x.min(1) - 0.5), width), _whole(np.floor(x.max(1) - 0.5), width - 1, least=-1)
    top, bottom = _whole(np.ceil(y.min(1) - 0.5), height), _whole(np.floor(y.max(1) - 0.5), height - 1, least=-1)
    area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])
    side = np.maximum(right - left, bottom - top) + 1
    drawn = (right >= left) & (bottom >= top) & (np.abs(area) > 1e-9)
    # Triangles of like size together: each has a square of pixels to try.
    power = np.ceil(np.log2(np.maximum(side, 1))).astype(int)
    for exponent in np.unique(power[drawn]):
        square = 1 << int(exponent)
        down, across = np.divmod(np.arange(square * square), square)
        some = np.flatnonzero(drawn & (power == exponent))
        step = max(1, CANDIDATES_AT_ONCE // (square * square))
        for start in range(0, len(some), step):
            if cancelled and cancelled():
                raise Cancelled
            t = some[start : start + step]
            column, row = left[t, None] + across, top[t, None] + down
            px, py = column + np.float32(0.5), row + np.float32(0.5)
            x0, x1, x2 = (x[t, k, None] for k in range(3))
            y0, y1, y2 = (y[t, k, None] for k in range(3))
            w1 = ((px - x0) * (y2 - y0) - (x2 - x0) * (py - y0)) / area[t, None]
            w2 = ((x1 - x0) * (py - y0) - (px - x0) * (y1 - y0)) / area[t, None]
            w0 = 1 - w1 - w2
            hit = (np.minimum(np.minimum(w0, w1), w2) >= -1e-5) & (column <= right[t, None]) & (row <= bottom[t, None])
            which, _ = np.nonzero(hit)
            w = np.stack([w0[hit], w1[hit], w2[hit]], -1)
            pixel = (row * width + column)[hit]
            near = (w * corners[t[which], :, 2]).sum(1, dtype=np.float32)
            closer = near > nearness[pixel]
            pixel, near, which, w = pixel[closer], near[closer], which[closer], w[closer]
            np.maximum.at(nearness, pixel, near)
            won = near == nearness[pixel]
            owner[pixel[won]], weights[pixel[won]] = t[which[won]], w[won]
    return Raster(owner.reshape(size), weights.reshape(*size, 3), nearness.reshape(size))


def _whole(values: np.ndarray, largest: int, least: int = 0) -> NDArray[np.int64]:
    return np.clip(np.nan_to_num(values), least, largest).astype(np.int64)
