"""A training step: patches a second, TFLOP/s and where its time goes, against a plain twin of the same step.

Both step through the same batches in one process; ratios within one run only: machines are noisy. On a processor they take turns,
on a GPU one goes after the other, so that its memory holds one at a time; where it does not hold the twin, the real step stands
alone. The device is waited for at the borders of the phases. R1 runs in every second step here, and is counted as often as the
preset asks for it.

python -m benchmarks.training [STORE ...] [--preset XS] [--patch 64] [--steps 6] [--device auto] [--starve] [--json FILE]
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import reading
from benchmarks.plain_step import PlainTrainer
from benchmarks.training_setup import add_arguments, setup
from gantlitz_blender.runtime.face_model import choose_device, choose_dtype
from gantlitz_blender.runtime.failures import as_gantlitz_error
from trainer.doctor import device_name
from trainer.presets import TrainConfig
from trainer.store import Store
from trainer.trainer import Trainer

METHODS = {"next_batch": "data", "_train_generator": "G", "_train_discriminator": "D", "_average": "optimiser"}
PHASES = ("data", "G", "D", "R1", "optimiser", "rest")
R1_EVERY = 2  # here


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
    """faster: ratio of the median times of a step, the plain twin's over the real one's; spread: quartiles of the pairs' ratios.

    All but the real step's is None where memory does not hold the twin.
    """

    real: Speed
    plain: Speed | None = None
    faster: float | None = None
    spread: tuple[float, float] | None = None


Step = tuple[Counter[str], Counter[str]]  # its operations and its seconds, by phase


def compare(config: TrainConfig, stores: list[Store], device: str, steps: int) -> Comparison:
    """The real step and its plain twin on the same batches."""
    every, config = config.r1_every, replace(config, r1_every=R1_EVERY)
    real = measured(lambda: Trainer(config, stores, device, choose_dtype("auto", device), fresh=False), steps)
    plain = measured(lambda: PlainTrainer(config, stores, device), steps)
    if device == "cpu":
        pairs = list(zip(real, plain, strict=True))
        return compared([r for r, _ in pairs], [p for _, p in pairs], config.batch, every)
    alone = list(real)
    gc.collect()  # a trainer and its reader hold each other
    torch.cuda.empty_cache()
    return compared(alone, where_it_fits(plain), config.batch, every)


def measured(make: Callable[[], Trainer], steps: int) -> Iterator[Step]:
    """What each of some steps costs a trainer, which lives no longer than they are asked for."""
    phases = Phases(make())
    wait = torch.cuda.synchronize if phases.trainer.device != "cpu" else lambda: None

    def seconds() -> float:
        wait()
        return time.perf_counter()

    counted = operations(phases, steps + 1)  # and warmed up
    phases.trainer.step = 0
    phases.step(seconds)  # has nothing that was read ahead
    for flops in counted[1:]:
        yield flops, phases.step(seconds)


def where_it_fits(steps: Iterable[Step]) -> list[Step] | None:
    """All of them, or None where there is too little memory for them."""
    try:
        return list(steps)
    except (MemoryError, RuntimeError) as error:
        if as_gantlitz_error(error).code != "out-of-memory":
            raise
        return None


def compared(real: list[Step], plain: list[Step] | None, batch: int, every: int) -> Comparison:
    """batch: patches a step; every: so many steps have one with R1."""
    own, seconds = speed(real, batch, every)
    if plain is None:
        return Comparison(own)
    twin, others = speed(plain, batch, every)
    low, high = np.quantile(others / seconds, (0.25, 0.75)).tolist()
    return Comparison(own, twin, float(np.median(others) / np.median(seconds)), (low, high))


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


def speed(steps: list[Step], batch: int, every: int) -> tuple[Speed, np.ndarray]:
    """Of steps that begin with the second; and the seconds of each, (N,)."""
    flops, rows = (amortised(list(found), 1, every) for found in zip(*steps, strict=True))
    seconds = np.array([sum(row.values()) for row in rows])
    total, work = float(seconds.sum()), sum(sum(f.values()) for f in flops)
    low, middle, high = np.quantile(seconds, (0.25, 0.5, 0.75)).tolist()
    share = {phase: sum(row[phase] for row in rows) / total for phase in PHASES}
    patches = batch * len(rows)
    return Speed(patches / total, work / total / 1e12, work / patches / 1e9, (low, middle, high), share), seconds


def describe(comparison: Comparison) -> list[str]:
    lines = [f"{'':14}{'patches/s':>10}{'TFLOP/s':>9}{'GFLOP/patch':>13}{'s/step':>8}   " + "".join(f"{p:>10}" for p in PHASES)]
    for name, s in (("real", comparison.real), ("plain twin", comparison.plain)):
        if s is None:
            return [*lines, f"there is too little memory for the {name}"]
        shares = "".join(f"{s.share[p]:>10.1%}" for p in PHASES)
        figures = f"{s.patches_per_second:>10.3g}{s.tflops:>9.3g}{s.gflop_per_patch:>13.3g}{s.seconds[1]:>8.3g}"
        lines.append(f"{name:14}{figures}   {shares}")
    if comparison.faster and comparison.spread:
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
    parser.add_argument("--starve", action="store_true", help="measure too how fast batches are read, on 1, 2 and 4 threads")
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
            found = reading.readings(config, stores, device, options.steps)
            figures["reading"] = [asdict(one) for one in found]
            print(*reading.describe(found, comparison.real.patches_per_second), sep="\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
