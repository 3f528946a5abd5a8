"""Maps as the pixels of images: what a program that shows them uploads as it is. Needs numpy only."""

from __future__ import annotations

import numpy as np

from .maps import MapSet

KINDS = ("albedo", "normal", "specular", "displacement")  # the order of the images


def image_pixels(maps: MapSet) -> np.ndarray:
    """(4, H, W, 4) float32: the images of KINDS, RGBA, row 0 at the bottom, alpha 1.

    Albedo sRGB-encoded, normal as 0.5 + 0.5 n, specular grey, displacement grey in millimetres.
    """
    out = np.ones((len(KINDS), maps.height, maps.width, 4), np.float32)
    out[0, ..., :3] = maps.albedo[::-1]
    out[1, ..., :3] = maps.normal[::-1]
    out[1, ..., :3] *= 0.5
    out[1, ..., :3] += 0.5
    out[2, ..., :3] = maps.specular[::-1, :, None]
    out[3, ..., :3] = maps.displacement[::-1, :, None]
    return out
