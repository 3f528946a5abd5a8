"""Specular: how strongly the skin's surface reflects, by region, oil and relief."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array

from .canvas import Canvas
from .detail import Detail
from .growth import beard_density
from .hair import Hair, hair_gloss
from .marks import Marks
from .relief import Relief

_GAIN = {
    "nose_tip": 0.18,
    "nose_bridge": 0.10,
    "forehead": -0.06,
    "cheek": 0.04,
    "cheekbone": 0.08,
    "chin": -0.22,
    "ala": -0.22,
    "orbit": -0.22,
    "under_eye": -0.12,
    "lids": -0.2,
    "neck": -0.4,
    "lips": 0.08,
    "lateral": -0.08,
    "eye_socket": -0.35,
    "concha": -0.5,
    "nostril": -0.6,
    "ear": -0.1,
}
_SHADED = 1.6  # power of the light left in a fold: gloss fades faster there than colour
_OIL = {"nose": 0.25, "forehead": 0.22, "glabella": 0.15, "chin": 0.18, "cheek": 0.06}


def draw_specular(canvas: Canvas, relief: Relief, details: list[Detail], hair: Hair, marks: Marks) -> Array:
    """Linear specular (H, W), before the mask."""
    person = canvas.identity
    dark = person.darkness
    gain = 1 + canvas.mix(**_GAIN) + person.oil * canvas.mix(**_OIL) - 0.08 * (1 - person.oil)
    gain -= 0.22 * canvas.shared(beard_density)
    gain += 0.07 * canvas.noise("sheen", 300, 1500, paired=0.6)
    gain *= 0.27 * max(1 - 1.9 * (min(person.melanin, 0.3) - 0.03), 0.42)
    gain = np.maximum(gain, 0.02) * relief.shade**_SHADED
    rel = np.float32(0.050 + 0.045 * dark) * canvas.noise("shine", 5.5, 11, full=True)
    rel += np.float32(0.034 + 0.02 * dark) * canvas.noise("beads", 14, 34, full=True)
    rel += np.float32(0.024) * canvas.noise("film", 10, 40, full=True)
    rel += np.float32(0.62 + 0.3 * dark) * relief.fine
    rel -= np.float32(0.34 + 0.15 * dark) * np.maximum(relief.pores, 0) ** 1.5  # narrower than the pit itself
    rel -= np.float32(0.14 + 0.18 * dark) * np.minimum(relief.creases, 1)
    rel += canvas.enlarge(marks.gloss)
    rel += hair_gloss(hair)
    rel += 1
    np.maximum(rel, 0.05, out=rel)
    rel *= canvas.enlarge(gain)
    np.clip(rel, 0, 1, out=rel)
    for detail in details:
        rel[detail.box] *= detail.gloss * detail.shade**_SHADED
    return rel
