"""Marks of inflammation and healing."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .identity import generator
from .stamps import Marks, Stamps, bell, sow


def draw_blemishes(canvas: Canvas, marks: Marks) -> None:
    """Add every blemish of a subject to its marks."""
    person = canvas.identity
    random = generator(person.seed, "acne")
    place = np.clip(canvas.mix(cheek=0.7, chin=0.8, forehead=0.35, jaw=0.4), 0, 1) * (1 - canvas.region("lips"))
    points = sow(random, canvas, place, int(60 * person.acne))
    Stamps(random, points, 1.7 * random.gamma(5, 5, len(points)), 0.2).add(marks.blood, random.uniform(0.2, 0.9, len(points)), bell)
