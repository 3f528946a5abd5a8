"""Does detail lie where the data's lies? Map by map."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.config import MODALITIES, channels_of

from ..figures import correlation
from .bootstrap import two_sample_interval


def cells_inside(mask: Array, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The cells of a ``detail_map`` that lie whole inside a mask (H, W)."""
    return cv2.resize(mask, (shape[1], shape[0]), interpolation=cv2.INTER_AREA) > 0.99


def place_of_detail(real: Array, fake: Array, inside: NDArray[np.bool_], draws: int) -> dict[str, dict]:
    """{map: value and interval}: the correlation over the face of two mean maps of local detail energy; 1: it lies as in the reals.

    real, fake: (faces, 7, h, w) of ``agreement.detail_map``; a map's value is the mean over its channels. ``reals``: of one half
    of the reals with the other, which is the most that so few faces can show.
    """
    a, b = real[:, :, inside], fake[:, :, inside]
    half = len(a) // 2
    out = {}
    for m in MODALITIES:
        c = channels_of(m.name)

        def value(i: NDArray[np.int64], j: NDArray[np.int64], c: slice = c) -> float:
            return _agreement(a[i][:, c], b[j][:, c])

        out[m.name] = {
            "value": _agreement(a[:, c], b[:, c]),
            "interval": two_sample_interval(value, len(a), len(b), draws),
            "reals": _agreement(a[:half, c], a[half:, c]),
        }
    return out


def _agreement(a: Array, b: Array) -> float:
    return float(np.mean([correlation(x, y) for x, y in zip(a.mean(axis=0), b.mean(axis=0), strict=True)]))
