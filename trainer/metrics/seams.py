"""Does a face show where its tiles met? It may not: a tile is the crop of the whole."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.recipe import Recipe

from .faces import planes_of

TILES = (64, 96, 160)  # sides that put borders at different places
SIDE = 256  # texels of the square at the finest level


def seam_difference(model: FaceModel, recipe: Recipe, sides: tuple[int, ...] = TILES) -> dict[str, float]:
    """The largest difference, over all maps, between a square of skin made in one tile and the same one made in several.

    ``largest``: in each map's own unit; 0 says that tiles agree to the last bit. ``differing``: share of values that differ.
    """
    side = min(SIDE, model.height // 2)
    left, top = model.width // 2 - side // 2, model.height // 2 - side // 2
    region = (left, top, left + side, top + side)
    whole = planes_of(model.render(recipe, region=region, tile=side))
    apart = [np.abs(planes_of(model.render(recipe, region=region, tile=t)) - whole) for t in sides if t < side]
    return {"largest": float(max(a.max() for a in apart)), "differing": float(np.mean([a > 0 for a in apart]))}
