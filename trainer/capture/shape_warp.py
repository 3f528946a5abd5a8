"""How one face's features lie, against the plain layout's: a small smooth displacement, so that faces stay aligned."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.layout import WIDTH, Array

from .falloff import hill
from .identity import Identity
from .noise import band_noise


def shape_warp(person: Identity, size: tuple[int, int], x: Array, y: Array) -> tuple[Array, Array]:
    """(dx, dy) in canvas texels from this face's texels (x, y) to where they lie in the plain layout.

    size: (width, height) of the grid that x and y cover. Features move by a few tens of texels at most.
    """
    a = np.abs(x - WIDTH / 2)
    out, down = np.zeros_like(x), np.zeros_like(x)  # outward and downward
    for part in (_eyes, _nose, _mouth, _brows, _chin, _ears):
        part(person, a, y, out, down)
    near_lips = hill(a, y, 0, layout.half_point("mouth_corner")[1], 420, 170)
    down += 2.0 * near_lips * band_noise(person.seed, "lipedge", size, 90, 360)
    drift = 2.6 * person.asymmetry
    middle = 1 - np.exp(-((a / 250) ** 2))  # outward shifts fade at the mid-line, where they would tear left from right
    for i, plane in enumerate((out, down)):
        fade = np.float32(1) if plane is down else middle
        common = band_noise(person.seed, f"warp{i}", size, 1200, 2400)  # mirrored: the same on both sides
        common = 0.5 * (common + common[:, ::-1])
        plane += 1.4 * 14 * common * fade
        plane += drift * band_noise(person.seed, f"askew{i}", size, 900, 2400) * fade
    return np.sign(x - WIDTH / 2) * out, down


def _eyes(person: Identity, a: Array, y: Array, out: Array, down: Array) -> None:
    eye_a, eye_y = layout.half_point("eye_centre")
    near = hill(a, y, eye_a, eye_y, 230, 190)
    out += ((1 / person.eye_width - 1) * (a - eye_a) - person.eye_spacing) * near
    down += ((1 / person.eye_height - 1) * (y - eye_y) + person.eye_tilt / 200 * (a - eye_a)) * near


def _nose(person: Identity, a: Array, y: Array, out: Array, down: Array) -> None:
    near = hill(a, y, 0, 2230, 330, 230)
    out += (1 / person.nose_width - 1) * a * near
    down -= person.nose_length * near
    out += (1 / person.nostril_size - 1) * (a - 166) * hill(a, y, 166, 2325, 70, 70)
    down += (1 / person.nostril_size - 1) * (y - 2325) * hill(a, y, 166, 2325, 70, 70)
    down += person.nostril_tilt / 90 * (a - 166) * hill(a, y, 166, 2325, 110, 90)
    out -= person.ala_flare * hill(a, y, 330, 2270, 90, 110)


def _mouth(person: Identity, a: Array, y: Array, out: Array, down: Array) -> None:
    corner_a, corner_y = layout.half_point("mouth_corner")
    near = hill(a, y, 0, corner_y, 420, 170)
    out += (1 / person.lip_width - 1) * a * near
    fullness = np.where(y < corner_y - 15, 1 / person.lip_upper, 1 / person.lip_lower).astype(np.float32)
    down += (fullness - 1) * (y - (corner_y - 15)) * near
    down -= 12 * (1 - person.cupid_bow) * hill(a, y, 80, 2660, 60, 60)
    down -= 10 * person.cupid_bow * hill(a, y, 0, 2690, 40, 50) * (person.cupid_dip - 1)
    down += person.mouth_tilt * hill(a, y, corner_a, corner_y, 150, 90)
    down -= person.mouth_height * hill(a, y, 0, corner_y, 520, 260)


def _brows(person: Identity, a: Array, y: Array, out: Array, down: Array) -> None:
    t = np.clip((y - 1180) / 90, 0, 1)
    below = 1 - 0.6 * t**2 * (3 - 2 * t)  # the lid's fold follows a little
    near = hill(a, y, 640, 1150, 420, 110) * below
    down += person.brow_height * near
    down += person.brow_arch * hill(a, y, 800, 1130, 180, 110) * below
    down += person.brow_tilt * np.clip((a - 600) / 450, -1, 1) * near


def _chin(person: Identity, a: Array, y: Array, out: Array, down: Array) -> None:
    down -= person.chin_length * hill(a, y, 0, 3330, 620, 260)
    out += (1 / person.chin_width - 1) * a * hill(a, y, 0, 3280, 480, 260)


def _ears(person: Identity, a: Array, y: Array, out: Array, down: Array) -> None:
    ear_a, ear_y = layout.half_point("ear_centre")
    near = hill(a, y, ear_a, ear_y, 420, 620)
    out += ((1 / person.ear_size - 1) * (a - ear_a) - person.ear_turn * (y - ear_y)) * near
    down += ((1 / person.ear_size - 1) * (y - ear_y) + person.ear_turn * (a - ear_a) - person.ear_height) * near
