"""In training, real and fake go through the same augmentation, at a rate that a resumed run goes on with."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.tiny_run import CONFIG, make_store
from trainer import trainer as step
from trainer.draws import Draws
from trainer.state import last_state, read_counters, read_tensors
from trainer.store import Store
from trainer.trainer import Trainer
from trainer.training_loop import train

QUICK = replace(
    CONFIG, augment="adaptive", filter="adaptive", augment_target=-1.0, augment_adjust_kimg=0.04, steps=14, snapshot_every=10
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    torch.set_num_threads(1)
    return make_store(tmp_path_factory.mktemp("store") / "store")


def test_an_adaptive_run_that_is_interrupted_between_two_changes_ends_bit_identical(store: Store, tmp_path: Path) -> None:
    once = train(QUICK, [store], tmp_path / "once", "cpu")
    assert once.rate.p == pytest.approx(2 * 16 / 40), "two changes by four steps of four patches, each four steps later"
    assert once.filter_p == once.augment_p == once.rate.p
    train(replace(QUICK, steps=10), [store], tmp_path / "twice", "cpu")
    assert read_counters(last_state(tmp_path / "twice"))["rate"]["steps"] == 2
    train(QUICK, [store], tmp_path / "twice", "cpu")
    states = [last_state(tmp_path / run) for run in ("once", "twice")]
    rates = [read_counters(state)["rate"] for state in states]
    assert rates[0] == rates[1]
    first, second = (read_tensors(state) for state in states)
    for network, tensors in first.items():
        assert all(torch.equal(tensor, second[network][name]) for name, tensor in tensors.items()), network


@pytest.mark.parametrize(("augment", "filter_", "rates"), [
    ("none", "off", (0.0, 0.0)), ("fixed", "constant", (0.4, 0.85)), ("none", "adaptive", (0.0, 0.2)),
    ("adaptive", "constant", (0.2, 0.85)),
])  # fmt: skip
def test_each_rate_is_what_its_mode_says(store: Store, augment: str, filter_: str, rates: tuple[float, float]) -> None:
    trainer = Trainer(replace(CONFIG, augment=augment, augment_p=0.4, filter=filter_), [store])
    trainer.rate.p = 0.2
    assert (trainer.augment_p, trainer.filter_p) == rates
    assert trainer.rate.moving == ("adaptive" in (augment, filter_))
    row = trainer.train_step()
    assert (row["p"], row["filter_p"]) == rates, "and the log shows both"


def test_real_fake_and_the_penalised_patches_are_transformed_with_draws_of_their_own(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Tensor, Tensor]] = []

    def watched(images: Tensor, p: float, rngs: list[torch.Generator]) -> Tensor:
        assert p == 0.7
        out = augment(images, p, rngs)
        seen.append((images.detach(), out.detach()))
        return out

    augment = step.augment
    monkeypatch.setattr(step, "augment", watched)
    Trainer(replace(CONFIG, augment="fixed", augment_p=0.7), [store]).train_step()
    (_, fooling), (real, real_seen), (fake, fake_seen), (penalised, penalised_seen) = seen
    assert torch.equal(real, penalised) and not torch.equal(real_seen, penalised_seen)
    assert not torch.equal(fooling, fake_seen) and not torch.equal(real, fake)
    assert not torch.equal(real_seen, real)


def test_without_augmentation_a_step_draws_nothing_for_it(store: Store) -> None:
    trainer = Trainer(replace(CONFIG, augment="none", filter="off"), [store])
    draws, batch = Draws(0, 0, trainer.places), trainer.draw(0)
    before = [rng.get_state() for rng in draws.places]
    trainer.judge(batch.real, batch, draws)
    assert all(torch.equal(state, rng.get_state()) for state, rng in zip(before, draws.places, strict=True))
