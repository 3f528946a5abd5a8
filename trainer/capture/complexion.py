"""Albedo: where melanin and blood are, and the colour that follows."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array

from .canvas import Canvas
from .colour import hair_colour, skin_colour, skin_table
from .detail import Detail, add_details
from .hair import Hair
from .identity import generator
from .marks import Marks
from .relief import Relief

# Log-gains of blood and of melanin by region; each is scaled per subject by a lognormal factor.
_BLOOD = {
    "cheek": 0.42,
    "cheekbone": 0.12,
    "nose": 0.12,
    "nose_tip": 0.42,
    "ala": 0.7,
    "alar_crease": 0.06,
    "chin": 0.36,
    "under_eye": 0.30,
    "lids": 0.5,
    "ear": 0.5,
    "helix": 0.55,
    "lateral": -0.25,
    "neck": -0.4,
    "forehead": 0.04,
    "glabella": 0.12,
    "upper_lip": -0.1,
    "mouth_corner": 0.12,
    "tear_trough": 0.15,
}
_MELANIN = {
    "forehead": 0.10,
    "orbit": 0.16,
    "under_eye": 0.14,
    "lids": 0.22,
    "neck": 0.22,
    "lateral": -0.16,
    "temple": 0.08,
    "upper_lip": 0.05,
    "cheek": -0.05,
    "mouth_corner": 0.07,
    "ear": -0.1,
    "nasolabial": 0.05,
}


def skin_pigments(canvas: Canvas, relief: Relief, marks: Marks, details: list[Detail]) -> tuple[Array, Array]:
    """(log melanin, log blood) at full size."""
    person = canvas.identity
    dark = person.darkness
    random = generator(person.seed, "regions")
    melanin = np.full(canvas.coarse[::-1], np.log(person.melanin), np.float32)
    blood = np.full_like(melanin, np.log(person.blood))
    rosy = np.zeros_like(blood)
    for name, gain in _BLOOD.items():
        rosy += np.float32(gain * person.redness * random.lognormal(0, 0.35)) * canvas.region(name)
    patchy = 0.15 * canvas.noise("rosy", 30, 240, 0.4) + 0.25 * canvas.noise("rosy patches", 160, 700, paired=0.8)
    blood += rosy + np.clip(rosy, 0, 0.5) * np.clip(patchy, -0.9, 0.9)
    circles = {"under_eye": 1.6, "lids": 1.0, "orbit": 0.9, "tear_trough": 1.2}
    for name, gain in _MELANIN.items():
        gain *= random.lognormal(0, 0.35) * (0.3 + circles[name] * person.eye_circles if name in circles else 1)
        melanin += np.float32(gain) * canvas.region(name)
    melanin += (0.07 - 0.03 * dark) * canvas.noise("tan", 500, 2400, 0.4, paired=0.93)
    melanin += 0.024 * canvas.noise("tone", 160, 640, paired=0.8)
    blood += (0.13 - 0.05 * dark) * canvas.noise("flush", 350, 2400, 0.5, paired=0.93)
    blood += 0.034 * canvas.noise("mottle", 60, 350, paired=0.7)
    blotches = np.maximum(canvas.noise("blotch", 10, 38) - 0.9, 0) * (0.3 + canvas.mix(cheek=0.8, nose=0.5, chin=0.5))
    blood += np.float32(0.30 * (0.3 + person.blotches)) * blotches
    melanin += (0.018 + 0.008 * dark) * canvas.noise("pigment", 16, 160, 0.25)
    melanin += (0.022 + 0.022 * dark) * canvas.noise("dapple", 24, 46)
    full_melanin, full_blood = canvas.enlarge(melanin), canvas.enlarge(blood)
    add_details(details, "melanin", full_melanin)
    add_details(details, "blood", full_blood)
    full_melanin += canvas.enlarge(marks.melanin)
    full_blood += canvas.enlarge(marks.blood)
    full_melanin += np.float32(0.016) * canvas.noise("cloud", 8, 60, full=True)
    full_melanin += np.float32(0.014 + 0.030 * dark) * canvas.noise("speck", 6, 24, 0.1 + 0.3 * dark, full=True)
    full_melanin += np.float32(0.0145 + 0.009 * dark) * canvas.noise("sensor", 2.2, 8, 0.3, full=True)
    full_melanin -= np.float32(0.14 * dark) * relief.fine  # pigment gathers in furrows
    full_melanin += np.float32(0.10 * (1 - dark)) * relief.pores
    full_blood += np.float32(0.045) * canvas.noise("vessels", 6, 96, 0.1, full=True)
    full_blood += np.float32(0.20 * (1 - dark)) * relief.pores
    full_blood += np.float32(0.09) * np.tanh(relief.creases)
    return full_melanin, full_blood


def draw_albedo(canvas: Canvas, relief: Relief, details: list[Detail], hair: Hair, melanin: Array, blood: Array) -> Array:
    """sRGB-encoded albedo (H, W, 3) of pigments, occlusion, creases and hair; the mask is not yet applied."""
    person = canvas.identity
    albedo = skin_colour(skin_table(person.melanin_slope, person.oxygenation, person.yellow), melanin, blood)
    light = canvas.enlarge(relief.shade)
    for detail in details:
        light[detail.box] *= detail.shade
    light -= np.float32(0.075) * np.tanh(relief.creases)
    light += np.float32(0.012) * np.clip(relief.fine, -0.5, 0.5)
    light += np.float32(0.005) * canvas.noise("surface", 5, 10, full=True)
    warm = np.array([0.80, 1.08, 1.16], np.float32)  # light in a fold has been through skin: it lost its blue
    tone = hair_colour(person.hair_melanin, person.hair_red, 0)
    through = np.array([0.34, 0.40, 0.47], np.float32) * person.darkness  # the skin is seen through white hair
    white = np.array([1.0, 0.96, 0.9], np.float32) * hair_colour(person.hair_melanin, 0, 1) * (1 - through)
    bluish = np.array([0.40, 0.35, 0.31], np.float32)  # what hair below the skin takes: most of the red
    shadow = canvas.enlarge(hair.shadow)
    inks = ((hair.stubble, 0.9 * tone), (hair.brows, 0.92 * tone), (hair.grey, white))
    fill = np.array([82, 43, 35], np.float32) / 255 * np.float32(1 - 0.35 * person.darkness)
    for channel in range(3):
        plane = albedo[..., channel]
        plane *= np.maximum(light, 0.02) ** warm[channel]
        plane *= 1 - bluish[channel] * shadow
        for detail in details:
            plane[detail.box] += detail.fill * (fill[channel] - plane[detail.box])
        for cover, ink in inks:
            plane += cover * (np.float32(ink[channel]) - plane)
    return albedo
