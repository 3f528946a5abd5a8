"""The losses of one small run in bfloat16 and in float32, from the same networks on the same batches.

Beside their difference stands that of two float32 runs which differ by their seed alone: what is smaller drowns in it.

python -m benchmarks.training_precision [STORE ...] [--steps 200] [--preset XS] [--device auto] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.training import machine
from benchmarks.training_setup import add_arguments, setup
from gantlitz_blender.runtime.face_model import choose_device
from trainer.distributed import Ranks
from trainer.monitor import Rows
from trainer.store import Store
from trainer.train_config import TrainConfig
from trainer.trainer import Trainer

WINDOW = 20  # steps
SHOWN = ("g", "d", "r1", "sign")
RUNS = {"bfloat16": (torch.bfloat16, 0), "float32": (torch.float32, 0), "seed 1": (torch.float32, 1), "seed 2": (torch.float32, 2)}
SMALL = ("patch=32", "subjects=2", "places=2", "r1_every=4")  # of each batch, unless set

Curves = dict[str, list[float]]


def curves(config: TrainConfig, stores: list[Store], device: str, dtype: torch.dtype, steps: int) -> Curves:
    """Means over windows of steps of what the log shows."""
    trainer, rows = Trainer(config, stores, device, dtype), Rows(Ranks())
    for _ in range(steps):
        rows.add(trainer.train_step())
    found = rows.take()
    windows = [found[i : i + WINDOW] for i in range(0, len(found), WINDOW)]
    return {name: [float(np.mean([row[name] for row in rows if name in row])) for rows in windows] for name in SHOWN}


def largest_difference(one: Curves, other: Curves) -> dict[str, float]:
    return {name: float(np.abs(np.subtract(one[name], other[name])).max()) for name in SHOWN}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--steps", type=int, default=200, help=f"of each run, windows of {WINDOW}")
    options = parser.parse_args()
    options.set = [*SMALL, *options.set]
    device = choose_device(options.device)
    with tempfile.TemporaryDirectory() as scratch:
        config, stores = setup(options, Path(scratch))
        print(f"{options.preset}, {config.batch} patches of {config.patch} texels, {options.steps} steps, {machine(device)}")
        found: dict[str, Curves] = {}
        for run, (dtype, seed) in RUNS.items():
            found[run] = curves(replace(config, seed=config.seed + seed), stores, device, dtype, options.steps)
            for name, curve in found[run].items():
                print(f"  {run:10}{name:5}" + "".join(f"{value:>9.3g}" for value in curve), flush=True)
    rounding = largest_difference(found["bfloat16"], found["float32"])
    seeds = largest_difference(found["seed 1"], found["seed 2"])
    for name in SHOWN:
        print(f"{name}: bfloat16 and float32 differ by {rounding[name]:.3g} at most, two seeds by {seeds[name]:.3g}")
    if options.json:
        options.json.write_text(json.dumps({"curves": found, "bfloat16": rounding, "seeds": seeds}, indent=1))


if __name__ == "__main__":
    main()
