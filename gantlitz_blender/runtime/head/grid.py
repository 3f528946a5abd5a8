"""The grid that samples the preview head: its vertices, quads and UVs, clipped to the layout's outline. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import layout
from .base import FloatArray
from .features import step
from .shape import face_positions

EDGE = layout.MASK_EDGE + 12.0  # texels: how far inside the layout's outline the skin ends, so that the mask is 1 on it
CORNER = 2.0  # texels that a lone corner stands out from the smooth edge, or its quad would be a triangle


def head_mesh_arrays(columns: int = 288, rows: int = 216) -> tuple[FloatArray, NDArray[np.int32], FloatArray]:
    """The skin as a grid: vertices (V, 3) metres, quads (Q, 4), uvs (V, 2) in [0, 1] with v from the top.

    columns (even), rows: quads across and down the whole canvas; about two thirds of them lie on the face.
    """
    a, y = _lattice(columns, rows)
    corners = _depth(a, y) > 0
    cells = corners[:-1, :-1] & corners[1:, :-1] & corners[:-1, 1:] & corners[1:, 1:]
    index = np.arange(a.size).reshape(a.shape)
    # Anticlockwise as seen from outside, so that the faces look outward.
    lattice_quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1)[cells]
    used, quads = np.unique(lattice_quads, return_inverse=True)
    quads = quads.reshape(-1, 4).astype(np.int32)
    a, y = a.ravel()[used], y.ravel()[used]
    rim = _rim_vertices(quads)
    lone = np.bincount(quads.ravel(), minlength=len(a))[rim] == 1
    a[rim], y[rim] = _onto_outline(a[rim], y[rim], np.where(lone, -CORNER, 0))
    _relax(a, y, quads, rim)
    uvs = np.stack([a / layout.WIDTH + 0.5, y / layout.HEIGHT], -1)
    return face_positions(uvs[:, 0], uvs[:, 1]), quads, uvs


def _lattice(columns: int, rows: int) -> tuple[FloatArray, FloatArray]:
    """(rows + 1, columns + 1) texels from the mid-line, signed, and from the top; closer where the features are."""
    half = _spread(columns // 2, (0, 800, 1100, 1900, 2150, 3072), (1.5, 1.4, 0.8, 0.7, 1.1, 1.1))
    down = _spread(rows, (0, 1100, 1350, 1650, 2150, 2950, 3300, 4096), (0.7, 0.9, 1.4, 1.3, 1.2, 1.3, 0.8, 0.7))
    a, y = np.meshgrid(np.concatenate([-half[:0:-1], half]), down)
    # One of the rows runs along the line between the lips, or the line would be a staircase.
    row = int(np.argmin(np.abs(down - 2800)))
    line = layout.lip_edges(np.minimum(np.abs(a[0]), 394.0))[1].astype(float)
    pull = (line - down[row]) * step(700, 394, np.abs(a[0]))
    return a, y + pull * np.exp(-(((y - down[row]) / 90) ** 2))


def _spread(count: int, at: tuple[float, ...], density: tuple[float, ...]) -> FloatArray:
    """count + 1 grid lines from at[0] to at[-1], closer where the density, given at `at`, is higher."""
    fine = np.linspace(at[0], at[-1], 4001)
    total = np.concatenate([[0], np.cumsum(np.interp((fine[1:] + fine[:-1]) / 2, at, density))])
    return np.interp(np.linspace(0, total[-1], count + 1), total, fine)


def _depth(a: FloatArray, y: FloatArray) -> FloatArray:
    """Texels inside the edge of the skin, negative outside. a: signed texels from the mid-line."""
    # |a|, because u in float32 is not quite symmetric.
    return layout.inside(np.abs(a) / layout.WIDTH + 0.5, y / layout.HEIGHT).astype(float) - EDGE


def _rim_vertices(quads: NDArray[np.int32]) -> NDArray[np.int64]:
    """The vertices of the edges that belong to one quad only."""
    edges = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    edges, count = np.unique(edges, axis=0, return_counts=True)
    return np.unique(edges[count == 1])


def _onto_outline(a: FloatArray, y: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Moves the rim from the last whole cell to the outline, to depth `target`: a smooth line instead of a staircase."""
    bottom = y > layout.HEIGHT - 1
    for _ in range(4):
        # layout.inside wants two dimensions: one row of points.
        depth = _depth(a[None], y[None])[0] - target
        slope_a = (_depth(a[None] + 4, y[None])[0] - _depth(a[None] - 4, y[None])[0]) / 8
        slope_y = np.where(bottom, 0, (_depth(a[None], y[None] + 4)[0] - _depth(a[None], y[None] - 4)[0]) / 8)
        pull = np.where(bottom & (depth > 60), 0, depth / np.maximum(slope_a**2 + slope_y**2, 0.05))
        a, y = a - pull * slope_a, y - pull * slope_y
    return a, y


def _relax(a: FloatArray, y: FloatArray, quads: NDArray[np.int32], rim: NDArray[np.int64], rounds: int = 24) -> None:
    """Evens out the cells next to the rim, in place: what was cut there would show as ripples in the ear."""
    edges = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])  # inner edges twice, once each way
    fixed = np.zeros(len(a), bool)
    fixed[rim] = True
    reach = np.clip(1 - (_depth(a[None], y[None])[0] / 160), 0, 1)
    weight = np.where(fixed, 0, 0.5 * reach)
    count = np.bincount(edges.ravel(), minlength=len(a))
    for _ in range(rounds):
        for x in (a, y):
            total = np.bincount(edges[:, 0], x[edges[:, 1]], len(a)) + np.bincount(edges[:, 1], x[edges[:, 0]], len(a))
            x += weight * (total / count - x)
