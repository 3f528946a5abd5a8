"""From a decoded file to planes of the store's size, in the store's units: crop, decode, resize."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.slopes import slopes_of_normals

from .reading import Image

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the picture
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
Size = tuple[int, int]  # width, height in texels


def cropped(image: Image, box: Box) -> Image:
    """The part of a picture in a box, to the nearest texel. Raises GantlitzError (``bad-crop``) where that is nothing."""
    height, width = image.pixels.shape[:2]
    left, right = (round(x * width) for x in (box[0], box[2]))
    top, bottom = (round(y * height) for y in (box[1], box[3]))
    if left == right or top == bottom:
        raise GantlitzError(
            f"The crop {box} leaves nothing of {image.path}, which is {width}x{height}.", "Give a larger --crop.", "bad-crop"
        )
    return replace(image, pixels=image.pixels[top:bottom, left:right])


def resized(plane: Array, size: Size) -> Array:
    """(H, W) at another size: the mean of the covered area where it shrinks, bicubic where it grows."""
    if plane.shape == size[::-1]:
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
    vectors = np.stack([_signed(image, channel) for channel in range(3)], axis=-1)
    dx, dy = slopes_of_normals(vectors)
    return resized(dx, size), resized(dy, size)


def _signed(image: Image, channel: int) -> Array:
    """A channel of a normal map in [-1, 1]. Of the two integers beside the middle, the commoner one means 0."""
    plane = image.plane(channel)
    if image.facts.is_float:
        return plane if image.holds_vectors else plane * 2 - 1
    half = int(image.white) // 2
    zero: float = image.white / 2
    if channel < 2:
        below, above = (int(np.count_nonzero(image.pixels[..., channel] == n)) for n in (half, half + 1))
        zero = zero if below == above else half if below > above else half + 1
    return plane * 2 - np.float32(2 * zero / image.white)


def _encoded(linear: Array) -> Array:
    """The sRGB transfer function (IEC 61966-2-1)."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055).astype(np.float32)
