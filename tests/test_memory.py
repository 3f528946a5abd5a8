"""The estimate of a step's memory beside what autograd keeps in a real one, and beside a measured one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.tiny_run import CONFIG, make_store
from trainer.draws import Draws
from trainer.losses import r1_penalty
from trainer.memory import JUDGING, MAKING, estimate, kept
from trainer.patches import ALL, PAIRS
from trainer.presets import PRESETS
from trainer.store import Store
from trainer.trainer import Trainer

PLAIN = replace(
    CONFIG, schedule=((1.0, (1.0,)),), augment="none", filter="off", path_weight=0.0, style_mixing=0.0, patch=64
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("memory") / "store")


@pytest.fixture(scope="module", params=[torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
def trainer(store: Store, request: pytest.FixtureRequest) -> Trainer:
    return Trainer(PLAIN, [store], dtype=request.param, fresh=False)


def test_what_autograd_keeps_is_counted_once_and_without_weights() -> None:
    network = torch.nn.Linear(8, 4, bias=False)
    x = torch.ones(16, 8)
    with kept(network) as total:
        y = network(x)
        y.square() + y.square()
    assert total == [4 * (16 * 8 + 16 * 4)], "x and y"


def test_the_estimate_counts_the_networks_that_a_trainer_has(store: Store) -> None:
    trainer = Trainer(CONFIG, [store], fresh=False)
    g, d = (4 * sum(p.numel() for p in m.parameters()) for m in (trainer.generator, trainer.discriminator))
    need = estimate(CONFIG, "cpu", torch.float32)
    assert need.networks == 5 * g + 4 * d and need.state == 4 * g + 3 * d


def test_a_step_needs_more_for_more_or_larger_patches_and_less_in_half_precision() -> None:
    def step(dtype: torch.dtype = torch.float32, **changes: int) -> float:
        return estimate(replace(CONFIG, **changes), "cpu", dtype).step

    assert step(places=4) == pytest.approx(2 * step(), rel=0.2)
    assert 2 * step() < step(patch=64) < 4.5 * step()
    assert step(torch.bfloat16) < 0.8 * step()
    assert estimate(replace(CONFIG, places=4), "cpu", torch.float32, ranks=2).step == step()


@pytest.mark.parametrize("modalities", [("albedo",), *PAIRS, ALL])
def test_the_estimate_is_what_a_real_step_keeps(trainer: Trainer, modalities: tuple[str, ...]) -> None:
    networks = trainer.generator, trainer.discriminator
    batch = trainer.sampler.draw(np.random.default_rng(0), 0, PLAIN.places, PLAIN.subjects, modalities)
    draws = Draws(0, 0, trainer.places)
    trainer.discriminator.requires_grad_(False)
    with kept(*networks) as making:
        fake = trainer.fake(batch, draws)
        loss = trainer.judge(fake, batch, draws)
    trainer.discriminator.requires_grad_(True)
    with kept(*networks) as judging:
        logits = [trainer.judge(image, batch, draws) for image in (batch.real, fake.detach())]
        penalty = r1_penalty(trainer.discriminator, batch.real, batch.present, batch.box)
    del loss, logits, penalty
    estimated = estimate(PLAIN, "cpu", trainer.dtype, modalities=modalities).step
    assert estimated == pytest.approx(max(MAKING * making[0], JUDGING * judging[0]), rel=0.15)


def test_fewer_modalities_take_less() -> None:
    narrow = replace(PLAIN, d_channels=(4, 4, 4))  # the generator takes most
    needs = [estimate(narrow, "cpu", torch.float32, modalities=m).step for m in (("albedo",), PAIRS[0], ALL[:3], ALL)]
    assert needs == sorted(needs) and needs[-1] > 2.5 * needs[0]


# Bytes that benchmarks.training_memory measured on a CPU (benchmarks/results/training-cpu.md): in the first R1 takes most, in the
# second the generator's step.
@pytest.mark.parametrize("modalities, measured", [(("albedo", "specular"), 699e6), (ALL, 771e6)])
def test_the_estimate_is_near_what_a_process_was_measured_to_take(modalities: tuple[str, ...], measured: float) -> None:
    need = estimate(PRESETS["XS"], "cpu", torch.bfloat16, modalities=modalities)
    assert need.networks + need.step == pytest.approx(measured, rel=0.2)
