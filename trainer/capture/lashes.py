"""Eyelashes, as they lie over the lids in a scan: short tapered hairs that lean together in tufts."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array

from .canvas import Canvas
from .eyes import Lids
from .identity import generator
from .noise import blur
from .strokes import Patch, curved_strokes, draw_hairs

# lid, lashes, length and deviation of the root in canvas texels, cover
_ROWS = (("upper_lid", 210, 74.0, 3.2, 0.42), ("lower_lid", 92, 36.0, 2.6, 0.26))


def draw_lashes(canvas: Canvas, plane: Array) -> None:
    """Compose the lashes of both eyes into a full-size plane of cover, 0 .. 1."""
    lids = Lids(canvas.identity)
    thick = float(generator(canvas.identity.seed, "lash-thickness").uniform(0.5, 1.1))
    for side in (-1, 1):
        random = generator(canvas.identity.seed, "lashes", side + 1)
        roots = {name: lids.lash_line(name) for name, *_ in _ROWS}
        lines = {name: canvas.place(line[:, 0], line[:, 1], side) for name, line in roots.items()}
        patch = Patch(np.concatenate(list(lines.values())), 130)
        for name, count, length, stray, alpha in _ROWS:
            line = lines[name]
            count = int(count * thick)
            t = np.clip(random.beta(1.5, 1.2, count), 0.04, 0.99)
            at = t * (len(line) - 1)
            i = np.minimum(at.astype(int), len(line) - 2)
            root = line[i] + (line[i + 1] - line[i]) * (at - i)[:, None] + random.normal(0, stray, (count, 2))
            upward = -1.0 if name == "upper_lid" else 1.0
            lean = 0.85 * (t - 0.42) + random.normal(0, 0.17, count)
            tuft = np.sin(2 * np.pi * (t * count / 4.5 + random.uniform(0, 1))) * 0.14  # neighbours lean towards one another
            heading = upward * (np.pi / 2 - side * (lean + tuft))
            long = length * np.clip(random.normal(1, 0.28, count), 0.35, 1.6) * (0.62 + 0.5 * t)
            strokes = curved_strokes(root, heading, long, upward * side * random.normal(-0.3, 0.22, count), 5)
            dark = np.clip(random.normal(alpha, 0.16, count), 0.06, 0.9)[:, None] * np.array([0.62, 0.85, 0.75, 0.5, 0.22])
            wide = random.random(count) < 0.14
            draw_hairs(patch.ink, strokes[wide] - patch.origin, dark[wide], 2)
            draw_hairs(patch.ink, strokes[~wide] - patch.origin, dark[~wide], 1)
        cover = patch.ink.astype(np.float32) / 255
        patch.paste(canvas, blur(cover, 0.9) + np.float32(0.3) * blur(cover, 5), plane)
