"""Eyelashes, as they lie smeared over the lids in a scan, and the dark line of their roots."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array, half_curve

from .canvas import Canvas
from .identity import generator
from .marks import Patch, curved_strokes, draw_hairs
from .noise import blur


def draw_lashes(canvas: Canvas, plane: Array) -> None:
    """Compose the lashes of both eyes into a full-size plane of cover, 0 .. 1."""
    for side in (-1, 1):
        random = generator(canvas.identity.seed, "lashes", side + 1)
        thick = float(generator(canvas.identity.seed, "lash-thickness").uniform(0.5, 1.1))
        curves = {name: half_curve(name, 12) for name in ("upper_lid", "lower_lid")}
        lids = {name: canvas.place(line[:, 0], line[:, 1], side) for name, line in curves.items()}
        patch = Patch(np.concatenate(list(lids.values())), 150)
        for name, count, length, alpha in (("upper_lid", 150, 85.0, 0.5), ("lower_lid", 70, 42.0, 0.28)):
            line = lids[name]
            count = int(count * thick)
            t = np.clip(random.beta(1.5, 1.2, count), 0.03, 0.99)
            at = t * (len(line) - 1)
            i = np.minimum(at.astype(int), len(line) - 2)
            root = line[i] + (line[i + 1] - line[i]) * (at - i)[:, None] + random.normal(0, 3.0, (count, 2))
            upward = -1.0 if name == "upper_lid" else 1.0
            lean = 0.75 * (t - 0.42) + random.normal(0, 0.16, count)
            heading = upward * (np.pi / 2 - side * lean)
            long = length * np.clip(random.normal(1, 0.25, count), 0.4, 1.6) * (0.65 + 0.5 * t)
            strokes = curved_strokes(root, heading, long, upward * side * random.normal(-0.25, 0.25, count), 4)
            dark = np.clip(random.normal(alpha, 0.15, count), 0.05, 0.9)[:, None] * np.array([1.0, 0.8, 0.55, 0.25])
            draw_hairs(patch.ink, strokes - patch.origin, dark, 2)
            edge = np.full((1, len(line) - 1), 0.42 * thick * (1.0 if name == "upper_lid" else 0.35))
            edge *= np.clip(np.linspace(-0.1, 1.6, len(line) - 1), 0, 1)
            draw_hairs(patch.ink, (line + np.array([0, upward * 5]))[None] - patch.origin, edge, 9)
        patch.paste(canvas, blur(patch.ink.astype(np.float32) / 255, 2.0), plane)
