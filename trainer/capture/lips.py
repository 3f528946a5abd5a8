"""The mouth: the red of the lips and its border, the line between them, their ridges and what dryness does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array, lip_edges

from .canvas import Canvas
from .detail import Detail, Window
from .falloff import smoothstep
from .identity import Identity, generator
from .noise import blur
from .strokes import LINE_PEAK, draw_lines

_BOX = (0.0, 2440.0, 560.0, 3120.0)
_STEPS = 10  # points of a furrow


def draw_lips(canvas: Canvas) -> list[Detail]:
    """The mouth, in one window."""
    return [_mouth(Window(canvas, _BOX, 0))]


def _mouth(view: Window) -> Detail:
    person = view.canvas.identity
    dark, a, y = person.darkness, view.a, view.y
    upper, line, lower = lip_edges(a)
    ragged = 2.4 * view.noise("lip rim", 110, shared=0.6) + 0.9 * view.noise("lip rim fine", 26, shared=0.3)
    top, bottom = y - upper + ragged, lower - y + 1.15 * ragged  # texels inside the red
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
    blood = red * patches * redness * (0.86 + 0.18 * is_lower - 0.34 * dark * (1 - is_lower)) + 0.30 * wet * red
    tint = -0.36 * (1 - 0.6 * dark) + (0.75 - 0.5 * dark) * person.lip_melanin * (0.2 + 0.8 * dark)
    rim = np.exp(-((np.minimum(top, bottom) / 34) ** 2))
    middle = np.exp(-0.5 * ((a / 170) ** 2 + ((y - 2860) / 46) ** 2))
    melanin = red * (tint + dark * (0.08 * rim * (1 - 0.5 * is_lower) + 0.04 * (1 - is_lower) - 0.30 * middle))
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
    dim += 0.11 * corner + (0.04 + 0.05 * person.age) * corner_wide
    blood += 0.16 * corner_wide
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
    """The lips' relief, canvas texels of height: cushions between furrows that run across the red, fan out and fork."""
    person = view.canvas.identity
    furrows = np.zeros(view.size[::-1], np.float32)
    for which in ("upper", "lower"):
        paths, depths = _furrows(person, which)
        points = view.to_pixels(paths.reshape(-1, 2)).reshape(paths.shape)
        draw_lines(furrows, points, depths)
    sigma = 1.9 * view.grain
    furrows *= np.float32(LINE_PEAK * sigma)
    cut, shoulder = blur(furrows, sigma), blur(furrows, 3.2 * sigma)
    fan = view.x * (1 - 0.0006 * np.abs(below) * smoothstep(0, 400, view.a)) + 3 * view.noise("lip bend", 220, shared=0.3)
    soft = view.fibres("lip soft", fan, view.y, 30 * person.lip_grooves, 260)
    worn = np.clip(0.9 + 0.3 * view.noise("lip wear", 160, shared=0.5), 0.3, 1.6)
    shape = 0.75 * shoulder - np.minimum(cut, 1.8) + 0.16 * soft + 0.07 * view.noise("lip skin", 14, shared=0.3)
    return np.asarray(person.lip_groove_depth * (0.75 + 0.45 * person.age) * worn * red * shape, np.float32)


def _furrows(person: Identity, which: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Furrows of one lip: paths (P, N, 2) of (x from the mid-line, y) in the plain layout, depths (P, N - 1) in texels."""
    random = generator(person.seed, "lip", which)
    x = np.arange(-372, 372, 13.0 * person.lip_grooves)
    x = x + random.normal(0, 4.0, len(x))
    forks = random.random(len(x)) < 0.4  # these split on their way
    start = np.where(forks, random.uniform(0.25, 0.6, len(x)), random.uniform(0.02, 0.2, len(x)) * random.integers(0, 2, len(x)))
    x, start = np.concatenate([x, x[forks]]), np.concatenate([np.where(forks, 0.03, start), start[forks]])
    lean = np.concatenate([np.zeros(len(forks)), random.choice((-1, 1), forks.sum()) * random.uniform(0.12, 0.35, forks.sum())])
    upper, line, lower = lip_edges(np.abs(x))
    reach = (lower - line if which == "lower" else upper - line).astype(np.float64)
    end = np.clip(random.beta(3, 1.2, len(x)) * 1.12, start + 0.12, 1.1)
    t = start[:, None] + (end - start)[:, None] * np.linspace(0, 1, _STEPS)
    far = np.abs(reach)[:, None]
    sideways = (0.30 * x[:, None] / 394 + random.normal(0, 0.07, (len(x), 1))) * t * far
    sideways += lean[:, None] * (t - start[:, None]) * far
    sideways += np.cumsum(random.normal(0, 0.9, t.shape), 1)
    paths = np.stack([x[:, None] + sideways, line[:, None] + t * reach[:, None]], -1)
    depth = 0.5 * random.lognormal(-0.2, 0.6, len(x)) * smoothstep(8, 50, np.abs(reach).astype(np.float32))
    taper = np.sin(np.pi * np.clip(np.linspace(0.04, 1, _STEPS - 1), 0, 1)) ** 0.7
    return paths, depth[:, None] * taper * np.clip(random.normal(1, 0.25, (len(x), _STEPS - 1)), 0.3, 1.7)


def _flakes(view: Window, below: Array) -> Array:
    """Dry skin that lifts: cover 0 .. 1, most on the middle of the lower lip."""
    dry = view.canvas.identity.lip_dryness
    patchy = view.fibres("flakes", view.x, view.y, 15, 34) + 0.5 * view.noise("flakes fine", 9, shared=0.3)
    patchy = patchy + 0.9 * view.noise("flakes wide", 150, shared=0.3)
    return smoothstep(2.2 - 1.0 * dry, 3.6 - 1.0 * dry, patchy) * smoothstep(14, 34, np.abs(below)) * np.float32(min(1.6 * dry, 1))
