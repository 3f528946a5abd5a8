"""What Place Points draws over the Image Editor: the points, what to click next, and where that is on a face."""

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

from .placing import NEEDED, Placing
from .runtime.completion.landmarks import LANDMARKS
from .runtime.layout import HEIGHT, WIDTH
from .scan_points import DIGITS, where
from .translation import said

PLACED = (0.2, 0.85, 1.0, 1.0)
HELD = (1.0, 1.0, 1.0, 1.0)
ASKED = (1.0, 0.75, 0.1, 1.0)
TO_COME = (0.75, 0.75, 0.75, 0.7)
SHADE = (0.0, 0.0, 0.0, 0.7)
KEYS = "Click: place    Drag: move    Right click: take back    N: skip    Enter: done    Esc: as before"
CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 25)), np.sin(np.linspace(0, 2 * np.pi, 25))], 1)
FONT = 0


def to_region(view, size: tuple[int, int], place: tuple[float, float]) -> tuple[float, float]:
    """Pixels of the picture, from its upper left corner -> pixels of the region."""
    return view.view_to_region(place[0] / size[0], 1 - place[1] / size[1], clip=False)


def to_picture(view, size: tuple[int, int], x: float, y: float) -> tuple[float, float]:
    """The way back."""
    u, v = view.region_to_view(x, y)
    return round(u * size[0], DIGITS), round((1 - v) * size[1], DIGITS)


def question(placing: Placing) -> str:
    """What the next click sets, in words."""
    if placing.asked is None:
        return "All points are placed: press Enter"
    if placing.missing:
        done = len(NEEDED) - len(placing.missing)
        return f"{done + 1} of {len(NEEDED)}: {where(placing.asked)}"
    return f"More if you like: {where(placing.asked)}"


def draw(placing: Placing, region: bpy.types.Region, scale: float) -> None:
    """Into `region` of an Image Editor, in a POST_PIXEL handler. scale: of the interface."""
    gpu.state.blend_set("ALPHA")
    for name, place in placing.points.items():
        centre = to_region(region.view2d, placing.size, place)
        held = name == placing.grabbed
        _disc(centre, 4.5 * scale, SHADE)
        _disc(centre, 3 * scale, HELD if held else PLACED)
        _ring(centre, 8 * scale, HELD if held else PLACED)
        _draw_label(name, centre, scale, HELD if held else PLACED)
    _draw_question(placing, region, scale)
    _draw_face(placing, region, scale)
    gpu.state.blend_set("NONE")


def _draw_label(name: str, centre: tuple[float, float], scale: float, colour) -> None:
    """Beside the point, outwards: a label would hide its twin of the other side."""
    text, away = said(name.replace("_", " ")), 11 * scale
    wide = _width(text, 11 * scale)
    left = centre[0] - away - wide if name.endswith("_left") else centre[0] + away
    low = centre[1] - 4 * scale
    _box((left - 3 * scale, low - 4 * scale), (left + wide + 3 * scale, low + 12 * scale), SHADE)
    _text(text, (left, low), 11 * scale, colour)


def _draw_question(placing: Placing, region: bpy.types.Region, scale: float) -> None:
    margin = 14 * scale
    room = region.width - 2 * margin
    low = region.height - 82 * scale  # below the header, which lies over the region
    asked = (said(question(placing)), 16 * scale, low + 29 * scale, ASKED)
    lines = [asked, (said(KEYS), 11 * scale, low + 10 * scale, HELD)]
    fitting = [(text, height * min(1, room / _width(text, height)), y, colour) for text, height, y, colour in lines]
    wide = max(_width(text, height) for text, height, _, _ in fitting)
    left = (region.width - wide) / 2
    _box((left - margin, low), (left + wide + margin, low + 50 * scale), SHADE)
    for text, height, y, colour in fitting:
        _text(text, (left, y), height, colour)


def _draw_face(placing: Placing, region: bpy.types.Region, scale: float) -> None:
    """A small map of all points, with the asked one marked: words alone leave room for doubt."""
    wide, margin = 210 * scale, 12 * scale
    high = wide * HEIGHT / WIDTH
    _box((margin, margin), (margin + wide, margin + high), SHADE)
    for name, landmark in LANDMARKS.items():
        centre = (margin + landmark.uv[0] * wide, margin + (1 - landmark.uv[1]) * high)
        if name == placing.asked:
            _ring(centre, 7 * scale, ASKED)
            _disc(centre, 3.5 * scale, ASKED)
        else:
            _disc(centre, 2 * scale, PLACED if name in placing.points else TO_COME)


def _disc(centre, radius: float, colour) -> None:
    rim = CIRCLE * radius + centre
    corners = [corner for i in range(len(rim) - 1) for corner in (tuple(centre), tuple(rim[i]), tuple(rim[i + 1]))]
    _fill("TRIS", corners, colour)


def _ring(centre, radius: float, colour) -> None:
    _fill("LINE_STRIP", [tuple(corner) for corner in CIRCLE * radius + centre], colour)


def _box(low, high, colour) -> None:
    corners = (low, (high[0], low[1]), high, (low[0], high[1]))
    _fill("TRIS", [corners[i] for i in (0, 1, 2, 0, 2, 3)], colour)


def _fill(kind: str, corners, colour) -> None:
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.uniform_float("color", colour)
    batch_for_shader(shader, kind, {"pos": corners}).draw(shader)


def _text(text: str, place, height: float, colour) -> None:
    blf.size(FONT, height)
    blf.enable(FONT, blf.SHADOW)
    blf.shadow(FONT, 3, 0, 0, 0, 1)
    blf.color(FONT, *colour)
    blf.position(FONT, *place, 0)
    blf.draw(FONT, text)
    blf.disable(FONT, blf.SHADOW)


def _width(text: str, height: float) -> float:
    blf.size(FONT, height)
    return blf.dimensions(FONT, text)[0]
