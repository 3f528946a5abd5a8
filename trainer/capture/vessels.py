"""Dilated capillaries: branching red lines on the cheeks and about the nose, and small red points."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import WIDTH, Array

from .canvas import Canvas
from .falloff import bell, disc
from .identity import generator
from .marks import Marks, skin, sow
from .noise import blur
from .stamps import Stamps
from .strokes import Points, curved_strokes, draw_lines

_STEPS = 9


def draw_vessels(canvas: Canvas, marks: Marks) -> None:
    """Add the visible vessels of a subject to its marks."""
    person = canvas.identity
    random = generator(person.seed, "vessels")
    amount = person.capillaries
    if amount > 0.03:
        place = canvas.mix(cheek=0.55, nose=0.25, ala=1.0, alar_crease=0.9, cheekbone=0.25, chin=0.08)
        place *= np.exp(0.8 * canvas.noise("veins", 120, 700, paired=0.5) - 0.3) * skin(canvas)
        roots = sow(random, canvas, place, int(420 * amount))
        ink = np.zeros_like(marks.blood)
        _grow(ink, roots, random)
        fine = blur(ink, max(1.5 * ink.shape[1] / WIDTH, 0.45))
        marks.blood += np.float32(0.55 + 0.4 * amount) * np.minimum(fine, 1.6)
        marks.blood += np.float32(0.5) * blur(fine, 14 * ink.shape[1] / WIDTH)  # the flush about them
    points = sow(random, canvas, np.clip(canvas.mix(forehead=0.2, cheek=0.3, lateral=0.3, temple=0.3), 0.02, 1) * skin(canvas), 10)
    points = points[: random.poisson(2.5 * person.age)]  # cherry angiomas
    angiomas = Stamps(random, points, random.uniform(6, 15, len(points)), 0.1, 0.85)
    angiomas.add(marks.blood, 1.6, disc)
    angiomas.add(marks.height, 0.5, bell)


def _grow(ink: Array, roots: Points, random: np.random.Generator) -> None:
    """Draw winding lines that fork twice: each branch is shorter, thinner and turned aside."""
    scale = ink.shape[1] / WIDTH
    points, heading = roots, random.uniform(0, 2 * np.pi, len(roots))
    length = random.gamma(3, 15, len(roots))
    strength = random.beta(1.3, 3, len(roots)) * 1.1
    for generation in range(3):
        count = len(points)
        strokes = curved_strokes(points, heading, length, random.normal(0, 0.9, count), _STEPS)
        wander = np.cumsum(random.normal(0, 1, (count, _STEPS + 1, 2)), 1) * (0.035 * length)[:, None, None]
        strokes += wander - wander[:, :1]
        value = strength[:, None] * np.clip(random.normal(1, 0.3, (count, _STEPS)), 0.2, 1.6) * np.linspace(1, 0.55, _STEPS)
        draw_lines(ink, strokes * scale, 4 * scale * value)
        if generation == 2:
            return
        at = np.concatenate([np.full(count, _STEPS), random.integers(2, _STEPS, count)])
        stems = np.tile(np.arange(count), 2)
        kept = random.random(2 * count) < 0.65
        at, stems = at[kept], stems[kept]
        points = strokes[stems, at]
        before = points - strokes[stems, at - 1]
        heading = np.arctan2(before[:, 1], before[:, 0]) + random.choice((-1, 1), len(stems)) * random.uniform(0.3, 1.0, len(stems))
        length, strength = length[stems] * random.uniform(0.4, 0.8, len(stems)), strength[stems] * 0.75
