"""Large uneven tone: melasma, and the lines that a tan leaves. Mostly the same on both sides of a face."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array

from .canvas import Canvas
from .falloff import smoothstep
from .marks import Marks, skin
from .noise import fit


def draw_patches(canvas: Canvas, marks: Marks) -> None:
    """Add every large patch of a subject to its marks."""
    person = canvas.identity
    width, height = marks.melanin.shape[::-1]
    if person.melasma > 0:
        layer = fit(_melasma(canvas) * skin(canvas), width, height)
        marks.melanin += layer
        marks.blood += np.float32(0.3) * layer
    if person.tan_line > 0:
        marks.melanin += fit(_tan(canvas) * skin(canvas), width, height)


def _melasma(canvas: Canvas) -> Array:
    """Brown patches with the edge of a map on cheekbones, upper lip and forehead."""
    person = canvas.identity
    seat: Array = canvas.mix(cheekbone=0.85, cheek=0.45, upper_lip=0.9, forehead=0.33, chin=0.25, nose_bridge=0.3, temple=0.25)
    seat *= 1 - 0.9 * canvas.region("lids")
    coast = canvas.noise("melasma", 170, 1100, 0.5, paired=0.92)
    bays = canvas.noise("melasma edge", 24, 140, 0.3, paired=0.3)
    level = 0.95 - 0.5 * person.melasma
    reach = np.asarray(seat + 0.24 * coast + 0.04 * bays, np.float32)
    patch = smoothstep(level - 0.12, level + 0.3, reach)
    patch *= np.clip(0.8 + 0.2 * canvas.noise("melasma tone", 24, 260), 0.3, 1.4)
    return np.float32(0.55 * person.melasma * (1 - 0.4 * person.darkness)) * patch


def _tan(canvas: Canvas) -> Array:
    """The skin that spectacles, a cap or a collar kept from the sun: paler than the rest, with a very soft edge."""
    person = canvas.identity
    a, y = canvas.half
    if person.tan_shape == 0:
        rim = np.hypot((a - 600) / np.float32(430), (y - 1500) / np.float32(360)).astype(np.float32) - 1
        bridge = np.exp(-(((y - 1400) / 60) ** 2)) * smoothstep(330, 200, a)
        temple = np.exp(-(((y - 1400) / 55) ** 2)) * smoothstep(1000, 1120, a) * smoothstep(2100, 1900, a)
        covered = np.maximum(0.7 * smoothstep(0.12, -0.12, rim), np.maximum(bridge, temple))
    elif person.tan_shape == 1:
        covered = smoothstep(90, -90, y - 640 + 0.00009 * a * a + 12 * canvas.noise("cap", 300, 1200))
    else:
        covered = smoothstep(-80, 120, y - 3740 + np.float32(0.12) * a)
    gained = np.log1p(0.012 * person.tan_line / person.melanin)  # light skin gains more by it
    return np.float32(gained) * (np.float32(0.9) - np.asarray(covered, np.float32))
