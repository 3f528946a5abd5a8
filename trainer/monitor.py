"""What a run says while it trains: rows of numbers, how far it is, and whether it is still worth going on."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import NoReturn, TextIO

import torch
from torch import Tensor
from tqdm import tqdm

from gantlitz_blender.runtime.errors import GantlitzError

from .distributed import Ranks

CERTAIN = 1e-4  # a discriminator loss below it leaves the generator no gradient to learn from
LOUD = 1000.0  # mean logits beyond it
PATIENCE = 500  # steps in a row
LINE_EVERY = 20.0  # seconds between two lines where there is no terminal


class Health:
    """Stops a run that cannot recover: a loss that is no number, or a discriminator that has been certain for too long."""

    def __init__(self) -> None:
        self.certain = 0

    def check(self, row: dict, last_good: Path | None) -> None:
        """Raises GantlitzError (``diverged``) with the state to go back to."""
        step = row["step"]
        wrong = [name for name, value in row.items() if not math.isfinite(value)]
        if wrong:
            values = ", ".join(f"{name} is {row[name]}" for name in wrong)
            self.stop(f"Training broke down at step {step}: {values}.", last_good)
        collapsed = row["d"] < CERTAIN or max(abs(row["real"]), abs(row["fake"])) > LOUD
        self.certain = self.certain + 1 if collapsed else 0
        if self.certain >= PATIENCE:
            self.stop(
                f"The discriminator has collapsed: for {PATIENCE} steps up to {step} it was certain of every patch "
                f"(loss {row['d']:.2g}, mean logits {row['real']:.3g} and {row['fake']:.3g}).",
                last_good,
            )

    @staticmethod
    def is_finite(row: dict) -> bool:
        """Whether every number of a row is one."""
        return all(math.isfinite(value) for value in row.values())

    @staticmethod
    def stop(sentence: str, last_good: Path | None) -> NoReturn:
        """Raise GantlitzError (``diverged``), naming the state to go back to."""
        fix = "Train on with a lower --set lr_g and lr_d or a higher --set r1_gamma"
        back = f"; the last good state is {last_good}." if last_good else "; no state was saved yet."
        raise GantlitzError(sentence, fix + back, "diverged")


class Rows:
    """A run's numbers, kept on the device until they are wanted: reading them waits for it.

    seconds: that the run has trained for, so far; a row's are those at its end. A GPU is done with a step long after it was told
    of it: the time between two readings is shared evenly by the rows between them.
    """

    def __init__(self, ranks: Ranks, seconds: float = 0.0):
        self.ranks, self.seconds = ranks, seconds
        self.waiting: list[dict[str, Tensor | int | float]] = []
        self.skip()

    def skip(self) -> None:
        """What was done since the last reading was no training."""
        self._since = time.perf_counter()

    def add(self, row: dict[str, Tensor | int | float]) -> None:
        """Keep a step's row."""
        self.waiting.append(row)

    def take(self) -> list[dict[str, int | float]]:
        """All rows since the last time; tensors as numbers, their mean over all processes. One wait for the device."""
        places = [(row, name) for row in self.waiting for name, value in row.items() if isinstance(value, Tensor)]
        if places:
            stacked = torch.stack([torch.as_tensor(row[name]).float() for row, name in places])
            for (row, name), value in zip(places, self.ranks.mean(stacked).tolist(), strict=True):
                row[name] = value
        rows, self.waiting = self.waiting, []
        each = (time.perf_counter() - self._since) / max(1, len(rows))
        self.skip()
        for row in rows:
            self.seconds += each
            row["seconds"] = round(self.seconds, 4)
        return rows  # type: ignore[return-value]


def write_rows(path: Path, rows: list[dict]) -> None:
    """Append rows to a log of JSON lines. Raises GantlitzError (``not-saved``) where it cannot be written."""
    try:
        with open(path, "a") as log:
            log.writelines(json.dumps(row) + "\n" for row in rows)
    except OSError as error:
        fix = "Make room, then run the same command again: it goes on from the last state."
        raise GantlitzError(f"The log {path} could not be written: {error}.", fix, "not-saved") from error


class Progress:
    """A bar on a terminal; elsewhere a plain line every ``LINE_EVERY`` seconds, and one at the end."""

    def __init__(self, step: int, steps: int, stream: TextIO | None = None, silent: bool = False):
        self.stream = stream or sys.stderr
        self.steps, self.silent = steps, silent
        self.bar = tqdm(total=steps, initial=step, unit="step", file=self.stream) if self.stream.isatty() and not silent else None
        self.begun, self.first = time.perf_counter(), step
        self.said = self.begun

    def show(self, row: dict) -> None:
        """Say how far the run is; ``row`` is the newest."""
        now, step = time.perf_counter(), row["step"]
        losses = {name: f"{row[name]:.3g}" for name in ("g", "d", "r1") if name in row}
        if self.silent:
            return
        if self.bar is not None:
            self.bar.set_postfix(losses, refresh=False)
            self.bar.update(step - self.bar.n)
        elif now - self.said >= LINE_EVERY or step == self.steps:
            self.said = now
            each = (now - self.begun) / max(1, step - self.first)
            left = tqdm.format_interval(each * (self.steps - step))
            values = " ".join(f"{name} {value}" for name, value in losses.items())
            print(f"step {step}/{self.steps}  {each:.3g} s/step  {left} left  {values}", file=self.stream, flush=True)

    def close(self) -> None:
        """Leave the terminal tidy."""
        if self.bar is not None:
            self.bar.close()


def memory(device: str) -> int:
    """Peak memory of this process in bytes: the GPU's where it trains on one."""
    if device != "cpu":
        return torch.cuda.max_memory_allocated()
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
