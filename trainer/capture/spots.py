"""Marks of pigment: freckles, lentigines, moles, and the small dark papules of dark skin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import WIDTH, Array

from .canvas import Canvas
from .falloff import bell, disc, dome, smoothstep
from .identity import Identity, generator
from .marks import Marks, skin, sow
from .noise import blur, fit
from .stamps import Stamps
from .strokes import Points, curved_strokes, draw_lines


def draw_spots(canvas: Canvas, marks: Marks) -> None:
    """Add every spot of pigment of a subject to its marks."""
    for draw in (_freckles, _lentigines, _moles, _papules):
        draw(canvas, marks)


def _darker(person: Identity, strength: NDArray[np.float64], fraction: float) -> NDArray[np.float64]:
    """The rise in log melanin of a spot that adds a volume fraction of melanosomes to what is there."""
    return np.log1p(strength * fraction / person.melanin)


def _freckles(canvas: Canvas, marks: Marks) -> None:
    """Many small flat spots where the sun falls, in clusters; they never stand out."""
    person = canvas.identity
    if person.freckles <= 0:
        return
    random = generator(person.seed, "freckles")
    place = canvas.mix(cheek=0.8, cheekbone=0.7, nose=0.9, forehead=0.32, temple=0.3, upper_lip=0.3, chin=0.1, neck=-0.1)
    clusters = np.exp(
        0.55 * canvas.noise("freckle", 120, 900, 0.2, paired=0.4) + 0.35 * canvas.noise("freckle cluster", 40, 140) - 0.4
    )
    clusters = np.minimum(clusters, 2.0)
    points = sow(random, canvas, np.clip(place, 0.03, 1) * clusters * skin(canvas), int(6500 * person.freckles**1.3))
    big = random.random(len(points)) < 0.12
    radius = np.where(big, random.gamma(9, 2.2, len(points)), random.gamma(5, 1.9, len(points)))
    strength = random.beta(1.1, 3.6, len(points)) * np.clip(canvas.sample(clusters, points), 0.5, 1.4)
    layer = np.zeros_like(marks.melanin)
    Stamps(random, points, radius, 0.17, 0.65).add(layer, _darker(person, strength, 0.042), bell, 1.7)
    layer *= _mottle(canvas, "freckle tone", 10, 40, 0.22, layer)
    np.minimum(layer, 1.25 + 0.25 * layer, out=layer)  # spots that meet are not twice as dark
    marks.melanin += layer
    marks.blood += np.float32(0.22) * layer  # else they look green
    marks.gloss -= np.float32(0.12) * np.minimum(layer, 1.5)


def _lentigines(canvas: Canvas, marks: Marks) -> None:
    """Fewer, larger, map-edged patches of age and sun, uneven within; the old ones are slightly rough."""
    person = canvas.identity
    random = generator(person.seed, "lentigines")
    place = np.clip(canvas.mix(forehead=0.5, temple=1, cheekbone=0.8, cheek=0.2, lateral=0.7), 0, 1) * skin(canvas)
    points = sow(random, canvas, place, int(60 * person.spots**1.2))
    if not len(points):
        return
    radius = np.clip(random.lognormal(np.log(26), 0.6, len(points)), 9, 140)
    field = np.zeros_like(marks.melanin)
    Stamps(random, points, radius, 0.35, 0.5).add(field, 1.0, lambda r: np.maximum(1.6 - r, 0), 1.6)
    edge = fit(canvas.noise("lentigo edge", 14, 110, 0.5), *field.shape[::-1])
    strong = np.zeros_like(field)
    Stamps(random, points, 2.2 * radius, 0.0, 1.0).add(
        strong, _darker(person, random.beta(1.6, 2.6, len(points)), 0.028), disc, 1.4
    )
    inside = np.where(field > 0, smoothstep(0.44, 0.62, field + np.float32(0.2) * edge), np.float32(0))
    layer = inside * np.minimum(strong, 1.1) * _mottle(canvas, "lentigo tone", 10, 80, 0.2, inside)
    marks.melanin += layer
    marks.blood += np.float32(0.25) * layer
    marks.gloss -= np.float32(0.1) * layer
    marks.height += np.float32(0.22 * person.age) * layer * edge


def _moles(canvas: Canvas, marks: Marks) -> None:
    """Moles: flat and brown, or domed and paler, some with a hair; none is quite round or evenly brown."""
    person = canvas.identity
    random = generator(person.seed, "moles")
    points = sow(random, canvas, 0.6 * skin(canvas) * (1 - canvas.region("brow")), person.moles)
    count = len(points)
    if not count:
        return
    radius = np.clip(random.lognormal(np.log(17), 0.5, count), 7, 62)
    raised = random.random(count) < person.moles_raised * np.clip(radius / 25, 0.4, 1.3)
    strength = np.minimum(_darker(person, random.beta(1.6, 1.8, count), 0.2), 2.0) * np.where(raised, 0.6, 1)
    moles = Stamps(random, points, radius, 0.16, 0.75)
    layer = np.zeros_like(marks.melanin)
    moles.add(layer, 0.8 * strength, lambda r: disc(r, 0.3))
    moles.add(layer, 0.2 * strength, lambda r: bell(0.8 * r), 2)  # a paler rim
    layer *= _mottle(canvas, "mole tone", 9, 40, 0.16, layer)
    marks.melanin += layer
    height = np.where(raised, radius * random.uniform(0.16, 0.4, count), 0)
    moles.add(marks.height, height, dome, 1.5)
    moles.add(marks.blood, np.where(raised, 0.7, 0.5), disc)
    moles.add(marks.gloss, np.where(raised, 0.12, -0.18), disc)
    moles.add(marks.smooth, np.where(raised, 0.75, 0.15), disc)
    bearing = np.flatnonzero(raised & (radius > 18) & (random.random(count) < 0.3 + 0.3 * person.age))
    if len(bearing):
        _hairs(marks, np.repeat(points[bearing], 2, 0) + random.normal(0, 4, (2 * len(bearing), 2)), random)


def _hairs(marks: Marks, roots: Points, random: np.random.Generator) -> None:
    """Coarse hairs on moles, as dark and slightly raised as any other."""
    scale = marks.melanin.shape[1] / WIDTH
    count = len(roots)
    strokes = curved_strokes(
        roots, random.uniform(0.2, np.pi - 0.2, count), random.uniform(30, 90, count), random.normal(0, 0.6, count), 5
    )
    ink = np.zeros_like(marks.melanin)
    draw_lines(ink, strokes * scale, np.repeat(np.array([[1.0, 1, 1, 0.8, 0.5]]), count, 0))
    ink = blur(ink, max(1.4 * scale, 0.5))
    marks.melanin += np.float32(3.2 * scale) * ink
    marks.height += np.float32(1.2 * scale) * ink


def _papules(canvas: Canvas, marks: Marks) -> None:
    """Dermatosis papulosa nigra: smooth dark beads on the cheekbones and temples of dark skin."""
    person = canvas.identity
    if person.papules <= 0:
        return
    random = generator(person.seed, "papules")
    place = np.clip(canvas.mix(cheekbone=1.0, temple=0.6, crows_feet=0.7, cheek=0.25, lateral=0.2, neck=0.12), 0, 1) * skin(canvas)
    place *= np.clip(0.8 + 0.5 * canvas.noise("papules", 150, 700, paired=0.5), 0.1, 1.3)
    points = sow(random, canvas, place, int(110 * person.papules))
    radius = np.clip(random.lognormal(np.log(9), 0.4, len(points)), 5, 32)
    beads = Stamps(random, points, radius, 0.14, 0.7)
    beads.add(marks.melanin, random.uniform(0.3, 0.9, len(points)), disc)
    beads.add(marks.height, radius * random.uniform(0.15, 0.4, len(points)), dome, 1.5)
    beads.add(marks.gloss, random.uniform(-0.05, 0.35, len(points)), lambda r: bell(1.6 * r))
    beads.add(marks.smooth, 0.6, disc)


def _mottle(canvas: Canvas, layer: str, low: float, high: float, amount: float, like: Array) -> Array:
    """A factor about 1 that makes pigment uneven, as large as another plane."""
    return fit(np.maximum(1 + np.float32(amount) * canvas.noise(layer, low, high), 0.2), *like.shape[::-1])
