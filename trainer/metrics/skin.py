"""Spectra, deviations and agreement of skin in windows of the face, beside the data's: which figure is off, and how surely."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.rects import Rect

from ..figures import CORRELATION_BANDS, SHARE_BANDS, SIDE, STD_BANDS, WINDOWS, window_figures
from .bootstrap import mean_interval, ratio_interval
from .faces import maps_of

NEAR = 0.25  # a share within so much of the data's is met
SHARES = tuple(SHARE_BANDS)
SMALLEST = 32  # texels of a window, which is a twelfth of the canvas wide where that is more
EMPTY = 1e-4  # a share that the data does not have, either: octaves wider than a small window


def windows_at(width: int, height: int) -> dict[str, Rect]:
    """{region: its window} on a canvas of this size: 512 of 6144 texels, and the same part of smaller ones."""
    side = min(SIDE, max(SMALLEST, width * SIDE // 6144))
    found = {}
    for name, (u, v) in WINDOWS.items():
        left, top = round(u * width) - side // 2, round(v * height) - side // 2
        found[name] = Rect(top, left, top + side, left + side)
    return found


def figures_of(planes: Array, windows: Mapping[str, Rect]) -> NDArray[np.float64]:
    """(regions, figures) of ``names()`` of one face, (7, H, W)."""
    cut = (planes[:, r.top : r.bottom, r.left : r.right] for r in windows.values())
    return np.array([list(window_figures(maps_of(window)).values()) for window in cut])


def names() -> tuple[str, ...]:
    """The figures, in the order of ``figures_of``: those of ``window_figures``."""
    blank = np.zeros((7, SMALLEST, SMALLEST), np.float32)
    return tuple(window_figures(maps_of(blank)))


def beside(real: NDArray[np.float64], fake: NDArray[np.float64], published: bool) -> dict[str, dict]:
    """Each figure of the fakes beside the reals'. real, fake: (faces, regions, figures).

    Of each: the reals' mean and range (5 to 95 % of faces), the fakes' mean, its bootstrap interval, and region by region the
    two means. Of octave shares also the ratio of fake to real with its interval, and whether it is met; those that the window
    cannot hold are left out. published: with the bands of published skin, which hold at 6144 texels only.
    """
    bands = {**SHARE_BANDS, **STD_BANDS, **CORRELATION_BANDS}
    out: dict[str, dict] = {}
    for i, name in enumerate(names()):
        a, b = real[..., i].mean(axis=1), fake[..., i].mean(axis=1)
        if name in SHARE_BANDS and a.mean() < EMPTY:
            continue
        row: dict = {
            "real": float(a.mean()),
            "real_range": [float(x) for x in np.percentile(a, (5, 95))],
            "fake": float(b.mean()),
            "fake_interval": mean_interval(b),
            "regions": {
                region: {"real": float(real[:, k, i].mean()), "fake": float(fake[:, k, i].mean())}
                for k, region in enumerate(WINDOWS)
            },
        }
        if name in SHARE_BANDS:
            row |= {"ratio": float(b.mean() / a.mean()), "ratio_interval": ratio_interval(b, a)}
            row["met"] = abs(row["ratio"] - 1) <= NEAR
        if published:
            row["published"] = bands[name]
        out[name] = row
    return out


def shares_met(rows: Mapping[str, dict]) -> tuple[int, int]:
    """(octave shares within NEAR of the data's, of how many)."""
    told = [row["met"] for row in rows.values() if "met" in row]
    return sum(told), len(told)
