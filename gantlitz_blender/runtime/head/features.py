"""The features of the preview head, laid onto the base form where the UV layout says they are.

Every function takes half-face texels a >= 0 and y, (N,) each, and returns a displacement in millimetres: (N,) along the
surface's normal, or (N, 3) as (x, d, z) = sideways, forwards, up.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .. import layout
from .base import base_positions, spline

EYE_CENTRE = (31.5, 75.0, -0.5)  # of the eyeball, (x, d, z) millimetres
EYE_RADIUS = 12.0
LID_RADIUS = 13.3  # the lids' outer face is a sphere about the eyeball

# The mid-line of the nose, from the glabella to the philtrum: millimetres (d, z) at y, and how far it reaches sideways.
NOSE_LINE = np.array([
    #   y      d       z    half-width (texels)
    (1080,  None,   None,  300),
    (1210, 101.5,   15.8,  270),
    (1330,  99.6,    9.6,  185),
    (1440,  97.3,    3.4,  138),
    (1580, 101.5,   -4.6,  135),
    (1720, 106.3,  -12.2,  150),
    (1860, 110.8,  -19.4,  172),
    (1990, 115.4,  -26.2,  205),
    (2050, 117.8,  -29.6,  225),
    (2110, 119.4,  -33.2,  242),
    (2170, 118.9,  -37.2,  255),
    (2240, 115.3,  -41.0,  262),
    (2325, 109.3,  -44.2,  262),
    (2425, 102.2,  -47.2,  245),
    (2530,  None,   None,  220),
    (2640,  None,   None,  220),
], dtype=float)  # fmt: skip


def step(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth between; falling where low > high."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def bump(a: np.ndarray, y: np.ndarray, ca: float, cy: float, ra: float, ry: float, tilt: float = 0.0) -> np.ndarray:
    """exp(-r^2) about (ca, cy) and its mirror image, so that it is smooth on the mid-line. Tilt turns outward-down."""
    c, s = np.cos(tilt), np.sin(tilt)

    def one(da: np.ndarray) -> np.ndarray:
        dy = y - cy
        return np.exp(-(((c * da + s * dy) / ra) ** 2) - ((c * dy - s * da) / ry) ** 2)

    return one(a - ca) + one(-a - ca) if ca else one(a)


def distance(a: np.ndarray, y: np.ndarray, name: str) -> np.ndarray:
    """(N,) texels from half-face points to a curve of the layout."""
    nearest = np.full(np.shape(a), np.inf)
    for (pa, py), (qa, qy) in pairwise(layout.half_curve(name, 4)):
        ea, ey = qa - pa, qy - py
        t = np.clip(((a - pa) * ea + (y - py) * ey) / (ea * ea + ey * ey), 0, 1)
        np.minimum(nearest, np.hypot(a - pa - t * ea, y - py - t * ey), out=nearest)
    return nearest


def band(a: np.ndarray, y: np.ndarray, name: str, width: float) -> np.ndarray:
    """exp(-r^2), where r is the distance to a curve of the layout in units of `width` texels."""
    return np.exp(-((distance(a, y, name) / width) ** 2))


def bones_and_flesh(a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N,) along the normal: brow ridge, temples, cheekbones, folds, chin, jaw and neck."""
    h = 1.7 * band(a, y, "brow", 150) * step(1150, 800, a)  # brow ridge
    h += 1.2 * bump(a, y, 420, 720, 420, 330)  # frontal eminences
    h -= 2.6 * bump(a, y, 1420, 1240, 300, 330)  # temple
    h += 3.6 * bump(a, y, 1080, 1850, 420, 190, -0.28)  # cheekbone
    h += 2.0 * bump(a, y, 640, 2130, 300, 260)  # fat of the cheek
    h -= 2.4 * bump(a, y, 1180, 2420, 330, 330)  # hollow under it
    h += 1.6 * bump(a, y, 1680, 2640, 260, 330)  # masseter
    h -= 1.7 * band(a, y, "nasolabial", 85) * step(2900, 2500, y) * step(2120, 2260, y)
    h += 2.0 * bump(a, y, 0, 2720, 400, 250)  # the teeth behind the mouth
    h -= 1.6 * bump(a, y, 420, 2830, 110, 110)  # corners of the mouth
    h -= 3.2 * bump(a, y, 0, 3030, 330, 95)  # mentolabial fold
    h += 4.6 * bump(a, y, 0, 3280, 320, 200)  # chin
    h += 2.2 * band(a, y, "jaw", 120) * step(300, 700, a)  # border of the jaw
    h -= 2.6 * bump(a, y, 900, 3620, 420, 170, -0.25)  # below it
    h += 2.0 * bump(a, y, 0, 4010, 190, 220)  # larynx
    h += 2.0 * bump(a, y, 1150, 3900, 160, 420, 0.5)  # sternocleidomastoid
    return h


def socket(a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N, 3): the orbit set back behind brow and cheek."""
    depth = -8.0 * bump(a, y, 560, 1500, 330, 260) - 2.5 * bump(a, y, 330, 1450, 130, 190)
    depth += 1.0 * bump(a, y, 560, 1760, 260, 90)
    return np.stack([0 * a, depth, 0 * a], -1)


def nose(a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N, 3): bridge, tip, wings, nostrils."""
    knots, width = NOSE_LINE[:, 0], spline(NOSE_LINE[:, 0], NOSE_LINE[:, 3], y)
    base = base_positions(np.zeros_like(knots), knots)
    forward, rise = (
        np.where(np.isnan(NOSE_LINE[:, k]), 0, NOSE_LINE[:, k] - base[:, k]) for k in (1, 2))
    within = (y > knots[0]) & (y < knots[-1])
    power = 2.0 + 0.5 * step(1800, 2100, y)
    reach = np.exp(-((a / width) ** power)) * within
    move = np.stack([0 * a, spline(knots, forward, y) * reach, spline(knots, rise, y) * reach], -1)
    side = np.tanh(a / 60)
    wing = bump(a, y, 272, 2262, 88, 105)
    move += wing[:, None] * np.array([0.8, 6.0, 0.0]) * np.stack([side, 1 + 0 * a, 0 * a], -1)
    crease = np.exp(-((distance(a, y, "alar_rim") / 38) ** 2)) * step(2430, 2340, y)
    move[:, 1] -= 2.6 * crease
    move[:, 1] -= 1.1 * bump(a, y, 190, 2120, 60, 90)  # between tip and wing
    hole = np.exp(-(((a - 166) ** 2 / 78**2 + (y - 2328 + 0.42 * (a - 166)) ** 2 / 50**2) ** 1.4))
    move += hole[:, None] * np.array([0.0, -3.5, 4.0])
    return move


def mouth(a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N, 3): philtrum and lips, with the line between them."""
    upper, line, lower = (edge.astype(float) for edge in layout.lip_edges(np.minimum(a, 394.0)))
    taper = np.sqrt(np.clip(1 - (a / 420) ** 2, 0, 1)) * step(430, 330, a)
    # t: 0 at the edge of the red, 1 at the line between the lips, for the upper and for the lower lip.
    t = 1 - (line - y) / np.maximum(line - upper, 34)
    top = np.where(y < line, step(-0.40, 0.66, t) * (2.6 + 2.8 * (1 - (np.clip(t - 0.5, 0, None) / 0.5) ** 2)), 0)
    t = 1 - (y - line) / np.maximum(lower - line, 34)
    bottom = np.where(y < line, 0, step(-0.22, 0.60, t) * (2.6 + 3.6 * (1 - (np.clip(t - 0.5, 0, None) / 0.5) ** 2)))
    forward = taper * (top + bottom)
    forward -= 1.6 * np.exp(-(((y - line) / 34) ** 2)) * step(440, 380, a)
    rise = taper * 0.09 * (bottom - top)  # the lips press against each other
    forward -= 1.5 * bump(a, y, 0, 2545, 48, 90)  # philtrum
    forward += 0.9 * bump(a, y, 88, 2560, 36, 100)
    wider = 3.4 * bump(a, y, 400, 2810, 260, 230) * np.tanh(a / 200)
    return np.stack([wider, forward, rise], -1)


def lids(a: np.ndarray, y: np.ndarray, position: np.ndarray) -> np.ndarray:
    """(N, 3): opens the lids around the eyeball, given the (N, 3) positions made so far."""
    centre = np.array(EYE_CENTRE)
    rel = position - centre
    # The layout draws the opening rounder than a living eye, for the texture of a filled socket: flatten and lengthen it.
    flat = np.exp(-((rel[:, 0] / 22) ** 2) - (rel[:, 2] / 17) ** 2) * step(2, 18, position[:, 0])
    moved = rel.copy()
    moved[:, 0] *= 1 + 0.26 * flat
    moved[:, 2] *= 1 - (0.41 + 0.06 * np.tanh(rel[:, 2] / 3)) * flat
    moved[:, 2] -= 0.7 * flat
    field = layout.eye_opening(a / layout.WIDTH + 0.5, y / layout.HEIGHT).astype(float)
    ball = LID_RADIUS**2 - moved[:, 0] ** 2 - moved[:, 2] ** 2
    sphere = np.sqrt(np.maximum(ball, 0))
    lid = _smooth_max(moved[:, 1], np.where(ball > 0, sphere, -500.0), 1.6)
    lid -= 0.9 * np.exp(-((distance(a, y, "lid_crease") / 26) ** 2))
    lid += 0.35 * np.exp(-(((field - 1.12) / 0.22) ** 2))  # margin
    pocket = step(1.02, 0.62, field)
    moved[:, 1] = lid - 8.0 * pocket
    return moved - rel


def _smooth_max(p: np.ndarray, q: np.ndarray, blend: float) -> np.ndarray:
    """The larger of the two, rounded where they differ by less than `blend`."""
    h = np.clip(0.5 + 0.5 * (p - q) / blend, 0, 1)
    return q + (p - q) * h + blend * h * (1 - h)
