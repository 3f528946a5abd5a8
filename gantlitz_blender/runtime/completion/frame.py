"""Where the layouts of a scan and of the model meet: in which sizes maps go from one to the other, and back."""

from __future__ import annotations

import math

import cv2
import numpy as np

from .. import layout
from ..errors import GantlitzError
from ..layout import Array
from ..maps import normalise
from ..pictures import decoding
from .alignment import Alignment
from .resampling import Maps, blended

ASPECT = layout.WIDTH / layout.HEIGHT
SHADED = ("albedo", "specular")  # what has a colour around the face too
SPREAD_AT = 192  # texels at which it is found
SAME_SHAPE = 0.01  # of the aspect: what less differs is rounding


class Frame:
    """The way of one scan's maps.

    alignment: None where they lie in the model's layout already. canvas: (width, height) of the model's. levels: the coarsest
    one that it has.
    Raises GantlitzError (``bad-maps``) for maps in the model's layout that have not its shape.
    """

    def __init__(self, maps: Maps, alignment: Alignment | None, canvas: tuple[int, int], levels: int):
        self.alignment, self.canvas, self.levels = alignment, canvas, levels
        self.maps = dict(maps)
        self.widest = max(maps.values(), key=lambda array: array.shape[1])
        for name, array in maps.items():
            height, width = array.shape[:2]
            if alignment is None and abs(width / height / ASPECT - 1) > SAME_SHAPE:
                raise GantlitzError(
                    f"The {name} map is {width} x {height}, and the model's layout is 3:2.",
                    "Click points on it, so that it can be brought into the model's layout.",
                    "bad-maps",
                )

    def size(self, width: int | None) -> tuple[int, int]:
        """(width, height) of an answer, in the scan's layout; None is the widest known map's."""
        height, widest = self.widest.shape[:2]
        width = width or widest
        return width, max(1, round(width * height / widest))

    def level(self, width: int, least: bool = False) -> int:
        """The level of the model's layout whose texels are as fine as those of a scan this wide: the nearest, or the one that is
        at least as fine."""
        across = 1.0  # widths of the scan that the layout is wide
        if self.alignment is not None:
            across = self.alignment.scale * layout.WIDTH / self.alignment.points.image[0]
        octaves = math.log2(self.canvas[0] / (across * width))
        return min(max(math.floor(octaves + 0.01) if least else round(octaves), 0), self.levels)

    def known(self, finest: int = 0) -> dict[str, Array]:
        """The scan's maps in the model's layout, each at the level that is nearest to its own fineness, but none finer than
        ``finest``."""
        found = {}
        for name, array in self.maps.items():
            level = max(self.level(array.shape[1]), finest)
            size = (self.canvas[0] >> level, self.canvas[1] >> level)
            if self.alignment is None:
                found[name] = resized(name, array, size)
            else:
                found[name] = self.alignment.to_layout({name: array}, *size)[name]
        return found

    def trust(self, width: int = 768) -> Array:
        """(H, W): where the scan shows the face, in the model's layout."""
        height = width * 2 // 3
        return layout.mask(width, height) if self.alignment is None else self.alignment.known(width, height)

    def back(self, made: Maps, size: tuple[int, int], own: Maps) -> dict[str, Array]:
        """Maps of the model's layout in the scan's, (width, height). own: the scan's at that size, for what is outside the face;
        where there is none, albedo and specular go on as they are at its border: grey would show in the shading."""
        if self.alignment is not None:
            around = {**{name: self._around(name, made[name], size) for name in SHADED if name in made}, **own}
            return self.alignment.to_scan(made, *size, around)
        weight = layout.mask(*size)
        around = {**{name: spread(made[name], layout.mask(*_size(made[name])), size) for name in SHADED if name in made}, **own}
        return {name: blended(name, resized(name, array, size), around.get(name), weight) for name, array in made.items()}

    def _around(self, name: str, made: Array, size: tuple[int, int]) -> Array:
        assert self.alignment is not None
        small = (SPREAD_AT, max(1, round(SPREAD_AT * size[1] / size[0])))
        black = np.zeros((small[1], small[0], *made.shape[2:]), np.float32)
        face = self.alignment.to_scan({name: made, "displacement": np.ones(made.shape[:2], np.float32)}, *small, {name: black})
        return spread(face[name], face["displacement"], size, weighted=True)


def spread(face: Array, weight: Array, size: tuple[int, int], weighted: bool = False) -> Array:
    """A map (H, W) or (H, W, 3) at (width, height) that goes on beyond its face as it is near the border, and smoothly.

    weight: (H, W), 1 on the face. weighted: the map has been multiplied by it.
    """
    width = min(SPREAD_AT, face.shape[1])
    small = (width, max(1, round(width * face.shape[0] / face.shape[1])))
    here, known = (np.asarray(cv2.resize(x, small, interpolation=cv2.INTER_AREA), np.float32) for x in (face, weight))
    if not weighted:
        here = here * (known if here.ndim == 2 else known[..., None])
    total, share = np.zeros_like(here), np.zeros_like(known)
    for sigma, counts in ((0.01, 1.0), (0.04, 1e-2), (0.15, 1e-4), (0.6, 1e-6)):  # of the width; the nearest that has a say
        total += counts * cv2.GaussianBlur(here, (0, 0), sigma * width).reshape(here.shape)
        share += counts * cv2.GaussianBlur(known, (0, 0), sigma * width)
    share = np.maximum(share, 1e-12)
    out = total / (share if here.ndim == 2 else share[..., None])
    return np.asarray(cv2.resize(out, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _size(array: Array) -> tuple[int, int]:
    return array.shape[1], array.shape[0]


def resized(name: str, array: Array, size: tuple[int, int]) -> Array:
    """A map at (width, height): area-averaged where that is smaller, bicubic where it is larger; in its range."""
    out = decoding.resized(array, size)
    if out is array:
        return array
    if name in ("albedo", "specular"):
        np.clip(out, 0, 1, out=out)
    elif name == "normal":
        normalise(out)
    return out
