"""The ear of the preview head: a shell that stands off the head, with the folds where the layout's scans draw them."""

from __future__ import annotations

import numpy as np

from .. import layout
from .base import FloatArray
from .features import step

LEAN = -0.16  # radians: the top of the ear lies further back than the lobe
HALF_WIDTH, HALF_HEIGHT = 352.0, 700.0  # texels; its rim lies near radius 1


def ear(a: FloatArray, y: FloatArray) -> FloatArray:
    """(N, 3) millimetres: outward along the base form's normal, backward, and up."""
    ca, cy = layout.half_point("ear_centre")
    cos, sin = np.cos(LEAN), np.sin(LEAN)
    p, q = (cos * (a - ca) - sin * (y - cy)) / HALF_WIDTH, (cos * (y - cy) + sin * (a - ca)) / HALF_HEIGHT
    r = np.hypot(p, q)
    inside = step(1.5, 1.15, r)  # the skin ends on the rim: it keeps its height there
    behind = np.clip((a - 2090) / 690, 0, 1.1)
    h = inside * (1.5 + 15.0 * np.sin(1.45 * behind))
    lobe = step(0.5, 0.8, q)
    front = step(-0.25, -0.75, p)
    rim = inside * (1 - lobe) * (1 - front * step(-0.35, 0.0, q))
    back = step(-0.55, -0.1, p)
    h += 3.0 * rim * _ridge(r - 0.91, 0.12)  # helix
    h -= 2.8 * rim * _ridge(r - 0.74 - 0.03 * q, 0.10)  # scapha
    bowl = np.hypot((p + 0.22) / 0.42, (q - 0.16) / 0.36)
    h += 2.6 * inside * back * _ridge(bowl - 1.30, 0.28) * (1 - lobe)  # antihelix
    h += 1.4 * _ridge(p + 0.05 + 0.35 * (q + 0.55), 0.13) * step(-0.15, -0.3, q) * step(-0.8, -0.6, q)  # its fork
    h -= 1.6 * _spot(p + 0.2, q + 0.5, 0.18, 0.14)  # triangular fossa
    h -= 5.5 * step(1.15, 0.45, bowl)  # concha
    h -= 2.5 * _spot(p + 0.5, q - 0.2, 0.16, 0.12)  # canal
    h += 1.8 * _ridge(q - 0.02 + 0.25 * (p + 0.4), 0.07) * step(0.0, -0.3, p) * step(-1.0, -0.7, p)  # crus of the helix
    h += 3.4 * _spot(p + 0.78, q - 0.2, 0.15, 0.15)  # tragus
    h += 1.6 * _spot(p + 0.10, q - 0.52, 0.16, 0.08)  # antitragus
    h -= 1.4 * _spot(p + 0.42, q - 0.53, 0.10, 0.07)  # notch between them
    h += 1.8 * _spot(p + 0.30, q - 0.80, 0.30, 0.16)  # lobe
    h -= 2.0 * step(0.95, 1.2, r) * back  # the rim rolls over
    h -= 1.8 * inside * _ridge(r - 1.06, 0.10) * front * step(1.0, 0.7, q)  # where it leaves the cheek
    # The layout cuts the ear's upper back off in a straight line: the form makes it round again.
    round_off, corner = _spot(p - 0.9, q + 0.85, 0.40, 0.32), _spot(p - 1.25, q + 0.34, 0.40, 0.26)
    h -= 3.5 * inside * corner
    backward = inside * (4.0 * step(-0.4, 0.8, p) + 0.8 * round_off - 3.6 * corner)
    up = inside * (2.2 * round_off - 1.5 * corner)
    return np.stack([h, backward, up], -1)


def _ridge(x: FloatArray, width: float) -> FloatArray:
    return np.exp(-((x / width) ** 2))


def _spot(p: FloatArray, q: FloatArray, rp: float, rq: float) -> FloatArray:
    return np.exp(-0.5 * ((p / rp) ** 2 + (q / rq) ** 2))
