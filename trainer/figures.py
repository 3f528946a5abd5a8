"""Figures of skin: how much detail its maps hold, at which wavelengths, and how far they agree, beside published bands.

The bands were measured on published 6144 x 4096 samples (forehead, cheek and chin of a light and a dark skin) that are
8-bit images. Maps are therefore rounded as those were before they are measured: albedo, specular and normal to 255
levels of their range, displacement to 8.6 micrometres. Without that no band for the finest octave of displacement can
be met: at 2-4 texels most of what was measured there is the rounding itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.maps import MapSet

SIDE = 512  # texels of a window
WINDOWS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"forehead": (0.5, 0.18), "cheek": (0.33, 0.52), "nose": (0.5, 0.49), "chin": (0.5, 0.80)}
)  # (u, v) of the centres
OCTAVES = (128, 64, 32, 16, 8, 4, 2)  # wavelengths in texels
DISPLACEMENT_LEVEL_MM = 2.2 / 256  # of an 8-bit image that spans 2.2 mm

_SHARES: dict[str, tuple[tuple[float, float], ...]] = {
    "albedo": ((0.04, 0.22), (0.09, 0.23), (0.21, 0.34), (0.18, 0.36), (0.08, 0.17), (0.03, 0.07)),
    "n_x": ((0.01, 0.03), (0.04, 0.08), (0.26, 0.33), (0.32, 0.43), (0.19, 0.21), (0.04, 0.06)),
    "specular": ((0.01, 0.06), (0.04, 0.15), (0.18, 0.36), (0.27, 0.41), (0.16, 0.34), (0.03, 0.06)),
    "displacement": ((0.17, 0.45), (0.16, 0.27), (0.22, 0.40), (0.10, 0.19), (0.03, 0.04), (0.02, 0.03)),
}


def _share_name(plane: str, octave: tuple[int, int]) -> str:
    return f"{plane} {octave[0]}-{octave[1]} px"


SHARE_BANDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {_share_name(p, o): band for p, bands in _SHARES.items() for o, band in zip(pairwise(OCTAVES), bands, strict=True)}
)
STD_BANDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "albedo detail std": (0.005, 0.023),
        "specular detail std": (0.021, 0.037),
        "n_x std": (0.05, 0.08),
        "n_y std": (0.05, 0.08),
        "specular mean": (0.08, 0.31),
    }
)
CORRELATION_BANDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "n_x ~ -dd/dx": (0.97, 1.0),
        "n_y ~ +dd/dy": (0.97, 1.0),
        "displacement ~ specular": (0.28, 0.67),
        "specular ~ albedo": (-0.05, 0.84),
        "displacement ~ albedo": (-0.02, 0.43),
    }
)
MIRROR_BAND = (0.008, 0.009)


def window_box(name: str, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) in texels of a window on maps of a size."""
    u, v = WINDOWS[name]
    left, top = round(u * width) - SIDE // 2, round(v * height) - SIDE // 2
    return left, top, left + SIDE, top + SIDE


def crop(maps: MapSet, name: str) -> MapSet:
    """One window of whole maps, copied."""
    left, top, right, bottom = window_box(name, maps.width, maps.height)
    planes = (m[top:bottom, left:right].copy() for m in (maps.albedo, maps.normal, maps.specular, maps.displacement))
    return MapSet(*planes)


def window_figures(maps: MapSet) -> dict[str, float]:
    """Figures of one window, named as in the bands: deviations, shares of the octaves, correlations of detail.

    Detail is what a Gaussian blur of sigma 8 takes away. The deviation of n_y and the agreement of normals with slopes
    (central differences of the displacement) are taken before any rounding. Octave shares are of all energy from 2 to
    128 texels, under a Hann window.
    """
    displacement = np.round(maps.displacement / DISPLACEMENT_LEVEL_MM)
    planes = {
        "albedo": _rounded(maps.albedo).mean(axis=2),
        "n_x": _rounded(maps.normal[..., 0], 2.0),
        "specular": _rounded(maps.specular),
        "displacement": displacement.astype(np.float32),
    }
    detail = {k: p - cv2.GaussianBlur(p, (0, 0), 8) for k, p in planes.items()}
    out = {f"{k} detail std": float(detail[k].std()) for k in ("albedo", "specular")}
    out |= {"n_x std": float(planes["n_x"].std()), "n_y std": float(maps.normal[..., 1].std())}
    out["specular mean"] = float(planes["specular"].mean())
    for name, plane in planes.items():
        for octave, share in zip(pairwise(OCTAVES), octave_shares(plane), strict=True):
            out[_share_name(name, octave)] = share
    down, across = np.gradient(maps.displacement)
    pairs = {
        "n_x ~ -dd/dx": (maps.normal[..., 0], -across),
        "n_y ~ +dd/dy": (maps.normal[..., 1], down),
        "displacement ~ specular": (detail["displacement"], detail["specular"]),
        "specular ~ albedo": (detail["specular"], detail["albedo"]),
        "displacement ~ albedo": (detail["displacement"], detail["albedo"]),
    }
    return out | {name: correlation(a, b) for name, (a, b) in pairs.items()}


def correlation(a: Array, b: Array) -> float:
    """Pearson's correlation of two planes; 0 where one of them is flat."""
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def octave_shares(plane: Array) -> list[float]:
    """Share of the spectral energy of a square plane in each octave of OCTAVES, of all between the first and the last.

    All 0 for a flat plane. The plane is tapered by a Hann window.
    """
    side = plane.shape[0]
    taper = np.hanning(side)[:, None] * np.hanning(side)[None, :]
    power = np.abs(np.fft.fft2((plane - plane.mean()) * taper)) ** 2
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None, :])
    energy = [power[(frequency >= 1 / a) & (frequency < 1 / b)].sum() for a, b in pairwise(OCTAVES)]
    return [float(e / max(sum(energy), 1e-30)) for e in energy]


def mirror_difference(albedo: Array) -> float:
    """Mean absolute difference between an albedo and its mirror image, over the whole texture."""
    return float(np.abs(_rounded(albedo) - _rounded(albedo[:, ::-1])).mean())


def _rounded(plane: Array, span: float = 1.0) -> Array:
    step = np.float32(span / 255)
    return np.asarray(np.round(plane / step) * step, np.float32)
