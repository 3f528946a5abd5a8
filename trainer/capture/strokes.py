"""Small things drawn one by one: profiles stamped at points, thin lines and hairs."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array

from .canvas import Canvas
from .noise import blur

Points = NDArray[np.float64]

LINE_PEAK = 2.507  # sqrt(2 pi): a line of 1 blurred by sigma peaks at 1 / (LINE_PEAK sigma)
_LEVELS = 128  # of alpha that hairs are drawn with


def stamp(plane: Array, points: Points, radius: int, profile: NDArray[np.float32]) -> None:
    """Add (N, 2r+1, 2r+1) profiles to a plane at the texels of points (N, 2); those off the edge are dropped."""
    height, width = plane.shape
    x, y = np.floor(points[:, 0]).astype(np.int64), np.floor(points[:, 1]).astype(np.int64)
    whole = (x >= radius) & (y >= radius) & (x < width - radius) & (y < height - radius)
    offset = np.arange(-radius, radius + 1)
    index = (y[whole] * width + x[whole])[:, None, None] + (offset[:, None] * width + offset[None, :])[None]
    np.add.at(plane.reshape(-1), index.reshape(-1), profile[whole].reshape(-1))


def offsets(points: Points, radius: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """From each point to the centres of the texels about it: dx (N, 1, 2r+1), dy (N, 2r+1, 1)."""
    grid = np.arange(-radius, radius + 1, dtype=np.float32) + 0.5
    dx = grid[None, :] - (points[:, :1] % 1).astype(np.float32)
    dy = grid[None, :] - (points[:, 1:] % 1).astype(np.float32)
    return dx[:, None, :], dy[:, :, None]


def scatter(random: np.random.Generator, pitch: float, width: float, height: float, jitter: float) -> Points:
    """Points of a jittered hexagonal grid over a canvas, (N, 2); jitter as a share of the pitch."""
    rows, columns = int(height / (pitch * 0.866)) + 2, int(width / pitch) + 2
    x = (np.arange(columns)[None, :] + 0.5 * (np.arange(rows) % 2)[:, None]) * pitch
    y = np.broadcast_to((np.arange(rows) * pitch * 0.866)[:, None], x.shape)
    points = np.stack([x.ravel(), y.ravel()], 1)
    points += random.normal(0, jitter * pitch, points.shape)
    keep = (points > 0).all(1) & (points[:, 0] < width) & (points[:, 1] < height)
    return points[keep]


def draw_lines(plane: Array, paths: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """Thin lines along paths (P, N, 2) in texels of the plane, with a value for each segment (P, N - 1).

    The lines hold ``value`` per texel of length and texel of width: blurred by sigma they peak at value / (LINE_PEAK sigma).
    """
    fixed = np.round(paths * 16).astype(np.int32)
    step = paths[:, 1:] - paths[:, :-1]
    length = np.maximum(np.hypot(step[..., 0], step[..., 1]), 1e-6)
    dense = length / np.maximum(np.maximum(np.abs(step[..., 0]), np.abs(step[..., 1])), 1e-6)
    levels = values * dense
    for path, level in zip(fixed, levels, strict=True):
        for i in np.flatnonzero(level):
            cv2.line(plane, path[i].tolist(), path[i + 1].tolist(), (float(level[i]),), 1, cv2.LINE_8, 4)


def draw_hairs(plane: NDArray[np.uint8], paths: NDArray[np.float64], alpha: NDArray[np.float64], thickness: int = 1) -> None:
    """Anti-aliased strokes along paths (P, N, 2), alpha (P, N - 1) in 0 .. 1, on 8 bits: the darker lies over the lighter."""
    ends = np.round(np.stack([paths[:, :-1], paths[:, 1:]], 2) * 16).astype(np.int32).reshape(-1, 2, 2)
    levels = (np.clip(alpha, 0, 1) * _LEVELS).round().astype(np.intp).ravel()
    order = np.argsort(levels, kind="stable")
    bounds = np.searchsorted(levels[order], np.arange(_LEVELS + 2))
    for level in range(1, _LEVELS + 1):
        lines = ends[order[bounds[level] : bounds[level + 1]]]
        if len(lines):  # all of one level in one call: a call for each would take ten times as long
            cv2.polylines(plane, lines, False, (level * 255 / _LEVELS,), thickness, cv2.LINE_AA, 4)


class Patch:
    """A box of the canvas drawn at the canvas's own resolution whatever the size, then averaged into place.

    ink: (h, w) uint8 to draw on, in canvas texels from ``origin`` (x, y).
    """

    def __init__(self, points: Points, margin: float):
        low, high = np.floor(points.min(0) - margin), np.ceil(points.max(0) + margin)
        self.origin = low
        self.ink = np.zeros((int(high[1] - low[1]), int(high[0] - low[0])), np.uint8)

    def paste(self, canvas: Canvas, cover: Array, plane: Array) -> None:
        """Compose cover (0 .. 1, as large as ink) over a full-size plane of cover."""
        s = canvas.scale
        rows, columns = canvas.crop(*self.origin, *(self.origin + cover.shape[::-1]))
        smooth = blur(cover, 0.42 / s) if s < 0.9 else cover
        x = ((np.arange(columns.start, columns.stop) + 0.5) / s - 0.5 - self.origin[0]).astype(np.float32)
        y = ((np.arange(rows.start, rows.stop) + 0.5) / s - 0.5 - self.origin[1]).astype(np.float32)
        across, down = np.meshgrid(x, y)
        part = np.asarray(cv2.remap(smooth, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))
        plane[rows, columns] += part * (1 - plane[rows, columns])


def curved_strokes(
    points: Points, angle: NDArray[np.float64], length: NDArray[np.float64], bend: NDArray[np.float64], steps: int
) -> NDArray[np.float64]:
    """Strokes that start at points with a heading and turn by ``bend`` radians over their length: (P, steps + 1, 2)."""
    t = (np.arange(steps) + 0.5) / steps
    heading = angle[:, None] + bend[:, None] * t
    step = (length / steps)[:, None]
    move = np.stack([np.cos(heading) * step, np.sin(heading) * step], -1)
    return np.concatenate([points[:, None], points[:, None] + np.cumsum(move, 1)], 1)
