"""Known maps kept in an answer: untouched at their own size; enlarged so that, made small again, they are what was known."""

from __future__ import annotations

import cv2
import numpy as np

from ..layout import Array
from ..maps import normalise
from .frame import resized

ROUNDS = 4
CLOSE = 1e-4  # mean difference at which another round brings nothing


def kept(name: str, known: Array, made: Array) -> Array:
    """The known map at the size of ``made``, whose fine detail it takes where it has none of its own.

    Of the same size or larger: itself, or its area average. Smaller: ``made`` with the difference between its area average and
    the known map spread over it, some times over (iterative back-projection, Irani and Peleg 1991): it is then what the known
    map is when it is made that small again, up to what clipping and the unit length of normals take.
    """
    height, width = made.shape[:2]
    if known.shape[1] >= width:
        return resized(name, known, (width, height))
    out = np.array(made, np.float32)
    size = (known.shape[1], known.shape[0])
    for _ in range(ROUNDS):
        missing = known - np.asarray(cv2.resize(out, size, interpolation=cv2.INTER_AREA), np.float32)
        if float(np.abs(missing).mean()) < CLOSE:
            break
        out += np.asarray(cv2.resize(missing, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        if name in ("albedo", "specular"):
            np.clip(out, 0, 1, out=out)
        elif name == "normal":
            normalise(out)
    return out


def psnr(known: Array, made: Array) -> float:
    """Decibels of a known albedo beside an answer that is made as small, 1 being the peak."""
    small = cv2.resize(made, (known.shape[1], known.shape[0]), interpolation=cv2.INTER_AREA)
    error = float(np.square(small - known, dtype=np.float64).mean())
    return float("inf") if error == 0 else -10 * float(np.log10(error))
