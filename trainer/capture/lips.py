"""The mouth: the red of the lips and its border, the line between them, their ridges and what dryness does."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array, lip_edges

from .canvas import Canvas, smoothstep
from .detail import Detail, Window

_BOX = (0.0, 2440.0, 560.0, 3120.0)


def draw_lips(canvas: Canvas) -> list[Detail]:
    """The mouth, in one window."""
    return [_mouth(Window(canvas, _BOX, 0))]


def _mouth(view: Window) -> Detail:
    person = view.canvas.identity
    dark, a, y = person.darkness, view.a, view.y
    upper, line, lower = lip_edges(a)
    ragged = 2.4 * view.noise("lip rim", 110, shared=0.6) + 0.9 * view.noise("lip rim fine", 26, shared=0.3)
    top, bottom = y - upper + ragged, lower - y + 1.6 * ragged  # texels inside the red
    blurred = 1 - person.lip_border
    red = smoothstep(-1, 1, top / (7 + 13 * blurred)) * smoothstep(-1, 1, bottom / (11 + 18 * blurred)) * smoothstep(408, 366, a)
    drift = 2.2 * view.noise("mouth line", 190, shared=0.7) + 1.0 * view.noise("mouth line fine", 60, shared=0.3)
    below = y - line + drift  # texels under the line between the lips
    is_lower = smoothstep(-3, 3, below)
    inside = smoothstep(410, 300, a)

    # colour
    patches = 1 + 0.10 * view.noise("lip tone", 150, shared=0.7) + 0.06 * view.noise("lip mottle", 46, shared=0.5)
    wet = np.exp(-((below / np.where(below > 0, 40, 22)) ** 2)) * inside
    redness = (1.32 - 0.5 * dark) * person.lip_redness + 0.1
    blood = red * patches * redness * (0.86 + 0.18 * is_lower) + 0.30 * wet * red
    tint = -0.36 + (0.75 - 0.3 * dark) * person.lip_melanin * (0.2 + 0.8 * dark)
    rim = np.exp(-((np.minimum(top, bottom) / 34) ** 2))
    middle = np.exp(-0.5 * ((a / 170) ** 2 + ((y - 2860) / 46) ** 2))
    melanin = red * (tint + dark * (0.14 * rim * (1 - 0.5 * is_lower) + 0.08 * (1 - is_lower) - 0.36 * middle))
    roll = np.exp(-(((top + 15) / 13) ** 2)) * smoothstep(400, 250, a)  # the white roll
    blood -= 0.10 * roll
    melanin -= 0.05 * roll

    # the line between the lips
    part = person.mouth_part * np.clip(0.85 + 0.27 * view.noise("mouth gaps", 150, shared=0.6), 0.3, 1.5) * inside
    core = np.exp(-((below / np.where(below > 0, 5.2, 3.2)) ** 2))
    dim = part * (0.42 * core + 0.17 * np.exp(-((below / np.where(below > 0, 26, 12)) ** 2)))
    blood += 0.35 * part * core
    height = part * (-2.6 * np.exp(-((below / 7) ** 2)) - 2.6 * np.exp(-((below / 22) ** 2)))
    corner = np.exp(-0.5 * (((a - 399) / 24) ** 2 + ((y - 2812) / 15) ** 2))
    corner_wide = np.exp(-0.5 * (((a - 412) / 46) ** 2 + ((y - 2822 - 0.35 * (a - 412)) / 30) ** 2))
    dim += 0.14 * corner + (0.055 + 0.06 * person.age) * corner_wide
    blood += 0.25 * corner_wide
    height -= 1.8 * corner + 1.4 * corner_wide

    # volume
    height += 2.6 * red * smoothstep(0, 30, np.abs(below)) + 1.3 * roll
    height += 1.3 * np.exp(-0.5 * ((a / 52) ** 2 + ((y - 2755) / 26) ** 2))  # the upper lip's tubercle
    dim -= 0.03 * middle

    ridges, flakes = _ridges(view, below, red * (1 - 0.6 * core * inside)), _flakes(view, below) * red
    height += ridges + 0.35 * flakes
    dim += 0.09 * np.maximum(-ridges, 0) - 0.03 * np.maximum(ridges, 0)
    blood += 0.16 * np.maximum(-ridges, 0) - 0.28 * flakes
    melanin -= 0.1 * flakes
    gloss = (1 - 0.22 * np.clip(-ridges, 0, 1.5)) * (1 - 0.35 * flakes) * (1 + 0.2 * wet * is_lower)
    return view.detail(height, np.clip(1 - dim, 0.1, 1.06), melanin, blood, gloss=gloss)


def _ridges(view: Window, below: Array, red: Array) -> Array:
    """The lips' ridges, canvas texels of height: cushions between furrows that fan out and fork."""
    person = view.canvas.identity
    tall = np.abs(below)
    fan = view.x * (1 - 0.0013 * tall * smoothstep(0, 400, view.a)) + 4 * view.noise("lip bend", 220, shared=0.3)
    along = view.y + 40 * view.noise("lip ends", 60, shared=0.2)  # or all furrows would end at one height
    fine = view.fibres("lip fine", fan, along, 25 * person.lip_grooves, 420)
    broad = view.fibres("lip broad", fan, along, 62 * person.lip_grooves, 800)
    cross = view.fibres("lip cross", view.y + 0.1 * fan, fan, 16, 46)  # short breaks across the ridges
    cushions = (np.minimum(np.abs(fine), 1.4) ** 0.75 - 0.75) * np.clip(0.8 + 0.35 * broad, 0.2, 1.5)
    deep = -np.exp(-(((broad - 0.3) / 0.2) ** 2)) * np.clip(0.6 + 0.6 * view.noise("lip deep", 90, shared=0.3), 0, 1.5)
    worn = np.clip(0.85 + 0.35 * view.noise("lip wear", 140, shared=0.5), 0.25, 1.6)
    depth = person.lip_groove_depth * (0.40 + 0.35 * person.age)
    shape = (
        0.95 * cushions
        + (0.7 + 0.7 * person.age) * (deep + 0.12)
        + 0.16 * cross * np.abs(fine)
        + 0.08 * view.noise("lip skin", 14, shared=0.3)
    )
    return np.asarray(depth * worn * red * shape, np.float32)


def _flakes(view: Window, below: Array) -> Array:
    """Dry skin that lifts: cover 0 .. 1, most on the middle of the lower lip."""
    dry = view.canvas.identity.lip_dryness
    patchy = view.fibres("flakes", view.x, view.y, 15, 34) + 0.5 * view.noise("flakes fine", 9, shared=0.3)
    patchy = patchy + 0.9 * view.noise("flakes wide", 150, shared=0.3)
    return smoothstep(2.2 - 1.0 * dry, 3.6 - 1.0 * dry, patchy) * smoothstep(14, 34, np.abs(below)) * np.float32(min(1.6 * dry, 1))
