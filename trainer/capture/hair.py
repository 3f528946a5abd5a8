"""All hair of a subject: brows, lashes, stubble and the short hair of the temples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gantlitz_blender.runtime.layout import WIDTH, Array

from .brows import draw_brow
from .canvas import Canvas
from .lashes import draw_lashes
from .stubble import draw_stubble


@dataclass
class Hair:
    """Full-size planes (H, W) float32 unless said; covers are the share of a texel that hair covers, 0 .. 1."""

    brows: Array  # and lashes
    stubble: Array  # beard, temples, vellus
    grey: Array  # grey hairs of all kinds, over the others: hairs turn one by one
    shadow: Array  # coarse grid: hair seen through the skin, 0 .. 1
    height: Array  # canvas texels


def draw_hair(canvas: Canvas) -> Hair:
    """All hair of a subject."""
    stubble = draw_stubble(canvas)
    brows = np.zeros_like(stubble.dark)
    grey = np.zeros_like(brows)
    for side in (-1, 1):
        draw_brow(canvas, side, brows, grey)
    draw_lashes(canvas, brows)
    height = stubble.height
    height += np.float32(1.3) * brows
    height += np.float32(1.1) * grey
    grey += stubble.grey * (1 - grey)
    return Hair(brows, stubble.dark, grey, stubble.shadow, height)


def hair_gloss(hair: Hair) -> Array:
    """What hair adds to the specular's factor: it hides the skin's gloss and has a bright side, turned upward."""
    cover = hair.stubble
    gloss = np.float32(-2.0) * cover
    side = max(round(4 * cover.shape[1] / WIDTH), 1)
    gloss[side:, side:] += np.float32(-0.4) * cover[:-side, :-side]
    gloss[:-side, :-side] += np.float32(0.9) * cover[side:, side:]
    gloss -= np.float32(0.45) * (hair.brows + hair.grey)
    return np.maximum(gloss, np.float32(-0.8), out=gloss)
