"""Brows, stubble and the short hair of the temples, as how much of each texel hair covers."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array, half_curve

from .canvas import Canvas, smoothstep
from .identity import generator
from .lashes import draw_lashes
from .marks import Patch, Points, curved_strokes, draw_hairs, scatter
from .noise import blur


@dataclass
class Hair:
    """Full-size planes (H, W) float32: share of a texel that hair covers, 0 .. 1."""

    brows: Array  # and lashes
    stubble: Array  # beard and temples, with the shadow of what lies below the skin
    grey: Array  # grey hairs of all kinds, over the others: hairs turn one by one


def draw_hair(canvas: Canvas) -> Hair:
    """All hair of a subject."""
    stubble, grey = _stubble(canvas)
    brows = np.zeros_like(stubble)
    for side in (-1, 1):
        _brow(canvas, side, brows, grey)
    draw_lashes(canvas, brows)
    return Hair(brows, stubble, grey)


def _brow(canvas: Canvas, side: int, plane: Array, grey: Array) -> None:
    """One brow, drawn at the canvas's own resolution whatever the size, then averaged into place."""
    person = canvas.identity
    random = generator(person.seed, "brow", side + 1)
    line = half_curve("brow", 12)
    spine = canvas.place(line[:, 0], line[:, 1], side)
    patch = Patch(spine, 230)
    count = int(1500 * person.brow_density * (0.6 + 0.4 * person.brow_thickness))
    t = random.beta(1.15, 1.35, count)
    t32 = t.astype(np.float32)
    across = np.clip(random.normal(0, 0.5, count), -1.15, 1.15)
    half = 50 * person.brow_thickness * (0.35 + 0.65 * smoothstep(0, 0.16, t32)) * (1 - 0.72 * t**1.6)
    at = t * (len(spine) - 1)
    i = np.minimum(at.astype(int), len(spine) - 2)
    root = spine[i] + (spine[i + 1] - spine[i]) * (at - i)[:, None]
    tangent = spine[i + 1] - spine[i]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    up = np.stack([tangent[:, 1], -tangent[:, 0]], 1) * side
    root = root + up * (across * half)[:, None] + random.normal(0, 5, (count, 2))
    along = np.arctan2(tangent[:, 1], tangent[:, 0])
    rise = (1.45 * (1 - smoothstep(0.0, 0.42, t32)) + 0.42) - 0.55 * np.clip(across, -1, 1) * smoothstep(0.1, 0.5, t32)
    angle = along - side * (rise + random.normal(0, 0.16, count))
    length = np.array(np.clip(random.normal(82, 24, count), 25, 150) * (1 - 0.3 * t), np.float64)
    length *= 0.72 + 0.28 * person.brow_thickness
    bend = np.asarray(side * (0.35 * rise + random.normal(0, 0.22, count)), np.float64)
    strokes = curved_strokes(root, angle, length, bend, 5) - patch.origin
    taper = np.array([0.35, 0.8, 1.0, 0.8, 0.4])
    alpha = taper[None, :] * np.clip(random.normal(0.62, 0.16, count), 0.2, 0.95)[:, None]
    thick, turned = random.random(count) < 0.55, random.random(count) < 0.6 * person.hair_grey
    for kind, onto in ((~turned, plane), (turned, grey)):
        patch.ink[:] = 0
        draw_hairs(patch.ink, strokes[thick & kind], alpha[thick & kind], 3)
        draw_hairs(patch.ink, strokes[~thick & kind], alpha[~thick & kind], 2)
        cover = blur(patch.ink.astype(np.float32) / 255, 0.8)
        haze = blur(cover, 16)
        cover += np.float32(0.55) * haze * (1 - cover)
        patch.paste(canvas, cover, onto)


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
    density = density * np.clip(1 + 0.13 * canvas.noise("beard", 120, 600), 0.1, 1.6)
    return np.clip(person.beard * density, 0, 1.3)


def temple_density(canvas: Canvas) -> Array:
    """How thick the hair at the temples is, 0 .. 1, on the coarse grid."""
    person = canvas.identity
    a, y = canvas.half
    line = half_curve("hairline")
    edge = np.interp(y, line[:, 1], line[:, 0]).astype(np.float32) + person.hairline * smoothstep(1900, 1000, y)
    reach = a - edge + 40 * canvas.noise("hairline", 160, 800)
    return canvas.region("hair") * smoothstep(-60, 330, reach)


def _stubble(canvas: Canvas) -> tuple[Array, Array]:
    """Cover of the beard and the temples: (dark hair and shadow, grey hair)."""
    person = canvas.identity
    beard, temple = beard_density(canvas), temple_density(canvas)
    turned = person.hair_grey
    shadow = np.clip(canvas.enlarge((1 - 0.6 * turned) * (0.24 * beard + 0.42 * temple)), 0, 1)
    if canvas.scale < 0.35:
        mean = canvas.enlarge(0.0072 * beard * person.stubble_length * 2.7 + 0.35 * temple)
        mean = np.maximum(mean, 0)
        return 1 - (1 - shadow) * np.exp(-(1 - turned) * mean), 1 - np.exp(-turned * mean)
    inks = [np.zeros(canvas.full[::-1], np.uint8) for _ in range(2)]
    _sow(canvas, "beard", beard, 12.0, 2.7 * person.stubble_length, 0.5, inks)
    _sow(canvas, "temple", temple, 9.0, 34.0, 0.42, inks)
    dark, grey = (np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.6), np.float32) for ink in inks)
    for cover in (dark, grey):
        cover *= np.float32(1 / 255)
    dark += shadow * (1 - dark)
    return dark, grey


def _sow(
    canvas: Canvas, name: str, density: Array, pitch: float, length: float, alpha: float, inks: list[NDArray[np.uint8]]
) -> None:
    """Draw hairs where they grow, on inks (dark, grey)."""
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
    turned = random.random(count) < canvas.identity.hair_grey
    for ink, kind in zip(inks, (~turned, turned), strict=True):
        draw_hairs(ink, strokes[kind] * canvas.scale, dark[kind, None] * taper)


def _growth(canvas: Canvas, points: Points) -> NDArray[np.float64]:
    """The heading of hair at points: down and a little back on the cheek, forward at the chin, with swirls."""
    swirl = 0.45 * canvas.sample(canvas.noise("swirl", 250, 1000), points)
    side = np.sign(points[:, 0] - WIDTH / 2)
    a = np.abs(points[:, 0] - WIDTH / 2)
    lean = np.interp(a, [0, 400, 1200, 1900], [0.0, 0.1, -0.15, 0.35])
    return np.asarray(np.pi / 2 - side * lean + swirl, np.float64)
