"""A training step: patches a second, TFLOP/s and where its time goes, against a plain twin of the same step.

Both step in turn through the same batches in one process; ratios within one run only: machines are noisy. The device is waited
for at the borders of the phases. R1 runs in every second step here, and is counted as often as the preset asks for it.

python -m benchmarks.training [STORE ...] [--preset XS] [--patch 64] [--steps 6] [--device auto] [--starve] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.plain_step import PlainTrainer
from benchmarks.training_setup import add_arguments, setup
from gantlitz_blender.runtime.face_model import choose_device, choose_dtype
from trainer.doctor import device_name
from trainer.presets import TrainConfig
from trainer.store import Store
from trainer.trainer import Trainer

METHODS = {"next_batch": "data", "_train_generator": "G", "_train_discriminator": "D", "_average": "optimiser"}
PHASES = ("data", "G", "D", "R1", "optimiser", "rest")
R1_EVERY = 2  # here
UNSEEN = 1_000_000  # the step from which the loader is measured: none of its batches has been read before


class Phases:
    """What a trainer's steps cost by phase, in whatever a reading counts: seconds, operations."""

    def __init__(self, trainer: Trainer):
        self.trainer = trainer
        self._stack: list[str] = []
        self._spent: Counter[str] = Counter()
        self._border = 0.0
        self._reading: Callable[[], float] = time.perf_counter
        for method, phase in METHODS.items():
            setattr(trainer, method, self._within(phase, getattr(trainer, method)))
        for optimiser in trainer.optimisers.values():
            optimiser.register_step_pre_hook(lambda *_: self._enter("optimiser"))
            optimiser.register_step_post_hook(lambda *_: self._leave())

    def step(self, reading: Callable[[], float]) -> Counter[str]:
        """Take a step; what it cost, "D" with R1 where it had one."""
        self._reading, self._spent, self._stack = reading, Counter(), ["rest"]
        self._border = reading()
        self.trainer.train_step()
        self._leave()
        return self._spent

    def _within(self, phase: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any) -> Any:
            self._enter(phase)
            result = work(*arguments)
            self._leave()
            return result

        return measured

    def _enter(self, phase: str) -> None:
        self._charge()
        self._stack.append(phase)

    def _leave(self) -> None:
        self._charge()
        self._stack.pop()

    def _charge(self) -> None:
        now = self._reading()
        self._spent[self._stack[-1]] += now - self._border
        self._border = now


def amortised(steps: list[Counter[str]], first: int, every: int) -> list[dict[str, float]]:
    """Steps of which every ``R1_EVERY``-th had R1 as steps that each have their share of it. first: the first one's number.

    What judging costs does not depend on the level: its median over all steps stands in each.
    """
    with_r1 = [(first + i) % R1_EVERY == 0 for i in range(len(steps))]
    plain = float(np.median([s["D"] for s, r1 in zip(steps, with_r1, strict=True) if not r1]))
    penalised = float(np.median([s["D"] for s, r1 in zip(steps, with_r1, strict=True) if r1]))
    judging = {"D": plain, "R1": (penalised - plain) / every}
    return [{phase: judging.get(phase, step[phase]) for phase in PHASES} for step in steps]


@dataclass(frozen=True)
class Speed:
    """Of one of the two. seconds: quartiles of a step's; share: of the time, by phase, "data" being what a batch is waited for."""

    patches_per_second: float
    tflops: float
    gflop_per_patch: float
    seconds: tuple[float, float, float]
    share: dict[str, float]


@dataclass(frozen=True)
class Comparison:
    """faster: ratio of the median times of a step, the plain twin's over the real one's; spread: quartiles of the pairs' ratios."""

    real: Speed
    plain: Speed
    faster: float
    spread: tuple[float, float]


def compare(config: TrainConfig, stores: list[Store], device: str, steps: int) -> Comparison:
    """The real step and its plain twin, in turn, on the same batches."""
    wait = torch.cuda.synchronize if device != "cpu" else lambda: None

    def seconds() -> float:
        wait()
        return time.perf_counter()

    every, config = config.r1_every, replace(config, r1_every=R1_EVERY)
    both = [Phases(Trainer(config, stores, device, choose_dtype("auto", device), fresh=False))]
    both.append(Phases(PlainTrainer(config, stores, device)))
    counted = [operations(phases, steps + 1)[1:] for phases in both]  # and warmed up
    took: list[list[Counter[str]]] = [[], []]
    for phases in both:
        phases.trainer.step = 0
    for i in range(steps + 1):
        for phases, found in zip(both, took, strict=True):
            spent = phases.step(seconds)
            if i:  # the first has nothing that was read ahead
                found.append(spent)
    rows = [amortised(found, 1, every) for found in took]
    flops = [amortised(found, 1, every) for found in counted]
    real, plain = (np.array([sum(row.values()) for row in r]) for r in rows)
    low, high = np.quantile(plain / real, (0.25, 0.75)).tolist()
    speeds = [speed(r, f, config.batch) for r, f in zip(rows, flops, strict=True)]
    return Comparison(*speeds, float(np.median(plain) / np.median(real)), (low, high))


class Whole(AbstractContextManager):
    """In place of torch's tracker of modules, whose hooks break on R1's gradient of a gradient: all belongs to the whole."""

    parents = frozenset({"Global"})

    def __exit__(self, *_: object) -> None:
        pass


def operations(phases: Phases, steps: int) -> list[Counter[str]]:
    """Floating-point operations of some steps, two a multiply-add, of convolutions and matrix products, forth and back."""
    found = []
    for _ in range(steps):
        counter = FlopCounterMode(display=False)
        counter.mod_tracker = Whole()  # type: ignore[assignment]
        with counter:
            found.append(phases.step(counter.get_total_flops))
    return found


def speed(rows: list[dict[str, float]], flops: list[dict[str, float]], batch: int) -> Speed:
    totals = [sum(row.values()) for row in rows]
    total, work = sum(totals), sum(sum(f.values()) for f in flops)
    low, middle, high = np.quantile(totals, (0.25, 0.5, 0.75)).tolist()
    share = {phase: sum(row[phase] for row in rows) / total for phase in PHASES}
    patches = batch * len(rows)
    return Speed(patches / total, work / total / 1e12, work / patches / 1e9, (low, middle, high), share)


def delivered(config: TrainConfig, stores: list[Store], steps: int) -> tuple[float, float]:
    """Patches that the loader's one thread reads while nothing else is done: a second, and a second of processor time.

    Of batches that nobody has read yet; files may be in the system's memory.
    """
    trainer = Trainer(config, stores, fresh=False)
    trainer.draw(UNSEEN - 1)  # the lattice of places, and the store's attributes
    begun, busy = time.perf_counter(), time.process_time()
    for step in range(steps):
        trainer.draw(UNSEEN + step)
    patches = steps * config.batch
    return patches / (time.perf_counter() - begun), patches / (time.process_time() - busy)


def describe(comparison: Comparison) -> list[str]:
    lines = [f"{'':14}{'patches/s':>10}{'TFLOP/s':>9}{'GFLOP/patch':>13}{'s/step':>8}   " + "".join(f"{p:>10}" for p in PHASES)]
    for name, s in (("real", comparison.real), ("plain twin", comparison.plain)):
        shares = "".join(f"{s.share[p]:>10.1%}" for p in PHASES)
        figures = f"{s.patches_per_second:>10.3g}{s.tflops:>9.3g}{s.gflop_per_patch:>13.3g}{s.seconds[1]:>8.3g}"
        lines.append(f"{name:14}{figures}   {shares}")
    low, high = comparison.spread
    lines.append(f"the real step is {comparison.faster:.2f} x as fast (half of the pairs {low:.2f} to {high:.2f})")
    return lines


def machine(device: str) -> str:
    """What a figure must be read with."""
    return f"{device_name(device)}, {torch.get_num_threads()} threads, torch {torch.__version__}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--steps", type=int, default=6, help="steps of each to measure, 2 or more")
    parser.add_argument("--starve", action="store_true", help="measure too what the loader alone delivers")
    options = parser.parse_args()
    if options.steps < 2:
        parser.error("--steps: 2 or more, one with R1 and one without")
    device = choose_device(options.device)
    with tempfile.TemporaryDirectory() as scratch:
        config, stores = setup(options, Path(scratch))
        levels = ", ".join(f"{weight:.0%} level {level}" for level, weight in enumerate(config.schedule[-1][1]) if weight)
        print(f"{options.preset}, {config.batch} patches of {config.patch} texels, canvas {config.model.width} wide, {levels}")
        print(f"{machine(device)}, {choose_dtype('auto', device)}")
        comparison = compare(config, stores, device, options.steps)
        print(*describe(comparison), sep="\n")
        figures: dict[str, Any] = asdict(comparison)
        if options.starve:
            loader, busy = figures["loader"] = delivered(config, stores, max(4, options.steps))
            ratio = loader / comparison.real.patches_per_second
            print(f"the loader alone delivers {loader:.3g} patches/s, {ratio:.2f} x what the step eats")
            print(f"  and {busy:.3g} patches a second of processor time")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
