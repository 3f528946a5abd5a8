"""Do the maps of a face agree with each other, and does its detail lie where skin has it?"""

from __future__ import annotations

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.slopes import slopes_of_displacement

from ..figures import correlation

CELL = 8  # texels of a cell of ``detail_map``


def slope_agreement(planes: Array, texel: float, mask: Array) -> float:
    """Mean correlation of the normal's x with -dh/dx and of its y with +dh/dy inside a mask; 1 for maps of one relief.

    planes: (7, H, W) as a store gives them; texel: in millimetres; mask: (H, W).
    """
    dx, dy = slopes_of_displacement(np.ascontiguousarray(planes[6]), texel)
    inside = cv2.erode((mask > 0.99).astype(np.uint8), np.ones((3, 3))) > 0
    pairs = ((planes[3], -dx), (planes[4], dy))
    return float(np.mean([correlation(a[inside], b[inside]) for a, b in pairs]))


def detail_map(planes: Array) -> Array:
    """(7, H / 8, W / 8): logarithm of the finest octave's energy in cells of 8 texels."""
    fine = planes.transpose(1, 2, 0)
    half = cv2.resize(fine, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    octave = fine - cv2.resize(half, fine.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    height, width = fine.shape[:2]
    cells = np.square(octave).reshape(height // CELL, CELL, width // CELL, CELL, -1).mean(axis=(1, 3))
    return np.log(cells + 1e-9).transpose(2, 0, 1)


def position_correlation(real: Array, fake: Array, mask: Array) -> float:
    """Correlation of two mean ``detail_map``s over the cells inside a mask, mean over channels; 1: detail lies as in the reals."""
    cells = cv2.resize(mask, real.shape[:0:-1], interpolation=cv2.INTER_AREA) > 0.99
    return float(np.mean([correlation(a[cells], b[cells]) for a, b in zip(real, fake, strict=True)]))
