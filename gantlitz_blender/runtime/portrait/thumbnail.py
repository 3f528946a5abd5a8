"""Thumbnails of faces: the flat albedo, or a portrait on a head whose view is kept for the next face."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import sizing
from ..errors import GantlitzError
from ..maps import MapSet
from ..recipe import Recipe
from .mesh import PortraitMesh, preview_head
from .shading import DIRECTIONS, Bytes, shade
from .view import View, look_at

if TYPE_CHECKING:
    from ..face_model import FaceModel

Cancel = Callable[[], bool] | None
FLAT, HEAD = "flat", "head"
LARGEST = 1024  # pixels: a portrait's view is held in memory, some 150 bytes for each of four times as many
VIEWS_KEPT = 2


class Thumbnails:
    """Makes thumbnails; keeps the views of the last meshes."""

    def __init__(self) -> None:
        self._views: OrderedDict[tuple[str, int, int], View] = OrderedDict()

    def make(self, model: FaceModel, recipe: Recipe, width: int, shape: str, cancelled: Cancel = None) -> Bytes:
        """(H, W, 4) sRGB and alpha, row 0 at the top, `width` pixels wide.

        shape: "flat" is the albedo as it is, in the canvas's aspect; "head" a portrait on the preview head, square; anything else
        the path of a mesh (PortraitMesh.save), likewise. Raises GantlitzError (``bad-mesh``, ``bad-request``, what
        FaceModel.render raises) and Cancelled.
        """
        if width > LARGEST:
            raise GantlitzError(f"A thumbnail of {width} pixels is too large.", f"Ask for 1 to {LARGEST}, or for a preview.")
        if shape == FLAT:
            return flat(maps_of(model, recipe, width, cancelled))
        view = self.view(shape, width, cancelled)  # before the maps: what is wrong with the mesh is known at once
        return shade(view, maps_of(model, recipe, width, cancelled))

    def view(self, shape: str, width: int, cancelled: Cancel = None) -> View:
        """The view of "head" or of a mesh file, kept as long as the file stays as it is."""
        try:
            key = (shape, 0 if shape == HEAD else Path(shape).stat().st_mtime_ns, width)
        except OSError as error:
            raise GantlitzError(
                f"The mesh for the contact sheet is gone: {shape}.", "Show the seeds again.", "bad-mesh"
            ) from error
        if key not in self._views:
            mesh = preview_head() if shape == HEAD else PortraitMesh.load(shape)
            self._views[key] = look_at(mesh, width, DIRECTIONS, cancelled)
            while len(self._views) > VIEWS_KEPT:
                self._views.popitem(last=False)
        self._views.move_to_end(key)
        return self._views[key]


def maps_of(model: FaceModel, recipe: Recipe, width: int, cancelled: Cancel) -> MapSet:
    """The maps `width` texels wide, in tiles so small that every core has one."""
    height = sizing.height_for(model, width)
    return sizing.render_sized(model, recipe, width, height, tile=max(32, -(-width // 2)), draft=True, cancelled=cancelled)


def flat(maps: MapSet) -> Bytes:
    """(H, W, 4): the albedo."""
    out = np.full((maps.height, maps.width, 4), 255, np.uint8)
    out[..., :3] = np.clip(maps.albedo, 0, 1) * 255 + 0.5
    return out
