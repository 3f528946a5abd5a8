"""The same face as another scan of it would be: the truth itself changes, not only what is shown of it.

Features lie elsewhere in the layout than ours do; hair of the brows comes out as raised lumps; the mesh beneath holds more of the
broad shapes, which the displacement then lacks; eyes are closed, painted over, or printed with eyeballs. What changes is drawn on
a small overview of the face and is a smooth function of the place, so that all levels and patches of a face change alike.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.layout_regions import curve_distance, eye_opening, region
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.slopes import slopes_of_displacement

from .fields import OVERVIEW, read_field, smooth, where_of

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
BROW = 130.0  # canvas texels about the brow's line where dark is hair
FADE = 300.0  # canvas texels from the mask's edge over which features begin to lie elsewhere
STEEPEST = 0.98  # of a normal's x and y together


class Places(NamedTuple):
    """Of an overview's texels: weights of brows and ears, the eyes' openings as a field, freedom to move, the way from the eye."""

    brow: Array
    ear: Array
    opening: Array
    free: Array
    eye: tuple[Array, Array]


@cache
def places(width: int, height: int) -> Places:
    """Of an overview of a size."""
    u, v = layout.uv_grid(width, height)
    a, y = np.broadcast_arrays(*layout.half_face(u, v))
    near = np.exp(-0.5 * (curve_distance(a, y, "brow", 3 * BROW) / np.float32(BROW / 2)) ** 2).astype(np.float32)
    free = np.clip(layout.inside(u, v) / np.float32(FADE), 0, 1)
    ca, cy = layout.half_point("eye_centre")
    return Places(near, region("ear", u, v), eye_opening(u, v), free, (a - np.float32(ca), y - np.float32(cy)))


class Rescan:
    """One face's changes.

    overview: (7, h, w) of the whole face, near ``OVERVIEW`` texels wide.
    """

    def __init__(self, rng: np.random.Generator, overview: Array):
        here = places(overview.shape[2], overview.shape[1])
        self.bend = _bend(rng, here)
        self.slip = (rng.normal(0, 0.001, 2) * (rng.random() < 0.6)).astype(np.float32)  # of the albedo beside the relief
        texels, relief = overview.shape[2] / OVERVIEW, overview[6]
        lump = rng.uniform(0.1, 1.3) * (rng.random() < 0.7)
        added = np.float32(lump) * _brows(overview[:3], here)
        if rng.random() < 0.5:  # the mesh has the broad shapes
            broad = np.exp(rng.uniform(np.log(2), np.log(12))) * texels
            added -= np.float32(rng.uniform(0.3, 1)) * smooth(relief, broad)
        opening = np.clip((np.float32(1.6) - here.opening) / np.float32(0.5), 0, 1)
        opening *= rng.random() < 0.5
        self.paint = np.dstack([opening, *_eyes(rng, overview[:3], opening, here)]) if opening.any() else None
        filled = _surroundings(relief + added, opening, 10 * texels)
        added += cv2.GaussianBlur(opening, (0, 0), 1.0) * (filled - relief - added)
        self.added = np.dstack([added, *slopes_of_displacement(added, layout.texel_mm(overview.shape[2]))])

    def source(self, rect: Rect, size: tuple[int, int]) -> Rect:
        """The rectangle that must be there to yield ``rect``."""
        x, y = self._from(rect, size)
        return Rect(int(y.min()) - 2, int(x.min()) - 2, int(np.ceil(y.max())) + 3, int(np.ceil(x.max())) + 3)

    def __call__(self, planes: Array, albedo: Array, source: Rect, rect: Rect, size: tuple[int, int]) -> tuple[Array, Array]:
        """(truth, shown), (7, h, w) each, of a rectangle. planes: the face, albedo: (3, ...) as shown, both on ``source``."""
        where = where_of(source, size)
        if self.paint is not None:
            cover, *paint = read_field(self.paint, where, cv2.INTER_LINEAR).transpose(2, 0, 1)
            albedo = albedo + cover * (np.stack(paint) - albedo)
        x, y = self._from(rect, size)
        x, y = x - source.left, y - source.top
        truth = np.stack([_looked_up(p, x, y) for p in self._relief(planes, where)])
        (xx, xy), (yx, yy) = (np.gradient(p, axis=(1, 0)) for p in (x, y))
        nx, ny = truth[3].copy(), truth[4].copy()
        truth[3], truth[4] = nx * xx - ny * yx, ny * yy - nx * xy  # slopes turn and stretch along
        right, down = self.slip * np.float32(size[1])
        return truth, np.stack([*(_looked_up(p, x + right, y + down) for p in albedo), *truth[3:]])

    def _relief(self, planes: Array, where: tuple[Array, Array]) -> Array:
        """(7, h, w) with the changed displacement and its normals."""
        height, dx, dy = read_field(self.added, where, cv2.INTER_LINEAR).transpose(2, 0, 1)
        out = planes.copy()
        out[6] += height
        length = np.sqrt(np.maximum(1 - np.square(planes[3:5]).sum(axis=0), 1 - STEEPEST**2))
        slopes = planes[3:5] / length + np.stack([-dx, dy])
        out[3:5] = slopes / np.sqrt(1 + np.square(slopes).sum(axis=0))
        return out

    def _from(self, rect: Rect, size: tuple[int, int]) -> tuple[Array, Array]:
        """(x, y): where each texel of a rectangle looks, in texels of the level."""
        u, v = where_of(rect, size)
        away = read_field(self.bend, (u, v), cv2.INTER_LINEAR)
        return (u + away[..., 0]) * size[1] - np.float32(0.5), v * size[0] + away[..., 1] * size[1] - np.float32(0.5)


def _bend(rng: np.random.Generator, here: Places) -> Array:
    """(h, w, 2): how far off each place looks, in widths of the layout. Ears more so: each layout unwraps them in its own way."""
    size = here.ear.shape[::-1]
    amount = np.abs(rng.normal(0, 0.006)) * (rng.random() < 0.7)
    face = rng.normal(0, amount, (5, 7, 2)) + rng.normal(0, amount / 2, 2)
    ears = rng.normal(0, np.abs(rng.normal(0, 0.006)), (14, 21, 2))
    wide, narrow = (cv2.resize(x.astype(np.float32), size, interpolation=cv2.INTER_CUBIC) for x in (face, ears))
    return np.asarray((wide + narrow * here.ear[..., None]) * here.free[..., None], np.float32)


def _looked_up(plane: Array, x: Array, y: Array) -> Array:
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _surroundings(plane: Array, hole: Array, sigma: float) -> Array:
    """A plane (h, w[, C]) blurred without what lies in a hole."""
    keep = 1 - hole
    weight = smooth(keep, sigma) + np.float32(1e-4)
    if plane.ndim == 3:
        keep, weight = keep[..., None], weight[..., None]
    return smooth(plane * keep, sigma) / weight


def _brows(albedo: Array, here: Places) -> Array:
    """(h, w): how much darker than the skin around the hair of the brows is, 0 to 1."""
    luminance = np.tensordot(LUMINANCE, albedo, 1)
    skin = _surroundings(luminance, (here.brow > 0.2).astype(np.float32), 12 * albedo.shape[2] / OVERVIEW)
    dark = (1 - luminance / np.maximum(skin, 0.05)).clip(0, 1) * here.brow
    return cv2.GaussianBlur(dark, (0, 0), 1.0)


def _eyes(rng: np.random.Generator, albedo: Array, opening: Array, here: Places) -> Array:
    """(3, h, w): skin over the eyes, or eyeballs printed where they are."""
    image = np.ascontiguousarray(albedo.transpose(1, 2, 0))
    skin = _surroundings(image, (opening > 0).astype(np.float32), 6 * albedo.shape[2] / OVERVIEW) * np.float32(
        rng.uniform(0.85, 1.1)
    )
    if rng.random() < 0.5:
        return skin.transpose(2, 0, 1)
    away, below = (x - np.float32(rng.normal(0, 20)) for x in here.eye)
    iris = np.clip((110 - np.hypot(away, below)) / 20, 0, 1)[..., None]
    white = np.array([0.8, 0.74, 0.72], np.float32) * np.float32(rng.uniform(0.7, 1.1))
    eyeball = white + iris * (rng.uniform(0.05, 0.5, 3).astype(np.float32) - white)
    lid = np.clip((here.opening - np.float32(0.8)) / np.float32(0.3), 0, 1)[..., None]
    return np.asarray(eyeball + lid * (skin - eyeball), np.float32).transpose(2, 0, 1)
