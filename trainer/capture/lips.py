"""The ridges of the lips: drawn from noise stretched across the mouth's line, fanning out to its corners."""

from __future__ import annotations

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH

from .canvas import Canvas
from .identity import generator
from .noise import blur
from .relief import Relief


def lip_ridges(canvas: Canvas, relief: Relief) -> None:
    """Add the lips' ridges to the relief's height and the furrows between them to its creases."""
    rows, columns = lip_box(canvas)
    person, s = canvas.identity, canvas.scale
    if s < 0.2:
        return
    random = generator(person.seed, "lips")
    texture = random.standard_normal((160, 1400), np.float32)
    texture = blur(texture, 3.0, 16) - blur(texture, 9.0, 24)
    texture /= texture.std()
    x = (np.arange(columns.start, columns.stop) + 0.5) / s - WIDTH / 2
    y = (np.arange(rows.start, rows.stop) + 0.5) / s
    depth = (y[:, None] - 2795) / 130
    fan = x[None, :] * (1 - 0.22 * np.abs(depth)) / 1.25
    bend = canvas.enlarge(canvas.noise("lipbend", 200, 900))[rows, columns]
    across = (fan + 700 + 7 * bend).astype(np.float32)
    along = (80 + 45 * depth + 0.06 * np.abs(x[None, :])).astype(np.float32)
    drawn = cv2.remap(texture, across, along, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    ridges = np.asarray(drawn, np.float32)
    red = canvas.enlarge(canvas.region("lips"), smooth=True)[rows, columns]
    uneven = np.clip(0.8 + 0.45 * canvas.enlarge(canvas.noise("lipwear", 40, 200))[rows, columns], 0.1, 2)
    ridges = (ridges - 0.4 * np.abs(ridges)) * red * uneven * np.float32(0.45 + 0.6 * person.age * person.relief)
    relief.height[rows, columns] += ridges
    relief.creases[rows, columns] += np.maximum(-0.9 * ridges, 0)


def lip_box(canvas: Canvas) -> tuple[slice, slice]:
    """Rows and columns of the full grid about the mouth."""
    return canvas.crop(WIDTH / 2 - 560, HEIGHT * 0.615, WIDTH / 2 + 560, HEIGHT * 0.765)
