"""The part of a picture that is used."""

from __future__ import annotations

from dataclasses import replace

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.pictures.reading import Image

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the picture
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


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
