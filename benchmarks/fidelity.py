"""Is the sampled skin like the skin it was trained on? Detail, spectra and agreement in 512-texel windows, face by face.

Sampled faces against procedural subjects that no training run has seen (seeds from 90000), at full size.

python -m benchmarks.fidelity [MODEL] [--subjects 3] [--seeds 8]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import pairwise

import cv2
import numpy as np

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.recipe import Recipe
from trainer.capture import draw_subject

HELD_OUT = 90_000
SIDE = 512
WINDOWS = {"forehead": (0.5, 0.18), "cheek": (0.33, 0.52), "nose": (0.5, 0.49), "chin": (0.5, 0.80)}  # (u, v) of the centres
OCTAVES = (128, 64, 32, 16, 8, 4, 2)  # wavelengths in texels


def figures(maps: MapSet) -> dict[str, float]:
    """Of one window: standard deviations of the detail (above a blur of sigma 8), octave shares, detail correlations."""
    planes = {
        "albedo": maps.albedo.mean(axis=2),
        "n_x": maps.normal[..., 0],
        "specular": maps.specular,
        "displacement": maps.displacement,
    }
    detail = {k: p - cv2.GaussianBlur(p, (0, 0), 8) for k, p in planes.items()}
    out = {f"{k} detail std": float(d.std()) for k, d in detail.items()}
    for name, plane in planes.items():
        for low, share in zip(OCTAVES, octave_shares(plane), strict=False):
            out[f"{name} {low}-{low // 2} px"] = share
    slope = -np.gradient(maps.displacement, axis=1)
    pairs = {
        "n_x ~ -dd/dx": (maps.normal[..., 0], slope),
        "displacement ~ specular": (detail["displacement"], detail["specular"]),
        "specular ~ albedo": (detail["specular"], detail["albedo"]),
        "displacement ~ albedo": (detail["displacement"], detail["albedo"]),
    }
    for name, (a, b) in pairs.items():
        out[name] = float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
    return out


def octave_shares(plane: np.ndarray) -> list[float]:
    """Share of the spectral energy in each octave of OCTAVES, of all energy between the first and the last."""
    window = np.hanning(SIDE)[:, None] * np.hanning(SIDE)[None, :]
    power = np.abs(np.fft.fft2((plane - plane.mean()) * window)) ** 2
    f = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None, :])
    energy = [power[(f >= 1 / a) & (f < 1 / b)].sum() for a, b in pairwise(OCTAVES)]
    return [float(e / sum(energy)) for e in energy]


def regions(width: int, height: int) -> list[tuple[int, int, int, int]]:
    corners = [(round(u * width) - SIDE // 2, round(v * height) - SIDE // 2) for u, v in WINDOWS.values()]
    return [(x, y, x + SIDE, y + SIDE) for x, y in corners]


def captured(subjects: int, width: int, height: int) -> Iterable[dict[str, float]]:
    for i in range(subjects):
        whole = draw_subject(HELD_OUT + i, width, height)
        for x0, y0, x1, y1 in regions(width, height):
            planes = (m[y0:y1, x0:x1].copy() for m in (whole.albedo, whole.normal, whole.specular, whole.displacement))
            yield figures(MapSet(*planes))


def sampled(model: FaceModel, seeds: int) -> Iterable[dict[str, float]]:
    for seed in range(seeds):
        for region in regions(model.width, model.height):
            yield figures(model.render(Recipe(seed, noise_seed=seed), region=region))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?")
    parser.add_argument("--subjects", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    model = FaceModel.load(options.model)
    real, fake = list(captured(options.subjects, model.width, model.height)), list(sampled(model, options.seeds))
    print(f"{model.name}: {options.seeds} faces against {options.subjects} unseen subjects, {len(WINDOWS)} windows each")
    print(f"{'':26} {'captured: mean (range)':>28}   {'sampled: mean (range)':>28}")
    for key in real[0]:
        cells = []
        for rows in (real, fake):
            values = [row[key] for row in rows]
            cells.append(f"{np.mean(values):7.3f} ({min(values):6.3f} ..{max(values):6.3f})")
        print(f"{key:26} {cells[0]:>28}   {cells[1]:>28}")


if __name__ == "__main__":
    main()
