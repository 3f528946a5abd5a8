"""Pores and grain for what no known map is fine enough to tell: the finest octaves of a sample of the model.

A completer answers with what it expects, and where nothing is known that is smooth skin. A sample of the model has skin of
its own, of the same kind at the same places of the layout, and its four maps agree; the octaves that a scan's files lack are
taken from it, and nothing coarser.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from ..errors import GantlitzError
from ..layout import Array
from ..maps import STRIP_ROWS, MapSet
from ..slopes import normals_of_slopes, slopes_of_normals

LEAST = 0.02  # albedo and specular below it are not scaled up
MOST = {"albedo": 1.15, "specular": 1.5}  # times brighter or darker: more is an edge of the sample, which lies elsewhere


def add_detail(maps: MapSet, sample: MapSet, octaves: Mapping[str, int]) -> None:
    """Add the finest octaves of a sample to maps of the same size, in place.

    octaves: name of a map -> how many; those not named stay. An answer of twice the width of the finest known map lacks
    one. Slopes and displacements add, albedo and specular multiply, so that dark skin is given the grain of dark skin.
    Raises GantlitzError (``bad-maps``) for a sample of another size.
    """
    if (maps.width, maps.height) != (sample.width, sample.height):
        raise GantlitzError(
            f"The sample is {sample.width} x {sample.height} texels, the maps {maps.width} x {maps.height}.",
            "Render it at the maps' level.",
            "bad-maps",
        )
    for name, count in octaves.items():
        if count < 1:
            continue
        if name == "displacement":
            maps.displacement[:] += _fine(sample.displacement, count)
        elif name == "normal":
            _add_slopes(maps.normal, sample.normal, count)
        else:
            for plane, like in zip(_planes(getattr(maps, name)), _planes(getattr(sample, name)), strict=True):
                coarse = np.maximum(_coarse(like, count), np.float32(LEAST))
                grain = (np.maximum(like, np.float32(LEAST)) / coarse).clip(1 / MOST[name], MOST[name])
                np.clip(plane * grain, 0, 1, out=plane)


def _add_slopes(normal: Array, like: Array, octaves: int) -> None:
    fine = [_fine(plane, octaves) for plane in slopes_of_normals(like)]
    for top in range(0, len(normal), STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        dx, dy = slopes_of_normals(normal[rows])
        normal[rows] = normals_of_slopes(dx + fine[0][rows], dy + fine[1][rows])


def _planes(array: Array) -> list[Array]:
    """Views of the channels."""
    return [array] if array.ndim == 2 else [array[..., i] for i in range(array.shape[2])]


def _fine(plane: Array, octaves: int) -> Array:
    return plane - _coarse(plane, octaves)


def _coarse(plane: Array, octaves: int) -> Array:
    """A plane (H, W) averaged over squares of 2^octaves texels and enlarged again."""
    small = cv2.resize(plane, None, fx=0.5**octaves, fy=0.5**octaves, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, plane.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
