"""The base form of the preview head: skull, jaw and neck as one smooth sheet, without nose, lips, eyes or ears.

Half-face coordinates: `a` texels from the mid-line (0 .. 3072), `y` texels from the top (0 .. 4096) of the 6144 x 4096 canvas.
Head coordinates, millimetres: (x, d, z) = towards the subject's side on the right of the texture, forwards, up;
(0, 0, 0) lies between the ear canals at the height of the pupils.
"""

from __future__ import annotations

from functools import cache

import numpy as np

TEXELS_PER_MM = 18.5

# Each row of texels is a horizontal slice of the head: a superellipse from the mid-line (0, d_mid, z_mid) to the widest
# point (w, d_side, z_side), then an ellipse arc towards the back of the head. Millimetres; the shape exponent n is 2 for an
# ellipse and larger for a squarer front. The proportions are adult averages of the anthropometric kind.
SLICES = np.array([
    #   y   z_mid  d_mid     w   z_side d_side     n
    (-200,   86.0,  73.0,  63.0,   85.0,  4.0,  2.20),
    (   0,   78.0,  82.0,  68.0,   75.0,  4.0,  2.25),
    ( 287,   65.5,  91.5,  72.5,   62.0,  3.0,  2.30),
    ( 580,   50.5,  98.0,  75.0,   47.0,  2.0,  2.35),
    ( 870,   35.0, 100.5,  75.5,   32.5,  1.0,  2.45),
    (1170,   18.0, 100.0,  74.0,   18.0,  0.0,  2.55),
    (1490,    0.0,  96.0,  71.5,    3.0,  0.0,  2.55),
    (1860,  -18.5,  95.5,  70.0,  -13.0,  1.0,  2.45),
    (2150,  -33.0,  96.5,  68.0,  -26.0,  3.0,  2.35),
    (2420,  -46.5,  98.0,  65.5,  -38.5,  6.0,  2.25),
    (2660,  -59.5,  98.5,  62.5,  -49.5,  9.0,  2.15),
    (2920,  -76.0,  97.0,  60.0,  -62.0, 10.0,  2.05),
    (3150,  -89.5,  96.0,  58.0,  -73.5,  9.0,  1.98),
    (3370, -102.0,  94.0,  56.5,  -85.0,  6.0,  1.95),
    (3540, -109.5,  84.5,  55.5,  -94.5,  3.0,  1.95),
    (3720, -113.0,  71.0,  55.5, -105.0,  0.0,  1.95),
    (3900, -117.0,  58.5,  56.5, -116.0, -3.0,  1.98),
    (4096, -125.5,  48.5,  58.0, -128.0, -5.0,  2.00),
    (4300, -137.0,  44.0,  59.5, -141.0, -6.0,  2.00),
])  # fmt: skip
BACK_DEPTH = 98.0  # how far behind the widest point the back of the skull would lie
STEP = 16.0  # texels between samples of the table


def spline(knots: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The natural cubic spline through (knots, values), evaluated at `at`; straight beyond the ends."""
    knots, values = np.asarray(knots, float), np.asarray(values, float)
    h, slope = np.diff(knots), np.diff(values) / np.diff(knots)
    n = len(knots)
    system, right = np.eye(n), np.zeros(n)
    for i in range(1, n - 1):
        system[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        right[i] = 6 * (slope[i] - slope[i - 1])
    bend = np.linalg.solve(system, right)
    clamped = np.clip(at, knots[0], knots[-1])
    i = np.clip(np.searchsorted(knots, clamped) - 1, 0, n - 2)
    t = clamped - knots[i]
    first = slope[i] - h[i] * (2 * bend[i] + bend[i + 1]) / 6
    inside = values[i] + t * (first + t * (bend[i] / 2 + t * (bend[i + 1] - bend[i]) / (6 * h[i])))
    end_slope = slope[-1] + h[-1] * bend[-2] / 6
    start_slope = slope[0] - h[0] * bend[1] / 6
    return inside + np.where(at > knots[-1], (at - knots[-1]) * end_slope, 0) + np.where(
        at < knots[0], (at - knots[0]) * start_slope, 0)


@cache
def _table() -> tuple[np.ndarray, float, float]:
    """(rows, columns, 3) samples of the base form every STEP texels, and the (a, y) of its first sample."""
    y = np.arange(-160.0, 4260.0, STEP)
    # The table starts left of the mid-line, so that cubic interpolation sees the mirror image there.
    a = np.arange(0.0, 3140.0, STEP)
    z_mid, d_mid, w, z_side, d_side, n = (spline(SLICES[:, 0], SLICES[:, k], y) for k in range(1, 7))
    theta = np.linspace(0, np.pi * 0.78, 1600)
    sin, cos = np.sin(theta), np.cos(theta)
    rows = []
    for k in range(len(y)):
        power = np.where(cos > 0, 2 / n[k], 1.0)
        x = w[k] * sin ** np.where(cos > 0, 2 / n[k], 1.0)
        d = d_side[k] + np.where(cos > 0, d_mid[k] - d_side[k], BACK_DEPTH) * np.sign(cos) * np.abs(cos) ** power
        arc = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(d)))])
        s = a / TEXELS_PER_MM
        lean = np.minimum(s / arc[800], 1.5)
        z = z_mid[k] + (z_side[k] - z_mid[k]) * lean * lean * (3 - 2 * np.minimum(lean, 1)) / np.maximum(lean, 1) ** 1
        rows.append(np.stack([np.interp(s, arc, x), np.interp(s, arc, d), z], axis=-1))
    half = np.stack(rows)
    mirror = half[:, 3:0:-1] * np.array([-1, 1, 1])
    return np.concatenate([mirror, half], axis=1), -3 * STEP, y[0]


def base_positions(a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N, 3) millimetres of the base form at half-face coordinates a >= 0 and y, both (N,) texels."""
    table, a0, y0 = _table()
    fa, fy = (a - a0) / STEP, (y - y0) / STEP
    ia = np.clip(np.floor(fa).astype(int), 1, table.shape[1] - 3)
    iy = np.clip(np.floor(fy).astype(int), 1, table.shape[0] - 3)
    wa, wy = _cubic_weights(fa - ia), _cubic_weights(fy - iy)
    total = np.zeros((*np.shape(a), 3))
    for j in range(4):
        for i in range(4):
            total += (wy[j] * wa[i])[..., None] * table[iy + j - 1, ia + i - 1]
    return total


def base_normals(a: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N, 3) outward unit normals of the base form."""
    across = base_positions(a + 4, y) - base_positions(np.maximum(a - 4, -16), y)
    down = base_positions(a, y + 4) - base_positions(a, y - 4)
    normal = np.cross(across, down)
    return normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def _cubic_weights(t: np.ndarray) -> list[np.ndarray]:
    """Catmull-Rom weights of the samples at -1, 0, 1, 2."""
    t2, t3 = t * t, t * t * t
    return [(-t3 + 2 * t2 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (-3 * t3 + 4 * t2 + t) / 2, (t3 - t2) / 2]
