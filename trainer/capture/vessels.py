"""Dilated capillaries: fine red lines on the cheeks and about the nose."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .noise import fit
from .stamps import Marks


def draw_vessels(canvas: Canvas, marks: Marks) -> None:
    """Add the visible vessels of a subject to its marks."""
    person = canvas.identity
    veins = np.maximum(0.22 - np.abs(canvas.noise("capillary", 24, 90)), 0) / 0.22
    where = canvas.mix(cheek=0.5, nose=0.4, ala=0.8) * np.clip(canvas.noise("veins", 150, 600), 0, 2)
    marks.blood += fit(np.float32(0.30 * person.redness * (0.3 + person.age)) * veins * where, *marks.blood.shape[::-1])
