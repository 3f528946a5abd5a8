"""Ears, eyes and lips: forms that the model's displacement holds, and a scan's own mesh has already.

The model's maps lie on a plain base surface, so their displacement makes the ears. A scan comes with a mesh that has ears; laid on
it, the model's would make them twice. Brows, wrinkles, creases and pores, which meshes lack, stay.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from .. import layout
from ..layout import Array
from ..layout_regions import eye_opening, region
from ..maps import STRIP_ROWS, MapSet
from ..slopes import normals_of_slopes, slopes_of_displacement, slopes_of_normals

WIDTH = 768  # texels at which forms are found
FORM = 16.0  # canvas texels: what a Gaussian blur of this sigma leaves is the mesh's
AROUND = {"ear": 150.0, "lips": 28.0}  # canvas texels by which a form is larger than its region
SOFT = 28.0  # canvas texels by which the weights are blurred


@cache
def weight(width: int, height: int) -> Array:
    """(H, W): 1 on ears, eyes and lips, soft around them."""
    u, v = layout.uv_grid(width, height)
    texels = width / layout.WIDTH
    grown = [cv2.dilate(region(name, u, v), np.ones((round(2 * by * texels) | 1,) * 2, np.uint8)) for name, by in AROUND.items()]
    forms = cv2.GaussianBlur(np.maximum(*grown), (0, 0), SOFT * texels)
    return np.maximum(forms, np.clip((np.float32(2.2) - eye_opening(u, v)) / np.float32(0.8), 0, 1))


def take_out(maps: MapSet) -> None:
    """Take those forms out of estimated maps, in the model's layout, in place: displacement and the slopes of the normal.

    For maps of which neither normal nor displacement was known: a known one says itself what the mesh lacks.
    """
    width = min(WIDTH, maps.width)
    height = round(width * maps.height / maps.width)
    small = cv2.resize(maps.displacement, (width, height), interpolation=cv2.INTER_AREA)
    form = cv2.GaussianBlur(small, (0, 0), FORM * width / layout.WIDTH) * weight(width, height)
    planes = np.dstack([form, *slopes_of_displacement(form, layout.texel_mm(width))])
    x = (np.arange(maps.width, dtype=np.float32)+ 0.5) * np.float32(width / maps.width) - np.float32(0.5)
    y = (np.arange(maps.height, dtype=np.float32)+ 0.5) * np.float32(height / maps.height) - np.float32(0.5)
    for top in range(0, maps.height, STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        across, down = np.meshgrid(x, y[rows])
        here = np.asarray(cv2.remap(planes, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
        changed = here.any(axis=2)
        maps.displacement[rows] -= here[..., 0]
        slopes = (own - taken for own, taken in zip(slopes_of_normals(maps.normal[rows]), here.transpose(2, 0, 1)[1:], strict=True))
        maps.normal[rows] = np.where(changed[..., None], normals_of_slopes(*slopes), maps.normal[rows])
