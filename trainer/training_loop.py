"""A training run: resume, step, log, save."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from torch import Tensor

from gantlitz_blender.runtime.face_model import choose_dtype

from .history import History, cut_log, origin_of
from .presets import TrainConfig
from .state import load_state, recover, save_state
from .store import Store
from .trainer import Trainer


def train(
    config: TrainConfig,
    stores: list[Store],
    run: Path,
    device: str,
    on_snapshot: Callable[[Trainer], None] | None = None,
    start: Path | None = None,
) -> Trainer:
    """Train until ``config.steps``, resuming whatever ``run/state`` holds; log to ``run/log.jsonl``, show with ``on_snapshot``.

    start: the folder of another run, with whose networks a run that is not resumed begins.
    """
    run.mkdir(parents=True, exist_ok=True)
    entry = {"config": asdict(config), "data": [store.description() for store in stores]}
    history = History(run / "history.json")
    history.check(entry)
    resumed = recover(run / "state")
    if origin := history.origin if resumed else start and origin_of(start):
        entry["start"] = origin
    trainer = Trainer(config, stores, device, choose_dtype("auto", device), fresh=not resumed, start=None if resumed else start)
    seconds = 0.0
    if resumed:
        counters = load_state(run / "state", trainer.modules, trainer.optimisers)
        trainer.step, seconds = counters["step"], counters["seconds"]
        print(f"resuming at step {trainer.step}")
    history.add(trainer.step, entry)
    cut_log(run / "log.jsonl", trainer.step)
    with open(run / "log.jsonl", "a") as log:
        while trainer.step < config.steps:
            begun = time.perf_counter()
            row = {k: v.item() if isinstance(v, Tensor) else v for k, v in trainer.train_step().items()}
            seconds += time.perf_counter() - begun
            log.write(json.dumps(row | {"seconds": round(seconds, 2)}) + "\n")
            if trainer.step % 20 == 0:
                log.flush()
                print(
                    " ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()),
                    f"{seconds:.0f}s",
                )
            if trainer.step % config.snapshot_every == 0 or trainer.step == config.steps:
                trainer.track_w_avg()
                save_state(run / "state", trainer.modules, trainer.optimisers, {"step": trainer.step, "seconds": seconds})
                if on_snapshot:
                    on_snapshot(trainer)
    return trainer
