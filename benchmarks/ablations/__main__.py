"""The ablations: train every variant on a small capture, measure it, print the table of docs/ablations.md.

python -m trainer capture --subjects 96  --size 384x256 --seed 2000 --out stores/ablation
python -m trainer capture --subjects 192 --size 384x256 --seed 4000 --out stores/ablation-unseen
python -m benchmarks.ablations train stores/ablation --runs runs/ablations     # run again to go on; about 3 minutes a run
python -m benchmarks.ablations table stores/ablation-unseen --runs runs/ablations
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from trainer.distributed import Ranks
from trainer.store import Store
from trainer.training_loop import train

from .variants import VARIANTS, WIDTH, WRONG_PLACE, UpsideDown


def _train(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    names = options.only or [*VARIANTS, WRONG_PLACE]
    jobs = [(seed, name) for seed in range(options.seeds) for name in names]
    for seed, name in tqdm(jobs[options.part :: options.parts], unit="run"):
        kind = UpsideDown if name == WRONG_PLACE else Store
        config = VARIANTS["paper" if name == WRONG_PLACE else name]
        config = replace(config, steps=options.steps, seed=seed, snapshot_every=options.steps)
        folder = options.runs / f"{name.replace(' ', '-')}-{seed}"
        train(config, [kind(options.store, WIDTH)], folder, "cpu", ranks=Ranks())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    training = verbs.add_parser("train")
    training.add_argument("store", type=Path)
    training.add_argument("--runs", type=Path, required=True)
    training.add_argument("--steps", type=int, default=1000)
    training.add_argument("--seeds", type=int, default=3)
    training.add_argument("--only", nargs="*", help="some of the variants")
    training.add_argument("--part", type=int, default=0, help="which part of the runs: with --parts, for several processes")
    training.add_argument("--parts", type=int, default=1)
    training.set_defaults(run=_train)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
