"""A face as an asset: a .blend with its material, marked, described, with a picture; what is open in Blender stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from . import conventions, images, material
from .runtime.export_profiles import Output
from .runtime.recipe import Recipe


@dataclass(frozen=True)
class Description:
    """What the asset browser tells of an asset. catalogue: its UUID."""

    text: str
    author: str
    licence: str
    tags: Sequence[str]
    catalogue: str


def write_asset(
    path: Path, name: str, maps: Mapping[str, Path], recipe: Recipe, output: Output, picture: Path, about: Description
) -> None:
    """Write a .blend with the material alone. Its images are files, by paths relative to the folder of `path`."""
    before = set(bpy.data.images)
    made: bpy.types.Material | None = None
    try:
        loaded = images.load_maps(maps)
        made = material.build_face_material(loaded, recipe, name)
        conventions.follow(made, output)
        for kind, image in loaded.items():
            image.filepath = f"//{maps[kind].relative_to(path.parent).as_posix()}"
        made.asset_mark()
        data = made.asset_data
        data.author, data.license, data.description = about.author, about.licence, about.text
        data.catalog_id = about.catalogue
        for tag in about.tags:
            data.tags.new(tag, skip_if_exists=True)
        _set_picture(made, picture)
        bpy.data.libraries.write(str(path), {made}, path_remap="NONE", fake_user=True, compress=True)
    finally:
        if made is not None:
            bpy.data.materials.remove(made)
        for image in set(bpy.data.images) - before:
            bpy.data.images.remove(image)


def _set_picture(made: bpy.types.Material, path: Path) -> None:
    pixels = images.read_pixels(path)
    height, width = pixels.shape[:2]
    shown = np.ones((height, width, 4), np.float32)
    shown[..., :3] = pixels[::-1, :, :3]
    preview = made.preview_ensure()
    preview.image_size = (width, height)
    preview.image_pixels_float.foreach_set(shown.ravel())
