"""Who owns which wavelength: the share of a map's power that changes when only the noise is drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.layout import WIDTH, Array
from gantlitz_blender.runtime.model.config import MODALITIES, channels_of
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.recipe import Recipe

from .faces import planes_of
from .skin import windows_at

# Wavelengths in texels of the 6144-texel layout, finest first, and what was measured on the paper's published samples: low, high.
BANDS: tuple[tuple[float, float], ...] = ((2, 16), (16, 32), (32, 64), (64, 128), (128, 256), (256, 512), (512, 4096))
PUBLISHED: tuple[tuple[float, float] | None, ...] = (
    (0.98, 1.02), None, (0.83, 1.02), (0.59, 0.92), (0.18, 0.37), (0.03, 0.11), (0.001, 0.001),
)  # fmt: skip
MIDDLE = (0.25, 0.15, 0.75, 0.85)  # (left, top, right, bottom) of the canvas, where no background shows
BROAD = 1536  # width of the level at which it is looked at, at most
WAVES = 4  # a wavelength is measured where so many of it fit
OTHER_NOISE = 1_000_003  # added to the noise seed


def changed_power(one: Array, other: Array, texel: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(power that differs, all power) in each of BANDS; one, other: (H, W), the same face with other noise.

    Of a = c + n and b = c + m with independent n and m of one kind, |A - B|^2 / 2 is the power of the noise and
    (|A|^2 + |B|^2) / 2 that of everything: their ratio is 1 where noise is all there is (a little above by chance), 0 where
    it is nothing. texel: in texels of the layout. Planes lose their mean and are tapered by a Hann window. NaN for bands that
    the plane cannot hold: finer than two of its texels, or too broad for it.
    """
    height, width = one.shape
    taper = np.hanning(height)[:, None] * np.hanning(width)[None, :]
    a, b = (np.fft.fft2((p - p.mean()) * taper) for p in (one, other))
    wave = texel / np.maximum(np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :]), 1e-12)
    differs, everything = np.abs(a - b) ** 2 / 2, (np.abs(a) ** 2 + np.abs(b) ** 2) / 2
    out = np.full((2, len(BANDS)), np.nan)
    for k, (low, high) in enumerate(BANDS):
        held = max(low, 2 * texel) * 1.5 < high and low * WAVES <= min(height, width) * texel
        inside = (wave >= low) & (wave < high)
        if held and inside.any():
            out[:, k] = differs[inside].sum(), everything[inside].sum()
    return out[0], out[1]


def noise_ownership(model: FaceModel, recipes: Sequence[Recipe]) -> dict[str, dict[str, list[float | None]]]:
    """{where: {map: the share of each of BANDS}}, over all recipes; None for what cannot be held there.

    ``face``: the MIDDLE of the face, features and all, at the level that is at most BROAD texels wide. ``skin``: the windows of
    forehead and cheek at the finest level, where there is little but grain.
    """
    level = max(0, (model.width // BROAD).bit_length() - 1)
    height, width = model.config.size(level)
    left, top, right, bottom = MIDDLE
    middle = Rect(round(top * height), round(left * width), round(bottom * height), round(right * width))
    windows = windows_at(model.width, model.height)
    views = {"face": [(level, middle)], "skin": [(0, windows["forehead"]), (0, windows["cheek"])]}
    return {where: _shares(model, recipes, rects) for where, rects in views.items()}


def _shares(model: FaceModel, recipes: Sequence[Recipe], views: Sequence[tuple[int, Rect]]) -> dict[str, list[float | None]]:
    total = {m.name: np.zeros((2, len(BANDS))) for m in MODALITIES}
    for recipe in recipes:
        other = replace(recipe, noise_seed=recipe.noise_seed + OTHER_NOISE)
        for level, rect in views:
            one, two = (_render(model, r, level, rect) for r in (recipe, other))
            for m in MODALITIES:
                for a, b in zip(one[channels_of(m.name)], two[channels_of(m.name)], strict=True):
                    total[m.name] += changed_power(a, b, WIDTH / model.width * (1 << level))
    out: dict[str, list[float | None]] = {}
    for name, (changed, everything) in total.items():
        out[name] = [float(c / e) if e > 0 else None for c, e in zip(changed, everything, strict=True)]
    return out


def _render(model: FaceModel, recipe: Recipe, level: int, rect: Rect) -> Array:
    return planes_of(model.render(recipe, level=level, region=(rect.left, rect.top, rect.right, rect.bottom)))
