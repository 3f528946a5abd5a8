"""Maps as the pixels of images: what a program that shows them uploads as it is.

Importing this needs numpy only; OpenCV is imported by what lays the pixels out.
"""

from __future__ import annotations

import numpy as np

from .maps import MapSet

KINDS = ("albedo", "normal", "specular", "displacement")  # the order of the images
# Of the eight channels of stacked maps: those that are an image's red, green and blue.
_SHOWN = ((0, 1, 2), (3, 4, 5), (6, 6, 6), (7, 7, 7))


def image_pixels(maps: MapSet) -> np.ndarray:
    """(4, H, W, 4) float32: the images of KINDS, RGBA, row 0 at the bottom, alpha 1.

    Albedo sRGB-encoded, normal as 0.5 + 0.5 n, specular grey, displacement grey in millimetres.
    """
    import cv2  # some four times as quick as numpy's assignments, whose innermost loops are three numbers long

    stacked = np.ascontiguousarray(maps.stacked()[::-1])
    out = np.empty((len(KINDS), maps.height, maps.width, 4), np.float32)
    out.reshape(-1, maps.width * 4)[:] = np.tile(np.array([0, 0, 0, 1], np.float32), maps.width)
    pairs = [(source, 4 * image + channel) for image, shown in enumerate(_SHOWN) for channel, source in enumerate(shown)]
    cv2.mixChannels([stacked], list(out), [number for pair in pairs for number in pair])
    normal = out[1].reshape(maps.height, -1)
    normal *= np.tile(np.array([0.5, 0.5, 0.5, 1], np.float32), maps.width)
    normal += np.tile(np.array([0.5, 0.5, 0.5, 0], np.float32), maps.width)
    return out
