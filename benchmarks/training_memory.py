"""Peak memory of a training step by the number of modalities, beside what ``trainer doctor`` estimates. A process each.

On a CPU the resident high-water mark (Linux only), on a GPU what torch has allocated. A structural normal makes the
displacement too: alone, it costs what two cost.

python -m benchmarks.training_memory [STORE ...] [--preset XS] [--patch 64] [--device auto] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import torch

from benchmarks.training import machine
from benchmarks.training_setup import add_arguments, setup
from gantlitz_blender.runtime.face_model import choose_device, choose_dtype
from trainer.memory import estimate
from trainer.patches import ALL, PAIRS, Batch
from trainer.trainer import Trainer

SETS = (ALL[:1], *PAIRS, ("albedo", "normal", "displacement"), ALL)
STEPS = 2  # the second has Adam's moments too


def resident() -> int:
    """Memory of this process now, in bytes."""
    return psutil.Process().memory_info().rss


def high_water() -> int:
    """Most memory that this process has had, in bytes; getrusage would start from its parent's."""
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def forget_high_water() -> None:
    """Start it from what there is now."""
    Path("/proc/self/clear_refs").write_text("5")


def peak(options: argparse.Namespace, scratch: Path) -> dict[str, int]:
    """Bytes: of the process before there are networks, held of the stores, and the most of a few steps with R1, but for these."""
    device, modalities = choose_device(options.device), tuple(options.modalities.split(","))
    config, stores = setup(options, scratch)
    before = resident()
    level = next(level for level, weight in enumerate(config.schedule[-1][1]) if weight)

    class Narrow(Trainer):
        """One that trains on these modalities alone."""

        def draw(self, step: int) -> Batch:
            rng = np.random.default_rng([config.seed, step])
            return self.sampler.draw(rng, level, config.places, config.subjects, modalities, self.places)

    trainer = Narrow(replace(config, r1_every=1), stores, device, choose_dtype("auto", device), fresh=False)
    made = resident()
    trainer.draw(0)  # finds the lattice of places, for a moment in more memory than a step of small patches takes
    held = resident() - made
    if device == "cpu":
        forget_high_water()
    for _ in range(STEPS):
        trainer.train_step()
    most = high_water() - before - held if device == "cpu" else torch.cuda.max_memory_allocated()
    return {"before": before, "held": held, "most": most}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--modalities", help=argparse.SUPPRESS)  # of the process that is measured
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if options.modalities:
            print(json.dumps(peak(options, Path(scratch))))
            return
        config, stores = setup(options, Path(scratch))
        device = choose_device(options.device)
        dtype = choose_dtype("auto", device)
        print(f"{options.preset}, {config.batch} patches of {config.patch} texels, {machine(device)}, {dtype}")
        arguments = sys.argv[1:] if options.stores else [str(stores[0].folder), "--small", *sys.argv[1:]]
        rows = []
        for modalities in SETS:
            command = [sys.executable, "-m", "benchmarks.training_memory", *arguments, "--modalities", ",".join(modalities)]
            found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
            need = estimate(config, device, dtype, modalities=modalities)
            rows.append({"modalities": modalities, **found, "networks": need.networks, "step": need.step, "base": need.base})
    whole = rows[-1]["most"]
    print(f"{'modalities':32}{'measured':>10}{'of all':>8}{'estimated':>11}{'estimated / measured':>22}")
    for row in rows:
        had, expected = row["most"], row["networks"] + row["step"]
        name = ", ".join(row["modalities"])
        print(f"{name:32}{had / 1e6:>7.0f} MB{had / whole:>8.2f}{expected / 1e6:>8.0f} MB{expected / had:>22.2f}")
    before, held, base = (rows[-1][name] / 1e6 for name in ("before", "held", "base"))
    print(f"beside it, on the processor: {before:.0f} MB before there are networks, {held:.0f} MB held of the stores")
    print(f"estimated before there are networks, {device}: {base:.0f} MB")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
