"""What only a store asks of a scan's maps; ``pictures.checks`` asks the rest."""

from __future__ import annotations

from collections.abc import Collection

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.pictures.checks import ASPECT_TOLERANCE, bad_map, check_shapes, is_grey
from gantlitz_blender.runtime.pictures.reading import Facts, Image


def check_aspects(files: Collection[Facts], width: float, height: float) -> None:
    """Raises GantlitzError (``bad-aspect``) unless all have one aspect ratio, and (cropped) that of the store.

    width, height: of the store, divided by the share of the picture that the crop box keeps of each side.
    """
    check_shapes(files)
    first = next(iter(files))
    if abs(first.width * height / (first.height * width) - 1) > ASPECT_TOLERANCE:
        raise GantlitzError(
            f"{first.path} is {first.width}x{first.height}, which is not of the store's shape ({width / height:.3f} : 1).",
            "Give a --size of the same shape, or a --crop.",
            "bad-aspect",
        )


def check_colour(albedo: Image) -> None:
    """Raises GantlitzError (``bad-map``) for an albedo without colour, which nothing could be learnt from."""
    if is_grey(albedo):
        raise bad_map(
            f"{albedo.path} is grey, but an albedo map has colour.", "Export the colour map, or name the file for what it is."
        )
