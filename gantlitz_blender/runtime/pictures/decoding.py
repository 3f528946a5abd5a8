"""From a decoded file to planes of a wanted size in the units of a MapSet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from ..layout import Array
from ..slopes import slopes_of_normals
from .reading import Image

STRIP_ROWS = 512  # of a picture as it is read: the whole of a large one as vectors would be larger than all else
Size = tuple[int, int]  # width, height in texels


def resized(plane: Array, size: Size) -> Array:
    """(H, W) or (H, W, C) at another size: the mean of the covered area where it shrinks, bicubic where it grows."""
    if plane.shape[:2] == size[::-1]:
        return plane
    shrinks = size[0] <= plane.shape[1] and size[1] <= plane.shape[0]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(plane, size, interpolation=interpolation), np.float32)


def load_albedo(image: Image, size: Size, encoding: str) -> Array:
    """(H, W, 3) sRGB-encoded, [0, 1]. Averaged as stored, then encoded if it is "linear"."""
    albedo = np.empty((size[1], size[0], 3), np.float32)
    for channel in range(3):
        plane = np.clip(resized(image.plane(channel), size), 0, 1)
        albedo[..., channel] = _encoded(plane) if encoding == "linear" else plane
    return albedo


def load_grey(image: Image, size: Size) -> Array:
    """(H, W) in the file's units (white = 1): of three channels the mean."""
    plane = image.plane(0)
    for channel in range(1, image.channels):
        plane += image.plane(channel)
    plane /= image.channels
    return resized(plane, size)


def load_slopes(image: Image, size: Size) -> tuple[Array, Array]:
    """dh/dx and dh/dy (y down) of a normal map read as OpenGL, each (H, W).

    The slopes are what is averaged: like the mean of a displacement, their mean is that of the larger texel. They keep
    their values at any size, being millimetres per millimetre.
    """
    dx, dy = (np.empty(size[::-1], np.float32) for _ in range(2))
    zeros = np.array([_zero(image, channel) for channel in range(3)], np.float32)
    for rows, target in _strips(image.pixels.shape[0], size[1]):
        part = replace(image, pixels=image.pixels[rows])
        vectors = np.stack([part.plane(channel) for channel in range(3)], axis=-1)
        if not image.holds_vectors:
            vectors = vectors * 2 - zeros * 2
        here = (size[0], target.stop - target.start)
        for out, slopes in zip((dx, dy), slopes_of_normals(vectors), strict=True):
            out[target] = resized(slopes, here)
    return dx, dy


def _strips(height: int, target: int) -> Iterator[tuple[slice, slice]]:
    """Rows of a picture and the rows of a lower one that are made of them alone; a picture that grows is one strip."""
    parts = math.gcd(height, target) if target < height else 1
    each = math.ceil(STRIP_ROWS * parts / height)
    for first in range(0, parts, each):
        last = min(parts, first + each)
        yield slice(first * height // parts, last * height // parts), slice(first * target // parts, last * target // parts)


def _zero(image: Image, channel: int) -> float:
    """What stands for 0 in a channel of a normal map, white = 1. Of the two integers beside the middle, the commoner one."""
    half = int(image.white) // 2
    if image.facts.is_float or channel == 2:
        return 0.5
    below, above = (int(np.count_nonzero(image.pixels[..., channel] == n)) for n in (half, half + 1))
    return 0.5 if below == above else (half if below > above else half + 1) / image.white


def _encoded(linear: Array) -> Array:
    """The sRGB transfer function (IEC 61966-2-1)."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055).astype(np.float32)
