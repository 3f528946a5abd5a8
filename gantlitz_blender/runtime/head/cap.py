"""What the texture does not cover: the back of the skull and of the neck, as a plain cap behind the skin. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import layout
from .base import CROWN, FloatArray, base_normals, half_girth, head_positions
from .features import bones_and_flesh, step
from .grid import EDGE

OVERLAP = 90.0  # texels that the cap reaches under the skin
BEHIND_EAR = 330.0  # and under the ear, which stands off the head
SINK, EAR_SINK = 0.7, 4.0  # millimetres that it lies below the skin, and below the ear
NAPE_TOP = 300.0  # y at which the line from the forehead over the crown ends on the back of the head


def cap_mesh_arrays(around: int = 120, rings: int = 40) -> tuple[FloatArray, NDArray[np.int32]]:
    """Vertices (V, 3) metres and quads (Q, 4): rings from under the skin's edge to the mid-line of the nape.

    around: quads along half of the skin's edge; rings: quads from the edge to the nape.
    """
    a, y = _rim(around)
    place = np.linspace(1, 0, around + 1)  # 1 over the forehead .. 0 at the neck
    f = np.linspace(0, 1, rings + 1)[:, None]
    # Seen from above the crown, with y as the radius: paths go straight over the crown and in arcs around the neck.
    turn, radius = a / half_girth(y) * np.pi, y - CROWN
    end = NAPE_TOP - CROWN + (1 - place) ** 1.5 * (layout.HEIGHT - NAPE_TOP)
    arc_turn, arc_radius = turn + (np.pi - turn) * f, radius + (end - radius) * f
    over = step(0.15, 1.0, place)
    side = (1 - over) * arc_radius * np.sin(arc_turn) + over * radius * np.sin(turn) * (1 - f)
    ahead = (1 - over) * arc_radius * np.cos(arc_turn) + over * (radius * np.cos(turn) * (1 - f) - end * f)
    p = head_positions(np.arctan2(side, ahead).ravel() / np.pi, np.hypot(side, ahead).ravel() + CROWN)
    p = p.reshape(rings + 1, around + 1, 3)
    # The features of the skin's edge fade out over the cap.
    off = bones_and_flesh(a, y)[None] * step(0.35, 0.0, f) - _sink(a, y) * step(0.12, 0.03, f)
    p += base_normals(a, y)[None] * off[..., None]
    p[:, 0, 0], p[-1, :, 0] = 0, 0
    both = np.concatenate([p[:, :0:-1] * [-1, 1, 1], p], axis=1)
    columns = both.shape[1]
    index = np.arange((rings + 1) * columns).reshape(rings + 1, columns)
    quads = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], -1).reshape(-1, 4)
    # The two halves meet along the nape: weld them.
    mirror = index.copy()
    mirror[-1, : columns // 2] = index[-1, : columns // 2 : -1]
    used, flat = np.unique(mirror.ravel()[quads], return_inverse=True)
    vertices = both.reshape(-1, 3)[used] * [1, -1, 1] * 1e-3
    return vertices, flat.reshape(-1, 4).astype(np.int32)


def _rim(count: int) -> tuple[FloatArray, FloatArray]:
    """Half-face points (count + 1,) of the cap's edge, from over the forehead to the bottom of the neck."""
    centre = 2200.0
    angle = np.linspace(0, np.pi * 0.85, 800)
    low, high = np.full_like(angle, 500.0), np.full_like(angle, 4000.0)
    for _ in range(40):
        middle = (low + high) / 2
        a, y = middle * np.sin(angle), centre - middle * np.cos(angle)
        under = EDGE + OVERLAP + BEHIND_EAR * _at_ear(a, y)
        within = layout.inside((a / layout.WIDTH + 0.5)[None], (y / layout.HEIGHT)[None])[0] > under
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    a, y = low * np.sin(angle), centre - low * np.cos(angle)
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(a), np.diff(y)))])
    last = np.interp(layout.HEIGHT, y[400:], length[400:])
    at = np.linspace(0, last, count + 1)
    return np.interp(at, length, a), np.interp(at, length, y)


def _at_ear(a: FloatArray, y: FloatArray) -> FloatArray:
    """1 under the ear, 0 elsewhere."""
    return np.exp(-(((y - 1750) / 520) ** 4)) * step(1700, 2300, a)


def _sink(a: FloatArray, y: FloatArray) -> FloatArray:
    return SINK + EAR_SINK * _at_ear(a, y)
