"""The broad forms of a face that a scan's displacement and albedo still hold: orbits, bags, folds, philtrum, chin, neck.

All on the coarse grid: a height in canvas texels and a shade, the light that is left after occlusion (1 = open). What
needs finer edges (eyes, nostrils, lips, ears) is drawn in windows: ``face_details``.
"""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array, lip_edges
from gantlitz_blender.runtime.layout_regions import curve_distance

from .canvas import Canvas
from .detail import Detail
from .ears import draw_ears
from .eyes import draw_eyes
from .falloff import hill, smoothstep
from .lips import draw_lips
from .nose import draw_nostrils


def face_features(canvas: Canvas) -> tuple[Array, Array]:
    """(height, shade) of everything below, on the coarse grid."""
    height = np.zeros(canvas.coarse[::-1], np.float32)
    dim = np.zeros_like(height)
    for part in (_orbits, _nose, _mouth, _folds, _chin, _neck, _behind_ears):
        part(canvas, height, dim)
    shade = np.clip(1 - dim, 0.12, 1.1)
    return height, shade


def face_details(canvas: Canvas) -> list[Detail]:
    """The windows of a face, none of which overlaps another of its kind."""
    return [*draw_eyes(canvas), *draw_nostrils(canvas), *draw_lips(canvas), *draw_ears(canvas)]


def _ridge(distance: Array, width: float) -> Array:
    return np.exp(-((distance / np.float32(width)) ** 2))


def _orbits(canvas: Canvas, height: Array, dim: Array) -> None:
    person = canvas.identity
    a, y = canvas.half
    uneven = 1 + 0.25 * canvas.noise("bags", 200, 800, paired=0.8)
    trough = curve_distance(a, y, "tear_trough", 200)
    reach = smoothstep(340, 420, a) * smoothstep(850, 640, a)
    bags = person.eye_bags * uneven
    height += 4.0 * bags * canvas.region("under_eye")
    height -= bags * (1.6 * _ridge(trough, 18) + 3.0 * _ridge(trough, 52)) * reach
    dim += bags * (0.05 * _ridge(trough, 20) + 0.09 * _ridge(trough, 56)) * reach
    inner_trough = _ridge(curve_distance(a, y, "tear_trough", 150), 40) * smoothstep(560, 400, a)
    dim += (0.04 + 0.06 * person.eye_bags) * inner_trough
    mound = person.malar * hill(a, y, 800, 1840, 150, 62) * uneven
    edge = _ridge(y - 1900 + 0.16 * (a - 800) + 18 * canvas.noise("malar", 250, 1000, paired=0.8), 22)
    edge = edge * person.malar * hill(a, y, 800, 1880, 150, 90)
    height += 3.5 * mound - 2.0 * edge
    dim += 0.09 * edge
    dim += 0.09 * canvas.region("orbit") + (0.05 + 0.05 * person.brow_ridge) * hill(a, y, 560, 1290, 210, 42)
    dim += 0.13 * hill(a, y, 318, 1440, 52, 96)  # between the eye and the nose
    height += 2.5 * person.brow_ridge * hill(a, y, 520, 1150, 260, 55)


def _nose(canvas: Canvas, height: Array, dim: Array) -> None:
    a, y = canvas.half
    height -= 2.0 * canvas.region("ala")
    dim += 0.11 * hill(a, y, 170, 2350, 120, 62)
    base = hill(a, y, 70, 2418, 170, 34) * np.clip(1 + 0.2 * canvas.noise("nose base", 150, 600, paired=0.7), 0.4, 1.6)
    dim += 0.13 * base
    height -= 2.4 * base
    dim += 0.06 * hill(a, y, 215, 1750, 50, 300)
    dim += 0.05 * hill(a, y, 232, 2190, 36, 60)  # where the tip meets the wing


def _mouth(canvas: Canvas, height: Array, dim: Array) -> None:
    person = canvas.identity
    a, y = canvas.half
    _, _, lower = lip_edges(a)
    below = np.exp(-0.5 * ((y - lower - 46) / 38) ** 2) * smoothstep(350, 130, a)
    below = below * np.clip(1 + 0.12 * canvas.noise("below lip", 300, 1200, paired=0.85), 0.3, 1.7)
    dim += 0.12 * below
    height -= 2.2 * below
    fade = smoothstep(2420, 2490, y) * smoothstep(2700, 2640, y)
    spread = 62 + 12 * smoothstep(2450, 2660, y)  # the columns part towards the lip
    column = _ridge(a - spread, 24) * fade
    groove = _ridge(a, 34) * fade
    height += person.philtrum * (2.6 * column - 3.2 * groove)
    dim += person.philtrum * (0.075 * groove - 0.02 * column)
    dim += 0.05 * hill(a, y, 440, 2840, 60, 46)


def _folds(canvas: Canvas, height: Array, dim: Array) -> None:
    person = canvas.identity
    a, y = canvas.half
    bent = np.asarray(a + 15 * canvas.noise("fold way", 500, 2000, paired=0.85), np.float32)
    uneven = np.clip(1 + 0.28 * canvas.noise("fold", 200, 800, paired=0.7), 0.2, 1.8)
    run = smoothstep(2140, 2330, y) * smoothstep(2860, 2430, y) * person.nasolabial * uneven
    line = curve_distance(bent, y, "nasolabial", 200)
    cheek = curve_distance(bent - 58, y - 18, "nasolabial", 150)
    height -= run * (1.8 * person.age * _ridge(line, 14) + 4.0 * _ridge(line, 42))
    height += run * 3.0 * _ridge(cheek, 46)
    dim += run * (0.045 * person.age * _ridge(line, 16) + 0.09 * _ridge(line, 50) - 0.02 * _ridge(cheek, 40))
    sag = max(person.age - 0.3, 0) * uneven * smoothstep(2835, 2960, y) * smoothstep(3110, 2960, y)
    line = curve_distance(bent, y, "marionette", 150)
    height -= sag * (1.8 * _ridge(line, 14) + 3.6 * _ridge(line, 44))
    dim += sag * (0.07 * _ridge(line, 16) + 0.13 * _ridge(line, 48))
    frown = person.glabella * _ridge(a - 78 - 0.12 * (1300 - y) + 8 * canvas.noise("frown", 200, 700, paired=0.6), 14)
    frown = frown * hill(a, y, 80, 1235, 400, 80) * uneven
    height -= 3.4 * frown
    dim += 0.09 * frown + 0.03 * canvas.region("glabella")


def _chin(canvas: Canvas, height: Array, dim: Array) -> None:
    person = canvas.identity
    a, y = canvas.half
    dip = canvas.region("mentolabial") * np.clip(1 + 0.2 * canvas.noise("dip", 200, 900, paired=0.8), 0.4, 1.6)
    dim += 0.07 * dip
    height -= 3 * dip
    wander = a + 10 * canvas.noise("cleft", 150, 600, paired=0.4)
    cleft = person.chin_cleft * (0.5 * hill(wander, y, 0, 3290, 20, 74) + 0.6 * hill(wander, y, 0, 3280, 58, 95))
    height -= 5 * cleft
    dim += 0.09 * cleft
    dim -= 0.02 * hill(a, y, 60 + 60 * person.chin_cleft, 3290, 110, 90)


def _neck(canvas: Canvas, height: Array, dim: Array) -> None:
    person = canvas.identity
    a, y = canvas.half
    dim += 0.17 * canvas.region("neck")
    for i, ring in enumerate((3630, 3800, 3950)):  # the rings lie as soft furrows that come and go, in two or three strands
        level = (
            y
            - ring
            + 0.07 * a
            + 20 * canvas.noise(f"ring{i}", 700, 2400, paired=0.7)
            + 5 * canvas.noise(f"ringlet{i}", 120, 480, paired=0.3)
        )
        comes = np.clip(0.45 + 0.55 * canvas.noise(f"ringgap{i}", 300, 1200, paired=0.6), 0, 1.3) * (0.22 + 0.8 * person.age)
        wide, fine = _ridge(level, 40), _ridge(level - 7 * canvas.noise(f"strand{i}", 300, 1200), 9)
        height -= comes * (1.6 * wide + 1.1 * fine)
        dim += comes * (0.045 * wide + 0.035 * fine)


def _behind_ears(canvas: Canvas, height: Array, dim: Array) -> None:
    a, y = canvas.half
    dim += 0.05 * hill(a, y, 2080, 2150, 64, 300)
    height -= 2.0 * hill(a, y, 2080, 2150, 64, 300)
