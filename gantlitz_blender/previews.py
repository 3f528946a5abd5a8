"""The maps of a completion so far, as pictures for the panel. They are no datablocks: nothing of the artist's file changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy.utils.previews
import numpy as np

from .client import read_preview
from .runtime.errors import GantlitzError
from .runtime.maps import MapSet

SIZE = (192, 128)  # texels; the panel shows them smaller
RELIEF = 0.5  # mm from mid grey to black or white in the picture of a displacement

_pictures: bpy.utils.previews.ImagePreviewCollection | None = None
_shown = ""  # the file that is shown


def show(message: Mapping[str, Any] | None) -> None:
    """Show the maps of a ``picture`` message, unless they are shown already."""
    global _shown
    if message is None or message["path"] == _shown:
        return
    try:
        maps = read_preview(dict(message))
    except GantlitzError:  # a newer one has taken its place
        return
    _shown = message["path"]
    for kind, pixels in as_pictures(maps).items():
        _put(kind, pixels)


def icons() -> dict[str, int]:
    """The icon of each map, by kind, for layout.template_icon; empty as long as there is nothing to show."""
    return {kind: picture.icon_id for kind, picture in _pictures.items()} if _pictures else {}


def clear() -> None:
    """Show nothing."""
    global _shown
    _shown = ""
    if _pictures is not None:
        _pictures.clear()


def as_pictures(maps: MapSet) -> dict[str, np.ndarray]:
    """Each map as an artist knows it, float32 (SIZE, 4) in [0, 1], row 0 at the bottom, in a square of SIZE[0]."""
    relief = 0.5 + maps.displacement / (2 * RELIEF)
    grey = {"specular": maps.specular, "displacement": relief}
    coloured = {"albedo": maps.albedo, "normal": maps.normal / 2 + 0.5}
    coloured |= {kind: np.repeat(plane[..., None], 3, axis=2) for kind, plane in grey.items()}
    return {kind: _square(coloured[kind]) for kind in ("albedo", "normal", "specular", "displacement")}


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()


def unregister() -> None:
    global _pictures
    bpy.utils.previews.remove(_pictures)
    _pictures = None


def _square(picture: np.ndarray) -> np.ndarray:
    """The nearest texels, in the middle of a transparent square: icons are square."""
    width, height = SIZE
    rows = np.arange(height) * picture.shape[0] // height
    columns = np.arange(width) * picture.shape[1] // width
    out = np.zeros((width, width, 4), np.float32)
    top = (width - height) // 2
    out[top : top + height, :, :3] = np.clip(picture[rows][:, columns], 0, 1)
    out[top : top + height, :, 3] = 1
    return out[::-1]


def _put(kind: str, pixels: np.ndarray) -> None:
    assert _pictures is not None
    picture = _pictures.get(kind) or _pictures.new(kind)
    picture.image_size = picture.icon_size = pixels.shape[:2]
    picture.image_pixels_float.foreach_set(pixels.ravel())
    picture.icon_pixels_float.foreach_set(pixels.ravel())
