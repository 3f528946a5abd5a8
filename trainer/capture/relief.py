"""The height of the skin: grain, net, pores, wrinkles and the shapes below them, in canvas texels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gantlitz_blender.runtime.layout import WIDTH, Array

from .canvas import Canvas
from .features import face_features
from .furrows import draw_furrows
from .noise import directed_noise, fit
from .pores import draw_pores, sow_pores
from .wrinkles import draw_wrinkles


@dataclass
class Relief:
    """What the maps share. Heights in canvas texels (1 / 18.5 mm); full-size planes (H, W) float32 unless said."""

    height: Array
    fine: Array  # relief finer than about 24 texels, without pores
    pores: Array  # towards 1 in the pits of strong pores, slightly negative on their rings
    creases: Array  # depth of wrinkles, >= 0
    shade: Array  # coarse grid: light left after occlusion


def draw_relief(canvas: Canvas, smooth: Array) -> Relief:
    """The relief of a subject; smooth: share of fine relief and pores that scars and the like have taken, 0 .. 1."""
    person = canvas.identity
    features, shade = face_features(canvas)
    slack = canvas.mix(lips=-0.85, eye_socket=-0.9, under_eye=-0.25, lids=-0.35, ear=-0.45, nose_tip=0.05, neck=0.15, hair=-0.3) + 1
    rough = person.relief * np.clip(slack, 0.08, 1.4)
    low = 0.18 * canvas.noise("height", 64, 480, 0.15) + 0.065 * canvas.noise("swell", 64, 400, 0.6)
    low += 0.136 * canvas.noise("rolling", 24, 46)
    low = low * rough + features
    height = canvas.enlarge(low, smooth=True)
    kept = canvas.enlarge(1 - smooth)
    strength = canvas.enlarge(rough)
    strength *= kept
    fine = np.float32(0.05) * canvas.noise("bumps", 15, 34, full=True)
    sown = sow_pores(canvas)
    fine += np.float32(0.0785) * draw_furrows(canvas, sown.points)
    fine += _directed(canvas)
    fine *= strength
    height += fine
    height += np.float32(0.0237) * strength * canvas.noise("dust", 5, 10, full=True)
    pores = draw_pores(canvas, sown)
    pores *= kept
    height -= np.float32(0.43) * pores
    np.tanh(pores, out=pores)  # colour and gloss take less notice than height of how deep a pore is
    lines, creases = draw_wrinkles(canvas)
    height += lines
    return Relief(height, fine, pores, creases, shade)


def _directed(canvas: Canvas) -> Array:
    """Grain along the tension lines, drawn at half size: its wavelength is some 10 texels."""
    width, height = (n // 2 for n in canvas.full)
    if width * 4 < WIDTH:
        return np.zeros(canvas.full[::-1], np.float32)
    angle = np.arctan2(canvas.tension[..., 1], canvas.tension[..., 0])
    grain = directed_noise(canvas.identity.seed, "tension", (width, height), angle, 4.6, 16.0)
    grain *= np.float32(0.034 + 0.035 * canvas.identity.age)
    return fit(grain, *canvas.full)
