"""The base form of the preview head: skull, jaw and neck as one smooth surface, without nose, lips, eyes or ears.

Half-face coordinates: `a` texels from the mid-line (0 .. 3072), `y` texels from the top (0 .. 4096) of the canvas of
6144 x 4096. Head coordinates, millimetres: (x, d, z) = towards the side that is on the right of the texture, forwards, up;
(0, 0, 0) lies between the ear canals at the height of the pupils.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..layout import TEXELS_PER_MM

FloatArray = NDArray[np.float64]

# Each row of texels is a horizontal slice of the head: a superellipse from the mid-line (0, d_mid, z_mid) to the widest
# point (w, d_side, z_side), then a quarter of an ellipse to the back of the head, `back` behind the widest point. All in
# millimetres; the exponent n is 2 for an ellipse and larger for a squarer front. The proportions are those of an average
# adult. Rows above the canvas (y < 0) close the skull at the crown.
SLICES = np.array([
    #    y   z_mid  d_mid     w   z_side d_side     n   back
    (-1920,  117.0, -10.0,   0.0,  117.0, -10.0,  2.00,   0.0),
    (-1200,  112.0,  26.5,  29.0,  111.5,  -8.0,  2.00,  40.0),
    ( -700,  101.8,  50.5,  49.0,  100.5,  -3.0,  2.05,  67.0),
    ( -200,   86.5,  71.5,  62.5,   85.0,   0.0,  2.15,  86.0),
    (    0,   78.0,  80.5,  66.0,   75.5,   1.0,  2.20,  91.0),
    (  287,   65.5,  90.0,  71.0,   62.0,   1.0,  2.28,  95.0),
    (  580,   50.5,  97.0,  74.0,   47.0,   1.0,  2.35,  97.0),
    (  870,   35.0, 100.0,  75.0,   32.5,   1.0,  2.42,  97.0),
    ( 1170,   18.0, 100.0,  74.0,   18.0,   0.0,  2.50,  96.0),
    ( 1490,    0.0,  96.0,  71.5,    3.0,   0.0,  2.55,  93.0),
    ( 1860,  -18.5,  95.5,  70.0,  -13.0,   1.0,  2.45,  88.0),
    ( 2150,  -33.0,  96.5,  67.5,  -26.0,   3.0,  2.32,  83.0),
    ( 2420,  -46.5,  98.0,  64.5,  -38.5,   6.0,  2.20,  79.0),
    ( 2660,  -59.5,  98.5,  60.5,  -49.5,   9.0,  2.08,  75.0),
    ( 2920,  -76.0,  97.5,  57.0,  -62.0,  10.0,  1.97,  71.0),
    ( 3150,  -89.5,  97.0,  55.0,  -73.5,   9.0,  1.90,  67.0),
    ( 3370, -102.0,  95.0,  53.5,  -85.0,   6.0,  1.87,  62.0),
    ( 3540, -109.5,  85.5,  53.5,  -94.5,   3.0,  1.90,  58.0),
    ( 3720, -113.5,  72.0,  54.0, -105.0,   0.0,  1.93,  54.0),
    ( 3900, -116.5,  58.5,  55.0, -116.0,  -3.0,  1.97,  51.0),
    ( 4096, -124.0,  47.5,  57.0, -128.0,  -5.0,  2.00,  50.0),
    ( 4300, -138.0,  43.0,  59.0, -141.0,  -6.0,  2.00,  50.0),
])  # fmt: skip
CROWN, BOTTOM = SLICES[0, 0], SLICES[-1, 0]
STEP = 16.0  # texels between samples of the table of the face
ROUND = 128  # samples from the face's mid-line to the nape's in the table of the whole head


def spline(knots: FloatArray, values: FloatArray, at: FloatArray) -> FloatArray:
    """The natural cubic spline through (knots, values), evaluated at `at`; constant beyond the ends."""
    h, slope = np.diff(knots), np.diff(values) / np.diff(knots)
    n = len(knots)
    system, right = np.eye(n), np.zeros(n)
    for i in range(1, n - 1):
        system[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        right[i] = 6 * (slope[i] - slope[i - 1])
    bend = np.linalg.solve(system, right)
    at = np.clip(at, knots[0], knots[-1])
    k = np.clip(np.searchsorted(knots, at) - 1, 0, n - 2)
    t = at - knots[k]
    first = slope[k] - h[k] * (2 * bend[k] + bend[k + 1]) / 6
    return values[k] + t * (first + t * (bend[k] / 2 + t * (bend[k + 1] - bend[k]) / (6 * h[k])))


def _slices(rows: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Of each row (N,), the slice from the mid-line to the nape: its points (M, 3) and their arc lengths (M,), millimetres."""
    return [_slice(*numbers) for numbers in np.stack([spline(SLICES[:, 0], SLICES[:, k], rows) for k in range(1, 8)], -1)]


def _slice(
    z_mid: float, d_mid: float, w: float, z_side: float, d_side: float, n: float, back: float
) -> tuple[FloatArray, FloatArray]:
    """One slice, from its numbers as in SLICES."""
    w, back = max(w, 0.0), max(back, 0.0)
    theta = np.linspace(0, np.pi, 2001)
    sin, cos = np.sin(theta), np.cos(theta)
    front = cos > 0
    power = np.where(front, 2 / n, 1.0)
    x = w * sin**power
    d = d_side + np.where(front, d_mid - d_side, back) * np.sign(cos) * np.abs(cos) ** power
    arc = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(d)))])
    lean = np.clip(arc / max(arc[1000], 1e-9), 0, 1)
    z = z_mid + (z_side - z_mid) * lean * lean * (3 - 2 * lean)
    return np.stack([x, d, z], -1), arc


def _table(rows: FloatArray, columns: int, texels: float | None) -> FloatArray:
    """(rows, 2 + columns + 2, 3) samples of the slices, mirrored beyond their ends so that cubic interpolation works.

    The columns lie `texels` apart, or, where that is None, evenly spread from the mid-line to the nape.
    """
    out = []
    for points, arc in _slices(rows):
        at = np.arange(columns) * (arc[-1] / (columns - 1) if texels is None else texels / TEXELS_PER_MM)
        out.append(np.stack([np.interp(at, arc, points[:, k]) for k in range(3)], -1))
    half = np.stack(out)
    flip = np.array([-1.0, 1.0, 1.0])
    return np.concatenate([half[:, 2:0:-1] * flip, half, half[:, -2:-4:-1] * flip], axis=1)


@cache
def _face_table() -> FloatArray:
    return _table(np.arange(-160.0, 4260.0, STEP), 196, STEP)


@cache
def _head_table() -> FloatArray:
    return _table(np.linspace(CROWN, BOTTOM, 256), ROUND, None)


def _sample(table: FloatArray, column: FloatArray, row: FloatArray) -> FloatArray:
    """Bicubic interpolation of a table at fractional column and row numbers, (N,) each."""
    column = column + 2
    i = np.clip(np.floor(column).astype(int), 1, table.shape[1] - 3)
    j = np.clip(np.floor(row).astype(int), 1, table.shape[0] - 3)
    across, down = _cubic_weights(column - i), _cubic_weights(row - j)
    total = np.zeros((*np.shape(column), 3))
    for m in range(4):
        for k in range(4):
            total += (down[m] * across[k])[..., None] * table[j + m - 1, i + k - 1]
    return total


def _cubic_weights(t: FloatArray) -> list[FloatArray]:
    """Catmull-Rom weights of the samples at -1, 0, 1, 2."""
    t2, t3 = t * t, t * t * t
    return [(-t3 + 2 * t2 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (-3 * t3 + 4 * t2 + t) / 2, (t3 - t2) / 2]


def base_positions(a: FloatArray, y: FloatArray) -> FloatArray:
    """(N, 3) millimetres of the base form at half-face coordinates a (-16 .. 3100) and y (-140 .. 4200), (N,) texels each."""
    return _sample(_face_table(), a / STEP, (y + 160.0) / STEP)


def base_normals(a: FloatArray, y: FloatArray) -> FloatArray:
    """(N, 3) outward unit normals of the base form."""
    across = base_positions(a + 8, y) - base_positions(a - 8, y)
    down = base_positions(a, y + 8) - base_positions(a, y - 8)
    normal = np.cross(across, down)
    return normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def head_positions(turn: FloatArray, y: FloatArray) -> FloatArray:
    """(N, 3) millimetres of the whole base head: turn 0 at the face's mid-line .. 1 at the nape's, y from CROWN to BOTTOM."""
    return _sample(_head_table(), turn * (ROUND - 1), (y - CROWN) * 255 / (BOTTOM - CROWN))


def half_girth(y: FloatArray) -> FloatArray:
    """(N,) texels along the slice y from the face's mid-line to the nape's."""
    rows = np.linspace(CROWN, BOTTOM, 256)
    return np.interp(y, rows, _girths())


@cache
def _girths() -> FloatArray:
    return np.array([arc[-1] * TEXELS_PER_MM for _, arc in _slices(np.linspace(CROWN, BOTTOM, 256))])
