"""Marks of pigment: freckles, lentigines and moles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .identity import Identity, generator
from .stamps import Marks, Stamps, bell, disc, sow


def draw_spots(canvas: Canvas, marks: Marks) -> None:
    """Add every spot of pigment of a subject to its marks."""
    person = canvas.identity
    random = generator(person.seed, "spots")
    free = (1 - canvas.region("lips")) * (1 - canvas.region("eye_socket"))
    place = np.clip(canvas.mix(cheek=0.8, cheekbone=0.6, nose=0.9, forehead=0.3, temple=0.3, chin=0.1), 0.02, 1) * free
    place *= np.clip(0.7 + 0.6 * canvas.noise("freckle", 120, 700), 0.05, 1.4)
    points = sow(random, canvas, place, int(4200 * person.freckles))
    strength = _darker(person, random.beta(1.5, 3.4, len(points)), 0.035)
    Stamps(random, points, 1.7 * random.gamma(6, 1.15, len(points)), 0.2).add(marks.melanin, strength, bell)
    place = np.clip(canvas.mix(forehead=0.5, temple=1, cheekbone=0.8, lateral=0.6), 0, 1) * free
    points = sow(random, canvas, place, int(90 * person.spots))
    strength = _darker(person, random.uniform(0.1, 0.6, len(points)), 0.03)
    Stamps(random, points, 1.4 * random.gamma(4, 6, len(points)), 0.3).add(marks.melanin, strength, disc)
    points = sow(random, canvas, 0.6 * free, person.moles)
    moles = Stamps(random, points, 1.3 * (random.gamma(3, 7, len(points)) + 8), 0.15, 0.8)
    strength = np.minimum(_darker(person, random.uniform(0.2, 1, len(points)), 0.25), 2.2)
    moles.add(marks.melanin, strength, disc)
    moles.add(marks.gloss, -0.3, disc)


def _darker(person: Identity, strength: NDArray[np.float64], fraction: float) -> NDArray[np.float64]:
    """The rise in log melanin of a spot that adds a volume fraction of melanosomes to what is there."""
    return np.log1p(strength * fraction / person.melanin)
