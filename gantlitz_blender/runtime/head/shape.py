"""The shape of the preview head: (u, v) of the UV layout -> metres. numpy only, no bpy.

Blender's axes: the face looks along -Y, Z is up, the texture's right half lies at +X. The origin is between the ear
canals, at the height of the pupils.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .. import layout
from . import features
from .base import FloatArray, base_normals, base_positions
from .ear import ear


def face_positions(u: ArrayLike, v: ArrayLike) -> FloatArray:
    """(N, 3) metres of the skin at u, v: (N,) each, in [0, 1], v from the top."""
    u, v = np.asarray(u, float).ravel(), np.asarray(v, float).ravel()
    signed = (u - 0.5) * layout.WIDTH
    a: FloatArray = np.abs(signed)
    y: FloatArray = v * float(layout.HEIGHT)
    p = base_positions(a, y)
    n = base_normals(a, y)
    p += n * features.bones_and_flesh(a, y)[:, None]
    p += features.socket(a, y) + features.nose(a, y) + features.mouth(a, y)
    p += features.lids(a, y, p)
    stand_off = ear(a, y)
    p += n * stand_off[:, :1]
    p[:, 1] -= stand_off[:, 1]
    p[:, 2] += stand_off[:, 2]
    return np.stack([np.sign(signed) * p[:, 0], -p[:, 1], p[:, 2]], -1) * 1e-3
