"""Batches come ahead of time and are the right ones; the device computes without anybody waiting for it."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import isfinite
from threading import Barrier
from typing import Any

import numpy as np
import pytest
import torch

from tests.tiny_run import CONFIG, make_store
from trainer import patches
from trainer.adaptive import EVERY
from trainer.patches import Batch
from trainer.reading import Reader
from trainer.store import Store
from trainer.trainer import Trainer


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("store") / "store")


def test_a_step_reads_nothing_of_what_the_device_computes(store: Store) -> None:
    config = replace(CONFIG, augment="adaptive", canvas_lr=0.0)
    trainer = Trainer(config, [store], "meta")  # torch's device without contents: what cannot be read is not waited for
    trainer.rate.p = 0.5
    row = trainer.train_step()
    assert {"path", "r1", "bands"} <= {name for name, value in row.items() if torch.is_tensor(value) and value.is_meta}
    with pytest.raises(RuntimeError, match="meta"):
        float(row["g"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_a_step_waits_for_nothing(store: Store) -> None:
    trainer = Trainer(replace(CONFIG, augment="adaptive", path_every=1), [store], "cuda")
    trainer.rate.p = 0.5
    row = trainer.train_step()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(2 * EVERY):  # the adaptive rate changes too
            row |= trainer.train_step()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert all(isfinite(float(v)) for v in row.values()) and trainer.rate.due_seen


def test_a_batch_read_ahead_is_the_one_that_its_step_draws(store: Store) -> None:
    trainer = Trainer(CONFIG, [store])
    for step in (0, 1, 2, 5, 6, 1):  # in order, and after a jump
        trainer.step = step
        ahead, drawn = trainer.next_batch(), trainer.draw(step)
        assert (ahead.level, ahead.places, ahead.modalities) == (drawn.level, drawn.places, drawn.modalities)
        assert torch.equal(ahead.real, drawn.real), step


def test_several_batches_are_read_at_once_and_come_in_order(store: Store) -> None:
    trainer = Trainer(CONFIG, [store])
    everyone = Barrier(3)

    def read(step: int) -> Batch:
        if step < 3:
            everyone.wait(timeout=30)  # nobody goes on before three are at work
        return trainer.draw(step)

    reader = Reader(read, "cpu", threads=3)
    for step in range(5):
        assert torch.equal(reader.batch(step).real, trainer.draw(step).real)


def test_threads_that_want_the_same_places_find_them_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = Trainer(CONFIG, [store]).sampler
    together, found = Barrier(4), []
    means = patches._box_means

    def watched(*arguments: Any) -> np.ndarray:
        found.append(arguments)
        time.sleep(0.05)
        return means(*arguments)

    def places(_: int) -> np.ndarray:
        together.wait(timeout=30)
        return sampler.origins(0)[0]

    monkeypatch.setattr(patches, "_box_means", watched)
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(places, range(4))
    assert len(found) == 1 and all(other is first for other in others)


def test_what_goes_wrong_in_reading_is_raised_at_its_step() -> None:
    def read(step: int) -> Batch:
        raise OSError(f"no step {step}")

    reader = Reader(read, "cpu", threads=2)
    for step in (0, 1):
        with pytest.raises(OSError, match=f"no step {step}"):
            reader.batch(step)
