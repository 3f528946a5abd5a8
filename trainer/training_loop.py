"""A training run: resume, step, log, save."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import choose_dtype

from .distributed import Ranks
from .history import History, cut_log
from .interrupt import Interrupt
from .monitor import Health, Progress, Rows, memory, write_rows
from .origin import Origin
from .presets import TrainConfig
from .state import Tensors, fill, last_state, read_counters, read_tensors, save_state, tensors_of, write_aside
from .store import Store
from .trainer import Trainer

READ_EVERY = 20  # steps between two looks at the losses


class Run:
    """A run's folder and the trainer in it. Only the first process reads states and writes."""

    def __init__(self, config: TrainConfig, stores: list[Store], folder: Path, device: str, start: Path | None, ranks: Ranks):
        self.config, self.folder, self.device, self.ranks = config, folder, device, ranks
        self.state: Path | None = None  # the last good one
        entry = {"config": asdict(config), "data": [store.description() for store in stores]}
        history = origin = None
        if ranks.first:
            folder.mkdir(parents=True, exist_ok=True)
            history = History(folder / "history.json")
            changed = history.check(entry)
            self.state = last_state(folder)
            origin = Origin(start) if start and not self.state else None
            if begun_with := history.origin if self.state else origin and origin.describe():
                entry["start"] = begun_with
        fresh = ranks.first and self.state is None  # what the others begin with is sent to them
        self.trainer = Trainer(config, stores, device, choose_dtype("auto", device), fresh, origin, ranks)
        self._resume()
        if history:
            history.add(self.trainer.step, entry)
            write_aside(folder / "config.json", json.dumps(asdict(config), indent=1))
            cut_log(folder / "log.jsonl", self.trainer.step)
            if self.state:
                print(f"resuming at step {self.trainer.step}", *changed, sep="\n  ")

    def _resume(self) -> None:
        """Give every process the first one's state: one from the disk, or what it begins with."""
        tensors: Tensors = {}
        counters = self.trainer.counters() | {"seconds": 0.0}
        trainer = self.trainer
        if self.state:
            tensors, counters = read_tensors(self.state), read_counters(self.state)
        elif self.ranks.first:
            tensors = tensors_of(trainer.modules, trainer.optimisers)
        if self.state or self.ranks.size > 1:
            names = [*trainer.modules, *trainer.optimisers]
            tensors = {name: self.ranks.spread_tensors(tensors.get(name, {}), self.device) for name in names}
            try:
                fill(trainer.modules, trainer.optimisers, tensors)
            except (RuntimeError, KeyError, ValueError) as error:
                raise GantlitzError(
                    f"The state {self.state} does not fit this model: {str(error).splitlines()[0]}",
                    "Choose another --outdir folder, or the settings and version that run was started with.",
                    "other-model",
                ) from error
        counters = self.ranks.spread(counters)
        self.rows = Rows(self.ranks, counters["seconds"])
        trainer.restore(counters)

    def save(self) -> None:
        """Write a state. Raises GantlitzError where the networks are no numbers any more: the states before stay."""
        trainer = self.trainer
        trainer.track_w_avg()
        tensors = tensors_of(trainer.modules, trainer.optimisers)
        for name in trainer.modules:
            sums = torch.stack([t.double().sum() for t in tensors[name].values()])
            if not torch.isfinite(sums).all():
                Health.stop(f"The {name} holds values that are no numbers after step {trainer.step}.", self.state)
        if self.ranks.first:
            counters = trainer.counters() | {"seconds": self.rows.seconds}
            self.state = save_state(self.folder, tensors, counters, asdict(self.config))


def train(
    config: TrainConfig,
    stores: list[Store],
    folder: Path,
    device: str,
    on_snapshot: Callable[[Trainer], None] | None = None,
    start: Path | None = None,
    ranks: Ranks | None = None,
    on_rows: Callable[[list[dict]], None] | None = None,
    on_start: Callable[[Trainer], None] | None = None,
) -> Trainer:
    """Train until ``config.steps`` or until asked to stop, resuming the last whole state of ``folder``.

    start: another run's folder or an exported model, with whose networks a run that is not resumed begins.
    on_start, on_snapshot, on_rows: told of the step to go on from, of every saved state, and of every few rows of
    ``log.jsonl``; in the first process alone.
    A trainer whose step is below ``config.steps`` was stopped, and its state is saved.
    Raises GantlitzError where the run breaks down, or where a state cannot be written.
    """
    ranks = ranks or Ranks()
    run = Run(config, stores, folder, device, start, ranks)
    trainer, rows, health = run.trainer, run.rows, Health()
    if on_start and ranks.first:
        on_start(trainer)
    progress = Progress(trainer.step, config.steps, silent=not ranks.first)

    def log() -> None:
        """Rows go to the disk before the state that they lead to: a resumed log misses none."""
        found = rows.take()
        if found:
            found[-1]["memory"] = memory(device)
        good = next((i for i, row in enumerate(found) if not Health.is_finite(row)), len(found))
        if ranks.first:
            write_rows(folder / "log.jsonl", found[:good])
            if on_rows:
                on_rows(found[:good])
        for row in found:
            health.check(row, run.state)
        if found:
            progress.show(found[-1])

    with Interrupt() as interrupt:
        rows.skip()
        while trainer.step < config.steps:
            rows.add(trainer.train_step())
            stopped = ranks.any(interrupt.asked)
            save = trainer.step % config.snapshot_every == 0 or trainer.step == config.steps or stopped
            if save or trainer.step % READ_EVERY == 0:
                log()
            if save:
                run.save()
                if on_snapshot and ranks.first:
                    on_snapshot(trainer)
                rows.skip()
            if stopped:
                break
    progress.close()
    return trainer
