"""Map files -> image datablocks: file-backed, in the right colour space, beside the .blend by a relative path."""

from collections.abc import Mapping
from pathlib import Path

import bpy

from .runtime.errors import GantlitzError

COLOUR_MAPS = {"albedo"}  # sRGB; every other map is numbers


def load_maps(paths: Mapping[str, Path], *, pack: bool = False) -> dict[str, bpy.types.Image]:
    """One image for each map file, by kind. Nothing is decoded here: Blender reads pixels when it needs them."""
    return {kind: load_map(kind, path, pack=pack) for kind, path in paths.items()}


def load_map(kind: str, path: Path, *, pack: bool = False) -> bpy.types.Image:
    """The image of one map file; an image that already shows this file is used again, with its new content.

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
    if kind in COLOUR_MAPS:
        image.colorspace_settings.name = "sRGB"
    else:
        image.colorspace_settings.is_data = True
    image.filepath = path_in_blend(path)
    if pack:
        image.pack()
    return image


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
        shown = image.source == "FILE" and image.library is None and image.packed_file is None and image.filepath
        if shown and Path(bpy.path.abspath(image.filepath)) == path:
            return image
    return None
