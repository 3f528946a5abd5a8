"""The ears, modelled as a form: ridges along curves and hollows, from which relief, occlusion and redness follow."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array, spline

from .canvas import Canvas
from .detail import Detail, Window
from .falloff import smoothstep
from .identity import generator
from .noise import blur

_BOX = (1990.0, 940.0, 2860.0, 2580.0)

# half-face texels (a, y)
_HELIX = (
    *((2196, 1700), (2152, 1590), (2134, 1430), (2172, 1255), (2290, 1130), (2440, 1090), (2590, 1140)),  # up and over
    *((2694, 1290), (2728, 1490), (2704, 1710), (2642, 1920), (2570, 2080), (2500, 2200)),  # down the back
)
_ANTIHELIX = ((2392, 2150), (2476, 2070), (2530, 1930), (2536, 1790), (2500, 1650), (2436, 1520), (2396, 1400), (2372, 1290))
_LOWER_CRUS = ((2502, 1650), (2430, 1574), (2330, 1536), (2225, 1520))
_CRUS = ((2150, 1620), (2186, 1720), (2252, 1796), (2330, 1828), (2410, 1822))
_CONCHA = (
    *((2218, 1572), (2320, 1580), (2412, 1630), (2462, 1740), (2468, 1890), (2432, 2010)),
    *((2366, 2074), (2284, 2086), (2240, 2020), (2234, 1900), (2222, 1800), (2186, 1690)),
)
_FRONT = ((2100, 1700), (2112, 1900), (2122, 2100), (2150, 2290), (2206, 2410), (2290, 2478))
_CREASE = ((2290, 2190), (2350, 2270), (2410, 2350), (2450, 2430))

_DEPTH = 0.1  # share of the form that the displacement keeps: the head's own shape holds the rest


def draw_ears(canvas: Canvas) -> list[Detail]:
    """Both ears."""
    return [_ear(Window(canvas, _BOX, side, finest=0.5)) for side in (-1, 1)]


def _points(view: Window, name: str, points: tuple[tuple[float, float], ...], stray: float = 6.0) -> NDArray[np.float64]:
    """A curve's points, moved a little: no two people's ears run alike."""
    random = generator(view.canvas.identity.seed, "ear", name)
    return np.asarray(points, np.float64) + np.clip(random.normal(0, stray, (len(points), 2)), -2 * stray, 2 * stray)


def _blob(view: Window, a: float, y: float, ra: float, ry: float, tilt: float = 0.0) -> Array:
    da, dy = view.a - np.float32(a), view.y - np.float32(y)
    c, s = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
    return np.exp(np.float32(-0.5) * (((c * da + s * dy) / np.float32(ra)) ** 2 + ((c * dy - s * da) / np.float32(ry)) ** 2))


def _filled(view: Window, points: NDArray[np.float64], soft: float) -> Array:
    """1 inside a closed curve of half-face points, its edge soft over about ``soft`` canvas texels."""
    line = spline(np.concatenate([points, points[:1]]), 8)
    path = view.to_pixels(line)
    plane = np.zeros(view.size[::-1], np.uint8)
    cv2.fillPoly(plane, [np.round(path * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)
    return blur(plane.astype(np.float32) / 255, soft * view.grain)


def _ridge(view: Window, points: NDArray[np.float64], widths: tuple[float, ...], heights: tuple[float, ...]) -> Array:
    """A rounded ridge along a curve; widths and heights in canvas texels, evenly spread over its length."""
    distance, t = view.to_curve(points)
    even = np.linspace(0, 1, len(widths))
    width = np.interp(t, even, widths).astype(np.float32)
    height = np.interp(t, np.linspace(0, 1, len(heights)), heights).astype(np.float32)
    return height * np.exp(-(np.abs(distance / width) ** 2.2))


def _rim(view: Window) -> tuple[Array, Array, Array]:
    """The helix: (how high its roll stands, the groove it shelters, the furrow behind it), each 0 .. about 1."""
    person = view.canvas.identity
    distance, t = view.to_curve(_points(view, "helix", _HELIX))  # > 0 inside the rim
    distance = distance + 4 * view.noise("helix", 420)
    width = np.interp(t, [0, 0.15, 0.45, 0.62, 0.85, 1], [30, 38, 54, 46, 40, 26]).astype(np.float32)
    width = width * np.float32(person.helix_width) + 14 * person.helix_point * np.exp(-(((t - 0.62) / 0.035) ** 2))
    u = distance / width
    inside, outside = (np.clip(1 - np.abs(u / reach) ** power, 0, 1) ** 0.6 for reach, power in ((1, 3), (1.3, 2)))
    roll = np.where(u > 0, inside, outside) * smoothstep(0, 0.12, t) * smoothstep(1, 0.68, t)
    groove = np.exp(-(((distance - width - 26) / 42) ** 2)) * smoothstep(0.22, 0.34, t) * smoothstep(0.98, 0.8, t)
    groove = groove * (0.75 + 0.35 * np.sin(3.1 * t + 0.4) + 0.2 * view.noise("scapha", 300))
    behind = smoothstep(1.25, 2.3, -u) * smoothstep(0.05, 0.2, t) * smoothstep(1.0, 0.6, t)
    return roll.astype(np.float32), groove.astype(np.float32), behind


def _antihelix(view: Window) -> Array:
    """The antihelix and its two crura, canvas texels."""
    tall = view.canvas.identity.antihelix
    heights = (50, 92 * tall, 104 * tall, 88 * tall, 62 * tall, 14)
    stem = _ridge(view, _points(view, "antihelix", _ANTIHELIX), (34, 54, 58, 50, 44, 36), heights)
    crus = _ridge(view, _points(view, "crus", _LOWER_CRUS), (30, 26, 22, 20), (60 * tall, 84 * tall, 70, 20))
    return np.maximum(stem, crus)


def _lobe(view: Window) -> Array:
    """The lobe, where it meets the cheek, and the crease that some old ones have, canvas texels."""
    person = view.canvas.identity
    free = person.ear_lobe
    form = 26 * _blob(view, 2360, 2310, 90, 110)
    form -= _ridge(view, _points(view, "front", _FRONT), (60, 56, 52, 48, 42, 40), (0, 6, 6, 8, 6 + 16 * free, 6 + 22 * free))
    if generator(person.seed, "ear", "lobe crease").random() < 0.8 * person.age:
        form -= _ridge(view, _points(view, "crease", _CREASE), (10, 14, 16, 12), (0, 14, 12, 0))
    return form


def _ear(view: Window) -> Detail:
    person = view.canvas.identity
    a, y = view.a, view.y
    roll, groove, behind = _rim(view)
    bowl = _points(view, "concha", _CONCHA, 4)
    concha, cavity = _filled(view, bowl, 24), _filled(view, bowl, 62)
    floor = 1 + 0.05 * view.noise("concha", 300) + 0.5 * smoothstep(2420, 2260, a)  # it deepens towards the canal
    antihelix = _antihelix(view)
    cover = smoothstep(18, -14, a - 2246 + 30 * ((y - 1940) / 110) ** 2 + 6 * view.noise("tragus", 170))  # by the tragus

    form = 92 * roll - 40 * groove - 70 * behind + antihelix * (1 - 0.35 * concha) + _lobe(view)
    form -= 55 * _blob(view, 2300, 1400, 62, 84, 0.35)  # the triangular fossa
    form -= 95 * concha * floor + 55 * cavity
    form += _ridge(view, _points(view, "root", _CRUS), (36, 44, 42, 36, 30), (40, 84, 80, 50, 0))
    form += 105 * _blob(view, 2192, 1946, 50, 84) * cover
    form += 74 * _blob(view, 2372, 2132, 52, 30, -0.5) * (1 - 0.7 * concha)  # the antitragus
    form -= 46 * _blob(view, 2282, 2094, 34, 44)  # the notch between the two
    form = blur(form, 2.2 * view.grain / 0.5)

    hidden = 0.6 * view.occlusion(form, 16) + view.occlusion(form, 44, 95)
    light = (1 - 0.62 * (1 - np.exp(-0.42 * hidden)) + 0.03 * roll) * (1 - 0.2 * cavity)
    light = light * (1 - 0.62 * _blob(view, 2272, 1934, 44, 74) * (1 - cover))  # the canal
    blood = 0.42 * person.redness * roll + 0.22 * np.minimum(hidden, 1.5) + 0.22 * _blob(view, 2370, 2330, 110, 110)
    blood -= 0.0023 * antihelix  # stretched skin is pale
    veins = np.maximum(0.2 - np.abs(view.noise("ear veins", 90)), 0) / 0.2
    blood += 0.12 * veins * (1 - person.darkness) * np.clip(roll + groove, 0, 1)
    kept = form - blur(form, 80 * view.grain)
    height = 9 * np.tanh(_DEPTH * kept / 9)
    return view.detail(height, np.clip(light, 0.1, 1.05), -0.10 * concha, blood, gloss=1 - 0.35 * concha)
