"""A completer's training run: resumed, logged, saved, exported."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

import torch

from gantlitz_blender.runtime.completion import completer_file
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import choose_dtype

from ..history import cut_log
from ..interrupt import Interrupt
from ..monitor import LINE_EVERY, write_rows
from ..state import fill, last_state, read_counters, read_tensors, save_state, tensors_of, write_aside
from ..store import Store
from .config import CompleterTrainConfig
from .samples import write_samples
from .trainer import CompleterTrainer

READ_EVERY = 10  # steps between two looks at the losses
MODEL = "completer.safetensors"


def train(config: CompleterTrainConfig, stores: list[Store], folder: Path, device: str) -> CompleterTrainer:
    """Train until ``config.steps`` or until asked to stop, resuming the last whole state of ``folder``.

    Every ``config.snapshot_every`` steps the state, sample pictures and the averaged network (completer.safetensors) are written.
    Raises GantlitzError where the run breaks down, where the state is of another network, or where it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = last_state(folder)
    trainer = CompleterTrainer(config, stores, device, choose_dtype("auto", device), fresh=state is None)
    seconds = _resume(trainer, state) if state else 0.0
    write_aside(folder / "config.json", json.dumps(config.to_dict(), indent=1))
    cut_log(folder / "log.jsonl", trainer.step)
    rows: list[dict] = []
    begun = said = time.perf_counter()
    first = trainer.step

    def log() -> None:
        found = [{k: v.item() if isinstance(v, torch.Tensor) else v for k, v in row.items()} for row in rows]
        rows.clear()
        good = next((i for i, row in enumerate(found) if not all(map(math.isfinite, row.values()))), len(found))
        write_rows(folder / "log.jsonl", found[:good])
        if good < len(found):
            raise GantlitzError(
                f"Training broke down at step {found[good]['step']}: a loss is no number.",
                f"Train on with a lower --set lr; the last good state is {last_state(folder)}.",
                "diverged",
            )

    with Interrupt() as interrupt:
        while trainer.step < config.steps:
            rows.append(trainer.train_step() | {"seconds": round(seconds + time.perf_counter() - begun, 2)})
            now, done = time.perf_counter(), trainer.step == config.steps or interrupt.asked
            if now - said >= LINE_EVERY or done:
                said, last = now, rows[-1]
                each = (now - begun) / (trainer.step - first)
                print(f"step {trainer.step}/{config.steps}  {each:.3g} s/step  loss {float(last['loss']):.3g}", file=sys.stderr)
            save = trainer.step % config.snapshot_every == 0 or done
            if save or trainer.step % READ_EVERY == 0:
                log()
            if save:
                spent = seconds + time.perf_counter() - begun
                _save(trainer, stores, folder, spent)
            if interrupt.asked:
                break
    return trainer


def _resume(trainer: CompleterTrainer, state: Path) -> float:
    """Fill the trainer from a state; the seconds it had been trained for."""
    tensors, counters = read_tensors(state), read_counters(state)
    held = {name: m for name, m in trainer.modules.items() if name in tensors}  # a discriminator may be new
    try:
        fill(held, {name: o for name, o in trainer.optimisers.items() if name in tensors}, tensors)
    except (RuntimeError, KeyError, ValueError) as error:
        raise GantlitzError(
            f"The state {state} does not fit this network: {str(error).splitlines()[0]}",
            "Choose another --outdir folder, or the settings that run was started with.",
            "other-model",
        ) from error
    trainer.step = counters["step"]
    print(f"resuming at step {trainer.step}")
    return counters["seconds"]


def _save(trainer: CompleterTrainer, stores: list[Store], folder: Path, seconds: float) -> None:
    config = trainer.config.to_dict()
    counters = {"step": trainer.step, "seconds": round(seconds, 1)}
    save_state(folder, tensors_of(trainer.modules, trainer.optimisers), counters, config)
    write_samples(trainer, folder / "samples")
    settings = {k: v for k, v in config.items() if k != "net"}
    data = [store.description() for store in stores]
    licences = sorted({licence for described in data for licence in described["licences"]})
    provenance = {"config": settings, "data": data, **counters}
    completer_file.save(folder / MODEL, trainer.ema, provenance, "; ".join(licences))
