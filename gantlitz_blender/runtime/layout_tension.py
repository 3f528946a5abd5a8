"""Relaxed skin tension lines: the direction along which skin folds, everywhere on the layout.

Lines lie across the pull of the muscles below: horizontal on the forehead, curved-vertical between the brows, around
the lids, fanning out from the eye corners, around the mouth on the cheeks and across the lips, horizontal on the neck.
Directions are axes (a line has no sign), so they are blended as double angles.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import layout
from .layout import Array
from .layout_regions import REGIONS, _blob, _step


def _around(a: Array, y: Array, ca: float, cy: float, aspect: float = 1.0) -> NDArray[np.floating]:
    """The angle of a circle about (ca, cy), or of an ellipse ``aspect`` times wider than high."""
    return np.arctan2(a - ca, -(y - cy) * aspect * aspect)


def _away(a: Array, y: Array, ca: Array | float, cy: float) -> NDArray[np.floating]:
    return np.arctan2(y - cy, a - ca)


def tension_direction(u: ArrayLike, v: ArrayLike) -> Array:
    """Unit vectors along the tension lines, (H, W, 2) float32: x to the right and y down, in texels of a 3:2 texture.

    An axis, not an arrow: d and -d mean the same. Mirror symmetric about u = 0.5.
    """
    a, y = np.broadcast_arrays(*layout.half_face(u, v))
    mouth_a = np.clip(a, 0, 300)  # lines leave the mouth across the lip line, fanning out at its corners
    level = np.zeros_like(a)
    parts = (
        (0.35 + level, _around(a, y, 0, 2620)),
        (4.0 * REGIONS["forehead"](a, y), level + 0.06),
        (9.0 * _blob(a, y, 60, 1210, 100, 130), level + 1.75),
        (6.0 * _blob(a, y, 0, 1460, 150, 90), level),
        (5.0 * REGIONS["nose"](a, y) * _step(1450, 1650, y), level + 0.45),
        (8.0 * _blob(a, y, 593, 1500, 200, 150), _around(a, y, 593, 1490, 1.35)),
        (5.0 * _blob(a, y, 1080, 1500, 170, 220), _away(a, y, 640, 1500)),
        (6.0 * _blob(a, y, 0, 2790, 330, 150), _away(a, y, mouth_a, 2795)),
        (5.0 * REGIONS["lips"](a, y), _away(a, y, mouth_a, 2795)),
        (4.0 * _blob(a, y, 0, 3050, 260, 70), level - 0.05),
        (2.0 * _blob(a, y, 0, 3300, 330, 150), _around(a, y, 0, 3600, 1.3)),
        (5.0 * REGIONS["ear"](a, y), _around(a, y, 2427, 1765, 0.6)),
        (5.0 * REGIONS["neck"](a, y), level - 0.08),
    )
    across, down = level.astype(np.float64), level.astype(np.float64)
    for weight, angle in parts:
        across += weight * np.cos(2 * angle)
        down += weight * np.sin(2 * angle)
    angle = 0.5 * np.arctan2(down, across)
    side = np.where(np.broadcast_to(np.asarray(u, np.float32), a.shape) < 0.5, -1.0, 1.0)
    return np.stack([side * np.cos(angle), np.sin(angle)], -1).astype(np.float32)
