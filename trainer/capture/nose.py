"""The nostrils and the grooves about the wings of the nose."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .detail import Detail, Window
from .falloff import smoothstep

_BOX = (0.0, 2060.0, 480.0, 2480.0)
_GROOVE = np.array([(292, 2118), (338, 2165), (371, 2232), (372, 2312), (336, 2380), (266, 2416)], np.float64)


def draw_nostrils(canvas: Canvas) -> list[Detail]:
    """Both sides of the nose's base."""
    return [_side(Window(canvas, _BOX, side)) for side in (-1, 1)]


def _side(view: Window) -> Detail:
    person = view.canvas.identity
    a, y = view.a, view.y
    c, s = np.float32(np.cos(0.42)), np.float32(np.sin(0.42))
    da, dy = a - 166, y - 2325
    p, q = c * da - s * dy, c * dy + s * da  # p along the opening, outward and up
    wide = np.float32(55 - 0.22 * person.nose_length) + 9 * np.clip(p / 92, -1, 1)
    ragged = 1.6 * view.noise("nostril", 90) + 0.35 * view.noise("nostril fine", 26)
    inside = (1 - np.sqrt((p / 94) ** 2 + (q / wide) ** 2)) * 58 + ragged  # texels from the rim
    sill = smoothstep(-12, 46, q - 0.25 * p)  # the lower rim runs out into the sill
    soft = 6 + 16 * sill
    hole = smoothstep(-1, 1, inside / soft)
    depth = smoothstep(-14, 62, inside - 20 * (q + 0.3 * p) / wide + 4 * view.noise("depth", 120))
    light = 1 - hole * (0.42 + 0.42 * depth)
    light -= 0.13 * np.exp(-(((inside + 2) / (16 + 22 * sill)) ** 2)) * (1 - hole)
    blood = 0.75 * hole + 0.4 * np.exp(-(((inside + 4) / 24) ** 2))
    melanin = -0.15 * hole
    height = -4.2 * smoothstep(-16, 52, inside) * (1 - 0.35 * sill) - 1.2 * smoothstep(-6, 12, inside) * (1 - sill)
    height += 1.0 * np.exp(-(((inside + 18) / 16) ** 2)) * (1 - 0.7 * sill)

    distance, t = view.to_curve(_GROOVE)  # > 0 on the wing, < 0 on the cheek
    distance = distance + 3.0 * view.noise("groove", 220)
    run = smoothstep(0, 0.42, t) * smoothstep(1.0, 0.5, t) * np.clip(1 + 0.16 * view.noise("groove depth", 220), 0.4, 1.5)
    run = run * person.alar_groove
    core = np.exp(-((distance / np.where(distance > 0, 11, 26)) ** 2))
    broad = np.exp(-((distance / np.where(distance > 0, 34, 62)) ** 2))
    light -= run * (0.07 * core * smoothstep(0.9, 0.5, t) + 0.075 * broad)
    blood += run * (0.12 * core + 0.28 * broad)
    height += run * (-2.2 * core - 1.6 * broad + 2.0 * np.exp(-(((distance - 42) / 30) ** 2)))
    return view.detail(height, np.clip(light, 0.1, 1), melanin, blood, gloss=1 - 0.5 * hole)
