"""Scars: pale shiny lines of a healed cut, and the round pits that chickenpox leaves."""

from __future__ import annotations

from functools import partial

import numpy as np

from gantlitz_blender.runtime.layout import WIDTH

from .canvas import Canvas
from .falloff import disc, rim
from .identity import generator
from .marks import Marks, skin, sow
from .noise import blur
from .stamps import Stamps
from .strokes import curved_strokes, draw_lines

_STEPS = 24


def draw_scars(canvas: Canvas, marks: Marks) -> None:
    """Add every scar of a subject to its marks."""
    _cuts(canvas, marks)
    _pox(canvas, marks)


def _cuts(canvas: Canvas, marks: Marks) -> None:
    """Lines without pores and with little pigment: sunken or raised, uneven in width, in a darker border."""
    person = canvas.identity
    if not person.scars:
        return
    random = generator(person.seed, "scars")
    place = np.clip(canvas.mix(forehead=0.5, brow=0.7, chin=0.6, cheek=0.4, cheekbone=0.5, upper_lip=0.4, jaw=0.3), 0, 1)
    scale = marks.height.shape[1] / WIDTH
    for point in sow(random, canvas, place * skin(canvas), person.scars):
        length, width = random.uniform(90, 420), random.uniform(5, 13)
        path = curved_strokes(point[None], random.uniform(0, np.pi, 1), np.array([length]), random.normal(0, 0.5, 1), _STEPS)
        path[0] += np.cumsum(random.normal(0, 1.2, (_STEPS + 1, 2)), 0)
        along = np.linspace(0, 1, _STEPS)
        taper = np.minimum(5 * np.minimum(along, 1 - along), 1.0) * np.clip(random.normal(1, 0.3, _STEPS), 0.4, 1.5)
        line = np.zeros_like(marks.height)
        draw_lines(line, path * scale, np.asarray(taper[None], np.float64))
        sigma = max(width * scale, 0.5)
        core = blur(line, sigma)
        core *= np.float32(2.5 * sigma)
        np.minimum(core, 1.3, out=core)
        about = blur(line, 2.2 * sigma) * np.float32(5.5 * sigma)
        rise = random.choice((-1.7, -1.0, 1.1)) * random.uniform(0.6, 1.3)
        marks.height += np.float32(rise) * (core - np.float32(0.35) * np.minimum(about, 1.3))
        marks.melanin -= np.float32(0.45 + 0.5 * person.darkness) * core
        marks.blood += np.float32(random.uniform(-0.5, 0.25)) * core
        marks.melanin += np.float32(0.12 + 0.2 * person.darkness) * np.maximum(about - core, 0)
        marks.gloss += np.float32(0.4) * core
        marks.smooth += np.minimum(1.15 * core, 1)


def _pox(canvas: Canvas, marks: Marks) -> None:
    """Round hollows with a sharp rim and a pale smooth floor."""
    person = canvas.identity
    if not person.pox_scars:
        return
    random = generator(person.seed, "pox")
    place = np.clip(canvas.mix(forehead=0.8, glabella=0.4, temple=0.6, cheek=0.6, nose=0.3, chin=0.2), 0, 1) * skin(canvas)
    points = sow(random, canvas, place, person.pox_scars)
    radius = random.uniform(16, 48, len(points))
    pits = Stamps(random, points, radius, 0.1, 0.7)
    depth = random.uniform(2, 5.5, len(points))
    pits.add(marks.height, -depth, lambda r: disc(r, 0.4))
    pits.add(marks.height, 0.15 * depth, partial(rim, at=1.45), 2.2)
    pits.add(marks.melanin, -0.25 - 0.2 * person.darkness, disc)
    pits.add(marks.blood, -0.25, disc)
    pits.add(marks.gloss, 0.15, disc)
    pits.add(marks.smooth, 0.85, disc)
