"""What is drawn for a whole face on a few texels, and read at any place of any level."""

from __future__ import annotations

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.rects import Rect

OVERVIEW = 384  # texels across an overview of a face, in which widths are given


def smooth(image: Array, sigma: float) -> Array:
    """A Gaussian blur, (h, w[, C]); a wide one is made at a coarser size, where it is narrow."""
    halvings = max(int(np.log2(max(sigma, 1) / 1.5)), 0)
    if not halvings:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
    small = cv2.resize(image, None, fx=0.5**halvings, fy=0.5**halvings, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma * 0.5**halvings)
    return np.asarray(cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def where_of(rect: Rect, size: tuple[int, int]) -> tuple[Array, Array]:
    """(u, v) of the texels of a rectangle, (h, w) each. size: (height, width) of the level."""
    u = (np.arange(rect.left, rect.right, dtype=np.float32) + 0.5) / size[1]
    v = (np.arange(rect.top, rect.bottom, dtype=np.float32) + 0.5) / size[0]
    across, down = np.meshgrid(u, v)
    return across, down


def read_field(field: Array, where: tuple[Array, Array], how: int = cv2.INTER_CUBIC) -> Array:
    """A field (h, w, C) over the whole canvas at places (u, v): (H, W, C)."""
    height, width = field.shape[:2]
    x, y = where[0] * width - 0.5, where[1] * height - 0.5
    found = np.asarray(cv2.remap(field, x, y, how, borderMode=cv2.BORDER_REPLICATE), np.float32)
    return found if found.ndim == 3 else found[..., None]
