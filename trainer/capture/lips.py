"""The ridges of the lips: drawn from noise stretched across the mouth's line, fanning out to its corners."""

from __future__ import annotations

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .canvas import Canvas
from .identity import generator


def lip_ridges(canvas: Canvas, plane: Array) -> Array:
    """Add the lips' ridges, canvas texels, to a full-size plane; returns them (H, W) of the crop in ``lip_box``."""
    rows, columns = lip_box(canvas)
    person, s = canvas.identity, canvas.scale
    height, width = rows.stop - rows.start, columns.stop - columns.start
    ridges = np.zeros((height, width), np.float32)
    if s < 0.2:
        return ridges
    random = generator(person.seed, "lips")
    texture = random.standard_normal((160, 1400), np.float32)
    texture = cv2.GaussianBlur(texture, (0, 0), 3.0, sigmaY=16) - cv2.GaussianBlur(texture, (0, 0), 9.0, sigmaY=24)
    texture /= texture.std()
    x = (np.arange(columns.start, columns.stop) + 0.5) / s - WIDTH / 2
    y = (np.arange(rows.start, rows.stop) + 0.5) / s
    depth = (y[:, None] - 2795) / 130
    fan = x[None, :] * (1 - 0.22 * np.abs(depth)) / 1.25
    across = (fan + 700).astype(np.float32)
    along = (80 + 45 * depth + 0.06 * np.abs(x[None, :])).astype(np.float32)
    ridges = cv2.remap(texture, across, along, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    red = cv2.resize(canvas.region("lips"), canvas.full, interpolation=cv2.INTER_LINEAR)[rows, columns]
    ridges = (ridges - 0.35 * np.abs(ridges)) * red * np.float32(0.55 + 0.75 * person.age * person.relief)
    plane[rows, columns] += ridges
    return ridges


def lip_box(canvas: Canvas) -> tuple[slice, slice]:
    """Rows and columns of the full grid about the mouth."""
    return canvas.crop(WIDTH / 2 - 560, HEIGHT * 0.615, WIDTH / 2 + 560, HEIGHT * 0.765)
