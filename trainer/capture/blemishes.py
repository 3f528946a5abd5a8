"""Blemishes, one stage after another: red papules, flat marks that stay, pits; razor bumps and milia."""

from __future__ import annotations

from functools import partial

import numpy as np

from gantlitz_blender.runtime.layout import Array

from .canvas import Canvas
from .falloff import bell, disc, dome, rim
from .growth import beard_density
from .identity import generator
from .marks import Marks, skin, sow
from .stamps import Stamps


def draw_blemishes(canvas: Canvas, marks: Marks) -> None:
    """Add every blemish of a subject to its marks."""
    for draw in (_papules, _stains, _pits, _razor_bumps, _milia):
        draw(canvas, marks)


def _acne_place(canvas: Canvas) -> Array:
    """How often spots break out, on the coarse grid: mostly about the chin and on the cheeks."""
    place = canvas.mix(cheek=0.7, chin=0.8, forehead=0.35, jaw=0.4, temple=0.25, nose=0.2, glabella=0.3)
    place *= np.clip(0.8 + 0.6 * canvas.noise("acne", 150, 800, paired=0.4), 0.05, 1.6)
    return np.clip(place, 0, 1) * skin(canvas)


def _papules(canvas: Canvas, marks: Marks) -> None:
    """Inflamed spots: a raised red core, sometimes with a pale head, in a flush that fades outward."""
    person = canvas.identity
    if person.acne <= 0:
        return
    random = generator(person.seed, "acne")
    points = sow(random, canvas, canvas.shared(_acne_place), int(34 * person.acne))
    count = len(points)
    radius = np.clip(random.lognormal(np.log(15), 0.45, count), 6, 48)
    fresh = random.beta(1.3, 1.3, count)  # 1 at its height, 0 nearly gone
    spots = Stamps(random, points, radius, 0.18, 0.75)
    dark = person.darkness
    spots.add(marks.blood, (0.25 + 0.75 * fresh) * (1 - 0.3 * dark), lambda r: disc(r, 0.6), 1.7)
    spots.add(marks.blood, 0.3 * fresh, lambda r: bell(0.55 * r), 2.6)
    spots.add(marks.melanin, (0.1 + 0.35 * dark) * (1 - 0.5 * fresh), lambda r: disc(r, 0.6), 1.7)
    spots.add(marks.height, radius * 0.13 * fresh, dome, 1.5)
    spots.add(marks.height, radius * 0.05 * fresh, lambda r: bell(0.6 * r), 2.4)
    spots.add(marks.gloss, 0.35 * fresh - 0.1, lambda r: bell(1.3 * r), 1.6)
    spots.add(marks.smooth, 0.2 + 0.6 * fresh, disc)
    heads = np.flatnonzero((fresh > 0.7) & (random.random(count) < 0.3))
    if len(heads):
        pus = Stamps(random, points[heads] + random.normal(0, 2, (len(heads), 2)), 0.27 * radius[heads], 0.1, 0.8)
        pus.add(marks.blood, -0.9, lambda r: disc(r, 0.5))
        pus.add(marks.melanin, -0.2, disc)
        pus.add(marks.height, 0.9, dome, 1.5)
        pus.add(marks.gloss, 0.3, disc)


def _stains(canvas: Canvas, marks: Marks) -> None:
    """Flat marks where spots have healed: red on light skin, brown on dark; the older the fainter."""
    person = canvas.identity
    amount = max(person.acne_marks, 0.5 * person.acne)
    if amount <= 0:
        return
    random = generator(person.seed, "stains")
    points = sow(random, canvas, canvas.shared(_acne_place), int(90 * amount))
    count = len(points)
    radius = np.clip(random.lognormal(np.log(14), 0.5, count), 5, 60)
    faint = random.beta(1.2, 2.4, count)
    stains = Stamps(random, points, radius, 0.3, 0.55)
    stains.add(marks.blood, 0.6 * faint * (1 - 0.6 * person.darkness), lambda r: disc(r, 0.7), 1.8)
    stains.add(
        marks.melanin, faint * np.where(random.random(count) < 0.4, 0.1, 0.3 + 0.5 * person.darkness), lambda r: disc(r, 0.6), 1.7
    )


def _pits(canvas: Canvas, marks: Marks) -> None:
    """Scars of acne: narrow deep ice-pick pits, wider boxcars with steep walls, shallow rolling hollows."""
    person = canvas.identity
    if person.acne_pits <= 0:
        return
    random = generator(person.seed, "pits")
    place = np.clip(canvas.mix(cheek=1.0, temple=0.5, nose=0.15, chin=0.2, jaw=0.25, cheekbone=0.4), 0, 1) * skin(canvas)
    place *= np.clip(0.7 + 0.6 * canvas.noise("pits", 150, 700, paired=0.4), 0.05, 1.5)
    for count, size, spread, depth, edge, ragged in (
        (110, 6, 0.35, 2.8, 0.6, 0.12),
        (50, 15, 0.4, 1.9, 0.5, 0.14),
        (34, 44, 0.35, 2.0, 1.0, 0.2),
    ):
        points = sow(random, canvas, np.clip(place, 0, 1), int(count * person.acne_pits))
        radius = np.clip(random.lognormal(np.log(size), spread, len(points)), 3.5, 90)
        deep = depth * random.lognormal(-0.35, 0.45, len(points)) * (0.4 + 0.6 * person.acne_pits)
        pits = Stamps(random, points, radius, ragged, 0.6)
        pits.add(marks.height, -deep, partial(disc, edge=edge), 1 + edge)
        pits.add(marks.height, 0.12 * deep, partial(rim, at=1.35), 2.1)
        pits.add(marks.gloss, -0.35 if size < 10 else -0.16, partial(disc, edge=edge), 1 + edge)
        pits.add(marks.blood, 0.2, partial(disc, edge=edge), 1 + edge)
        pits.add(marks.smooth, 0.5 if edge < 1 else 0.15, disc)
        pits.add(marks.melanin, 0.07 + 0.06 * person.darkness, partial(disc, edge=edge), 1 + edge)


def _razor_bumps(canvas: Canvas, marks: Marks) -> None:
    """Hairs grown back into the skin: small bumps on the neck and below the jaw, red or dark, some with the hair's root."""
    person = canvas.identity
    if person.razor_bumps <= 0:
        return
    random = generator(person.seed, "razor bumps")
    beard = canvas.shared(beard_density)
    place = (
        beard
        * np.clip(0.15 + canvas.mix(neck=0.9, jaw=0.4), 0, 1)
        * np.clip(0.6 + 0.7 * canvas.noise("bumps shaved", 200, 900), 0, 1.5)
    )
    points = sow(random, canvas, np.clip(place, 0, 1), int(150 * person.razor_bumps))
    count = len(points)
    radius = np.clip(random.lognormal(np.log(9), 0.35, count), 5, 24)
    fresh = random.beta(1.3, 1.5, count)
    bumps = Stamps(random, points, radius, 0.15, 0.75)
    bumps.add(marks.height, radius * (0.06 + 0.12 * fresh), dome, 1.5)
    bumps.add(marks.blood, 0.75 * fresh * (1 - 0.5 * person.darkness), lambda r: bell(0.75 * r), 2)
    bumps.add(marks.melanin, person.darkness * random.uniform(0.1, 0.6, count), lambda r: disc(r, 0.6), 1.7)
    bumps.add(marks.gloss, 0.25 * fresh, lambda r: bell(1.4 * r))
    roots = Stamps(random, points + random.normal(0, 1.5, points.shape), np.full(count, 2.6), 0.0)
    roots.add(marks.melanin, 0.8 * person.hair_melanin, bell)


def _milia(canvas: Canvas, marks: Marks) -> None:
    """Pale hard beads under the eyes."""
    person = canvas.identity
    if person.milia <= 0:
        return
    random = generator(person.seed, "milia")
    place = np.clip(canvas.mix(under_eye=0.9, lids=0.3, cheekbone=0.25, nose=0.1), 0, 1) * skin(canvas)
    points = sow(random, canvas, place, int(18 * person.milia) + 1)
    beads = Stamps(random, points, random.uniform(5, 11, len(points)), 0.05, 0.85)
    beads.add(marks.height, random.uniform(1.0, 2.6, len(points)), dome, 1.5)
    beads.add(marks.blood, -0.6, disc)
    beads.add(marks.melanin, -0.2 + 0.08 * person.darkness, disc)
    beads.add(marks.gloss, 0.2, disc)
    beads.add(marks.smooth, 0.7, disc)
