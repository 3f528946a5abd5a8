"""Map files -> image datablocks: file-backed, in the right colour space, beside the .blend by a relative path."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import bpy
import numpy as np

from .runtime.errors import GantlitzError

COLOUR_MAPS = {"albedo"}  # sRGB; every other map is numbers
SRGB = "sRGB"


def load_maps(paths: Mapping[str, Path], *, pack: bool = False) -> dict[str, bpy.types.Image]:
    """One image for each map file, by kind. Nothing is decoded here: Blender reads pixels when it needs them."""
    return {kind: load_map(kind, path, pack=pack) for kind, path in paths.items()}


def load_map(kind: str, path: Path, *, pack: bool = False) -> bpy.types.Image:
    """The image of one map file; an image that already shows this file is used again, with its new content.

    One with paint strokes that are not saved yet is left alone, and the file gets a second image.

    Raises GantlitzError (``file-unreadable``) when Blender cannot open the file.
    """
    image = _existing(path)
    if image is not None:
        image.reload()
    else:
        try:
            image = bpy.data.images.load(str(path))
        except RuntimeError as error:
            raise GantlitzError(f"Blender cannot open {path}: {error}.", "Sample again.", "file-unreadable") from error
        image.name = path.name
    # Before any pixel is touched: changing the colour space afterwards throws pixels away.
    set_colour_space(image, kind)
    image.filepath = path_in_blend(path)
    if pack:
        image.pack()
    return image


def set_colour_space(image: bpy.types.Image, kind: str) -> None:
    if kind not in COLOUR_MAPS:
        image.colorspace_settings.is_data = True
        return
    # A studio's own OCIO config may have no space of that name: its default for 8-bit files is what fits then.
    with contextlib.suppress(TypeError):
        image.colorspace_settings.name = SRGB


def is_edited(path: Path) -> bool:
    """Whether an image that shows this file has paint strokes that are not saved yet."""
    return any(image.is_dirty and _shows(image, path) for image in bpy.data.images)


def path_in_blend(path: Path) -> str:
    """`path` relative to the .blend where there is one and it can be (not across Windows drives), else absolute."""
    if not bpy.data.filepath:
        return str(path)
    try:
        return bpy.path.relpath(str(path))
    except ValueError:
        return str(path)


def _existing(path: Path) -> bpy.types.Image | None:
    for image in bpy.data.images:
        if image.library is None and image.packed_file is None and not image.is_dirty and _shows(image, path):
            return image
    return None


def _shows(image: bpy.types.Image, path: Path) -> bool:
    if image.source != "FILE" or not image.filepath:
        return False
    shown = bpy.path.abspath(image.filepath, library=image.library)
    return _normal(shown) == _normal(path)


def _normal(path: str | Path) -> str:
    """One spelling for each file: relative paths into folders beside the .blend have ``..`` in them."""
    return os.path.normcase(os.path.normpath(path))


def pixels_of(image: bpy.types.Image) -> np.ndarray:
    """(H, W, channels) float32, row 0 at the top."""
    width, height = image.size
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(height, width, image.channels)[::-1]


def read_pixels(path: Path) -> np.ndarray:
    """Likewise, of a file that Blender can open; no image of it stays. Raises RuntimeError where it cannot."""
    image = bpy.data.images.load(str(path))
    try:
        return pixels_of(image)
    finally:
        bpy.data.images.remove(image)
