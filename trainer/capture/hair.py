"""Brows, stubble and the short hair of the temples, as how much of each texel hair covers."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array, half_curve

from .canvas import Canvas, smoothstep
from .identity import generator
from .marks import Points, curved_strokes, draw_hairs, scatter
from .noise import fit


@dataclass
class Hair:
    """Full-size planes (H, W) float32: share of a texel that hair covers, 0 .. 1."""

    brows: Array
    stubble: Array  # beard and temples


def draw_hair(canvas: Canvas) -> Hair:
    """All hair of a subject."""
    return Hair(_brows(canvas), _stubble(canvas))


def _brows(canvas: Canvas) -> Array:
    plane = np.zeros(canvas.full[::-1], np.float32)
    for side in (-1, 1):
        _brow(canvas, side, plane)
    return plane


def _brow(canvas: Canvas, side: int, plane: Array) -> None:
    """One brow, drawn at the canvas's own resolution whatever the size, then averaged into place."""
    person = canvas.identity
    random = generator(person.seed, "brow", side + 1)
    line = half_curve("brow", 12)
    spine = canvas.place(line[:, 0], line[:, 1], side)
    x0, y0 = np.floor((spine.min(0) - (230, 230)) / 8) * 8
    x1, y1 = np.ceil((spine.max(0) + (230, 230)) / 8) * 8
    ink = np.zeros((int(y1 - y0), int(x1 - x0)), np.uint8)
    count = int(1500 * person.brow_density * (0.6 + 0.4 * person.brow_thickness))
    t = random.beta(1.15, 1.35, count)
    across = np.clip(random.normal(0, 0.5, count), -1.15, 1.15)
    half = 50 * person.brow_thickness * (0.35 + 0.65 * smoothstep(0, 0.16, t)) * (1 - 0.72 * t**1.6)
    at = t * (len(spine) - 1)
    i = np.minimum(at.astype(int), len(spine) - 2)
    root = spine[i] + (spine[i + 1] - spine[i]) * (at - i)[:, None]
    tangent = spine[i + 1] - spine[i]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    up = np.stack([tangent[:, 1], -tangent[:, 0]], 1) * side
    root = root + up * (across * half)[:, None] + random.normal(0, 5, (count, 2))
    along = np.arctan2(tangent[:, 1], tangent[:, 0])
    rise = (1.45 * (1 - smoothstep(0.0, 0.42, t)) + 0.42) - 0.55 * np.clip(across, -1, 1) * smoothstep(0.1, 0.5, t)
    angle = along - side * (rise + random.normal(0, 0.16, count))
    length = np.clip(random.normal(82, 24, count), 25, 150) * (0.72 + 0.28 * person.brow_thickness) * (1 - 0.3 * t)
    bend = side * (0.35 * rise + random.normal(0, 0.22, count))
    strokes = curved_strokes(root, angle, length, bend, 5) - (x0, y0)
    taper = np.array([0.35, 0.8, 1.0, 0.8, 0.4])
    alpha = taper[None, :] * np.clip(random.normal(0.62, 0.16, count), 0.2, 0.95)[:, None]
    thick = random.random(count) < 0.55
    draw_hairs(ink, strokes[thick], alpha[thick], 3)
    draw_hairs(ink, strokes[~thick], alpha[~thick], 2)
    cover = cv2.GaussianBlur(ink, (0, 0), 0.8).astype(np.float32) / 255
    haze = cv2.GaussianBlur(cover, (0, 0), 16)
    cover = 1 - (1 - cover) * (1 - 0.55 * haze)
    rows, columns = canvas.crop(x0, y0, x1, y1)
    plane[rows, columns] = np.maximum(plane[rows, columns], _into(cover, (x0, y0), canvas.scale, rows, columns))


def _into(cover: Array, origin: tuple[float, float], scale: float, rows: slice, columns: slice) -> Array:
    """A crop of the canvas at its own resolution, averaged into a slice of the drawn size."""
    smooth = cv2.GaussianBlur(cover, (0, 0), 0.42 / scale) if scale < 0.9 else cover
    x = ((np.arange(columns.start, columns.stop) + 0.5) / scale - 0.5 - origin[0]).astype(np.float32)
    y = ((np.arange(rows.start, rows.stop) + 0.5) / scale - 0.5 - origin[1]).astype(np.float32)
    return cv2.remap(smooth, *np.meshgrid(x, y), interpolation=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def beard_density(canvas: Canvas) -> Array:
    """How thick the beard is, 0 .. about 1, on the coarse grid."""
    person = canvas.identity
    if person.beard <= 0:
        return np.zeros(canvas.coarse[::-1], np.float32)
    a, y = canvas.half
    centre = smoothstep(720, 500, a)
    jaw = smoothstep(0, 260, y - 2700 + 0.25 * np.maximum(a - 900, 0))
    shape = (1.0, centre, centre * (0.35 + 0.65 * smoothstep(2900, 3000, y) + canvas.region("moustache")), jaw)
    density = canvas.region("beard") * shape[person.beard_shape] * (0.75 + 0.25 * canvas.region("moustache"))
    density = density * np.clip(1 + 0.28 * canvas.noise("beard", 90, 500), 0.1, 1.6)
    return np.clip(person.beard * density, 0, 1.3)


def temple_density(canvas: Canvas) -> Array:
    """How thick the hair at the temples is, 0 .. 1, on the coarse grid."""
    person = canvas.identity
    a, y = canvas.half
    line = half_curve("hairline")
    edge = np.interp(y, line[:, 1], line[:, 0]).astype(np.float32) + person.hairline * smoothstep(1900, 1000, y)
    reach = a - edge + 45 * canvas.noise("hairline", 60, 300)
    return canvas.region("hair") * smoothstep(-30, 230, reach)


def _stubble(canvas: Canvas) -> Array:
    person = canvas.identity
    beard, temple = beard_density(canvas), temple_density(canvas)
    shadow = canvas.enlarge(0.16 * beard + 0.42 * temple)
    if canvas.scale < 0.35:
        mean = canvas.enlarge(0.0072 * beard * person.stubble_length * 2.7 + 0.35 * temple)
        return 1 - (1 - np.clip(shadow, 0, 1)) * np.exp(-np.maximum(mean, 0))
    ink = np.zeros(canvas.full[::-1], np.uint8)
    _sow(canvas, "beard", beard, 12.0, 2.7 * person.stubble_length, 0.5, ink)
    _sow(canvas, "temple", temple, 9.0, 34.0, 0.42, ink)
    cover = cv2.GaussianBlur(ink, (0, 0), 0.6).astype(np.float32)
    cover *= np.float32(1 / 255)
    return 1 - (1 - np.clip(shadow, 0, 1)) * (1 - cover)


def _sow(canvas: Canvas, name: str, density: Array, pitch: float, length: float, alpha: float,
         ink: NDArray[np.uint8]) -> None:
    if density.max() < 0.02:
        return
    random = generator(canvas.identity.seed, "hair", name)
    points = scatter(random, pitch, WIDTH, HEIGHT, 0.3)
    grows = canvas.sample(density, points)
    luck = random.random(len(points))
    points = points[luck < grows]
    count = len(points)
    long = length * np.clip(random.gamma(4, 0.25, count), 0.25, 2.4)
    heading = _growth(canvas, points) + random.normal(0, 0.28, count)
    strokes = curved_strokes(points, heading, long, random.normal(0, 0.35, count), 2 if length < 25 else 4)
    dark = np.clip(random.normal(alpha, 0.17, count), 0.08, 0.95) * min(canvas.scale * 1.25, 1)
    taper = np.linspace(1.1, 0.6, strokes.shape[1] - 1)
    draw_hairs(ink, strokes * canvas.scale, dark[:, None] * taper)


def _growth(canvas: Canvas, points: Points) -> NDArray[np.float64]:
    """The heading of hair at points: down and a little back on the cheek, forward at the chin, with swirls."""
    swirl = 0.45 * canvas.sample(fit(canvas.noise("swirl", 250, 1000), *canvas.coarse), points)
    side = np.sign(points[:, 0] - WIDTH / 2)
    a = np.abs(points[:, 0] - WIDTH / 2)
    lean = np.interp(a, [0, 400, 1200, 1900], [0.0, 0.1, -0.15, 0.35])
    return np.pi / 2 - side * lean + swirl
