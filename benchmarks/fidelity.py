"""Is the sampled skin like the skin it was trained on? Detail, spectra and agreement in 512-texel windows, face by face.

Sampled faces against procedural subjects that no training run has seen (seeds from 90000), at full size.

python -m benchmarks.fidelity [MODEL] [--subjects 3] [--seeds 8]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

import numpy as np

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.recipe import Recipe
from trainer.capture import draw_subject
from trainer.figures import WINDOWS, crop, window_box, window_figures

HELD_OUT = 90_000


def captured(subjects: int, width: int, height: int) -> Iterable[dict[str, float]]:
    for i in range(subjects):
        whole = draw_subject(HELD_OUT + i, width, height)
        for name in WINDOWS:
            yield window_figures(crop(whole, name))


def sampled(model: FaceModel, seeds: int) -> Iterable[dict[str, float]]:
    for seed in range(seeds):
        for name in WINDOWS:
            region = window_box(name, model.width, model.height)
            yield window_figures(model.render(Recipe(seed, noise_seed=seed), region=region))


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
