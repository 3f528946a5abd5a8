"""How fast batches are read while nothing else is done: what a training step must not outrun."""

from __future__ import annotations

import time
from dataclasses import dataclass

from trainer.presets import TrainConfig
from trainer.reading import Reader
from trainer.store import Store
from trainer.trainer import Trainer

THREADS = (1, 2, 4)
LAST = 1_000_000  # step, before which batches are read: of the last part of any schedule


@dataclass(frozen=True)
class Reading:
    """Patches that so many threads read: a second, and a second of processor time. used: training reads on so many here."""

    threads: int
    used: bool
    patches_per_second: float
    per_processor_second: float


def readings(config: TrainConfig, stores: list[Store], device: str, steps: int) -> list[Reading]:
    """Of the same batches on 1, 2 and 4 threads, and on as many as training takes here."""
    trainer = Trainer(config, stores, fresh=False)
    used = trainer.reader.threads
    steps = max(steps, 4 * max(THREADS))  # at the end some threads have nothing to read
    seconds(trainer, device, max(THREADS), steps)  # from here on the files are in the system's memory
    found = []
    for threads in sorted({*THREADS, used}):
        anew = [Store(store.folder, config.model.width) for store in stores]  # which have kept nothing
        wall, busy = seconds(Trainer(config, anew, fresh=False), device, threads, steps)
        patches = steps * config.batch
        found.append(Reading(threads, threads == used, patches / wall, patches / busy))
    return found


def seconds(trainer: Trainer, device: str, threads: int, steps: int) -> tuple[float, float]:
    """(on the clock, of the processor) that some of a trainer's batches take, as training reads them.

    Without what is found once a run, the lattices of places; with the coarse levels' first reading, whole.
    """
    for level, weight in enumerate(trainer.config.schedule[-1][1]):
        if weight:
            trainer.sampler.origins(level)
    nothing = trainer.draw(LAST)
    reader = Reader(lambda step: trainer.draw(step) if step < LAST else nothing, device, threads)
    begun, busy = time.perf_counter(), time.process_time()
    for step in range(LAST - steps, LAST):
        reader.batch(step)
    return time.perf_counter() - begun, time.process_time() - busy


def describe(found: list[Reading], eaten: float) -> list[str]:
    """A line each, beside the patches that a step eats a second."""
    lines = [f"{'reading alone':14}{'patches/s':>10}{'/ eaten':>9}{'a second of processor':>23}"]
    for one in found:
        name = f"{one.threads} {'thread' if one.threads == 1 else 'threads'}"
        figures = f"{one.patches_per_second:>10.3g}{one.patches_per_second / eaten:>9.2f}{one.per_processor_second:>23.3g}"
        lines.append(f"{name:14}{figures}{'   as training does here' if one.used else ''}")
    return lines
