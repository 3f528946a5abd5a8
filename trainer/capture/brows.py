"""The brows: hairs that stand up at the inner end, meet along the middle and lie flat towards the tail."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array, half_curve

from .canvas import Canvas
from .falloff import smoothstep
from .identity import generator
from .noise import blur
from .strokes import Patch, Points, curved_strokes, draw_hairs

_STEPS = 7
_TAPER = np.array([0.3, 0.62, 0.9, 1.0, 0.9, 0.66, 0.3])  # thin out of the skin, thin at the tip
_LAYERS = 4  # later hairs lie over earlier ones, lighter over darker too


def draw_brow(canvas: Canvas, side: int, plane: Array, grey: Array) -> None:
    """Compose one brow into full-size planes of cover; drawn at the canvas's own resolution whatever the size."""
    person = canvas.identity
    random = generator(person.seed, "brow", side + 1)
    line = half_curve("brow", 12)
    spine = canvas.place(line[:, 0], line[:, 1], side)
    patch = Patch(spine, 260)
    count = int(2100 * person.brow_density * (0.55 + 0.45 * person.brow_thickness))
    stray = np.arange(count) < int(count * (0.02 + 0.13 * person.brow_strays))
    t = np.where(stray, random.uniform(-0.07, 1.04, count), random.beta(1.12, 1.3, count))
    across = np.where(stray, random.normal(-0.3, 1.9, count), np.clip(random.normal(0, 0.52, count), -1.25, 1.25))
    root, along = _roots(canvas, side, spine, t, across, random)
    kept = random.random(count) < _fullness(canvas, t, root, stray, random)
    t, across, root, along, stray = t[kept], across[kept], root[kept], along[kept], stray[kept]
    count = len(t)
    rise = _rise(t, across)
    tuft = 0.2 * canvas.sample(canvas.noise("brow tuft", 26, 90), root)  # neighbours lie alike
    wild = np.where(random.random(count) < 0.04 + 0.06 * person.brow_strays, random.normal(0, 0.5, count), 0)
    angle = along - side * (rise + tuft + wild + random.normal(0, 0.11, count))
    length = np.interp(t, [0, 0.15, 0.45, 0.8, 1], [58, 84, 104, 84, 56]) * random.lognormal(-0.05, 0.26, count)
    length *= (0.72 + 0.28 * person.brow_thickness) * np.where(stray, 0.6, 1) * (1 - 0.22 * np.abs(np.clip(across, -1.2, 1.2)))
    length *= 1 + 0.35 * person.age * person.brow_strays * (random.random(count) < 0.1)
    bend = np.float64(side) * (0.5 * np.clip(rise, -0.8, 1.2) + random.normal(0, 0.24, count))
    strokes = curved_strokes(root, angle, length, bend, _STEPS)
    on_eye = canvas.sample(canvas.region("eye_socket"), strokes[:, [0, -1]].reshape(-1, 2)).reshape(-1, 2).max(1)
    strokes -= patch.origin
    alpha = np.clip(random.normal(0.56, 0.2, count), 0.12, 1.0) * np.where(stray, 0.6, 1) * (on_eye < 0.05)
    turned = random.random(count) < 0.6 * person.hair_grey
    alpha = np.where(turned, 0.7 * alpha, alpha)
    thick = (random.random(count) < 0.12 + 0.2 * person.sex) & ~stray
    layer = random.integers(0, _LAYERS, count)
    for kind, onto in ((~turned, plane), (turned, grey)):
        patch.ink[:] = 0
        for i in range(_LAYERS):
            for thickness, some in ((1, ~thick), (2, thick)):
                chosen = kind & some & (layer == i)
                draw_hairs(patch.ink, strokes[chosen], alpha[chosen, None] * _TAPER, thickness)
        cover = blur(patch.ink.astype(np.float32) / 255, 0.7)
        haze = 0.5 * blur(cover, 6) + 0.4 * blur(cover, 20)  # roots and hairs below the skin
        cover += np.float32(0.7 if onto is plane else 0.2) * haze * (1 - cover)
        patch.paste(canvas, cover, onto)


def _roots(
    canvas: Canvas, side: int, spine: Points, t: NDArray[np.float64], across: NDArray[np.float64], random: np.random.Generator
) -> tuple[Points, NDArray[np.float64]]:
    """(roots, the spine's heading there) for places along the brow, 0 .. 1, and across it, -1 (below) .. 1."""
    at = np.clip(t, 0, 1) * (len(spine) - 1)
    i = np.minimum(at.astype(int), len(spine) - 2)
    tangent = spine[i + 1] - spine[i]
    step = np.linalg.norm(tangent, axis=1, keepdims=True)
    root = spine[i] + tangent * (at - i)[:, None] + tangent * ((t - np.clip(t, 0, 1)) * (len(spine) - 1))[:, None]
    tangent /= step
    up = np.stack([tangent[:, 1], -tangent[:, 0]], 1) * side
    head = smoothstep(-0.02, 0.2, t.astype(np.float32))
    half = 56 * canvas.identity.brow_thickness * (0.5 + 0.5 * head) * (1 - 0.74 * np.clip(t, 0, 1) ** 1.6)
    wavy = np.interp(t, np.linspace(0, 1, 14), random.normal(1, 0.16, 14))
    root = root + up * (across * half * wavy - 12 * (1 - head))[:, None] + random.normal(0, 7, (len(t), 2))
    return root, np.arctan2(tangent[:, 1], tangent[:, 0])


def _rise(t: NDArray[np.float64], across: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how many radians hairs point above the brow's line: up at the inner end; later the two rows meet."""
    inner = 1 - smoothstep(0.02, 0.36, t.astype(np.float32))
    rows = smoothstep(0.08, 0.4, t.astype(np.float32)) * np.clip(across, -1.1, 1.1)
    return np.asarray(1.2 * inner + 0.42 - 0.25 * t - 0.62 * rows, np.float64)


def _fullness(
    canvas: Canvas, t: NDArray[np.float64], root: Points, stray: NDArray[np.bool_], random: np.random.Generator
) -> NDArray[np.float64]:
    """The chance of each hair: thin at the head and the tail, with gaps."""
    person = canvas.identity
    full = np.interp(t, [0, 0.1, 0.3, 0.7, 1], [0.45, 0.85, 1, 0.95, 0.75 - 0.35 * person.brow_gaps])
    thin = canvas.sample(canvas.noise("brow gap", 60, 240), root)
    full *= 1 - person.brow_gaps * np.clip(0.5 + thin, 0, 1) * 0.8
    if random.random() < 0.3 * person.brow_gaps:  # an old cut, or a bare place
        full *= 1 - 0.9 * np.exp(-(((t - random.uniform(0.45, 0.85)) / 0.025) ** 2))
    return np.where(stray, 0.8, full)
