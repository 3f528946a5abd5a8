"""The estimate of a step's memory beside what autograd keeps in a real one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tiny_run import CONFIG, make_store
from trainer.draws import Draws
from trainer.losses import r1_penalty
from trainer.memory import JUDGING, MAKING, estimate, kept
from trainer.patches import ALL, PAIRS
from trainer.trainer import Trainer

PLAIN = replace(
    CONFIG, schedule=((1.0, (1.0,)),), augment="none", filter="off", anchor_loss=0.0, path_weight=0.0, style_mixing=0.0, patch=64
)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("modalities", [("albedo",), *PAIRS, ALL])
def test_the_estimate_is_what_a_real_step_keeps(tmp_path: Path, modalities: tuple[str, ...], dtype: torch.dtype) -> None:
    trainer = Trainer(PLAIN, [make_store(tmp_path / "store")], dtype=dtype, fresh=False)
    networks = trainer.generator, trainer.discriminator
    batch = trainer.sampler.draw(np.random.default_rng(0), 0, PLAIN.places, PLAIN.subjects, modalities)
    draws = Draws(0, 0, trainer.places)
    trainer.discriminator.requires_grad_(False)
    with kept(*networks) as making:
        fake, _ = trainer.fake(batch, draws)
        loss = trainer.judge(fake, batch, draws)
    trainer.discriminator.requires_grad_(True)
    with kept(*networks) as judging:
        logits = [trainer.judge(image, batch, draws) for image in (batch.real, fake.detach())]
        penalty = r1_penalty(trainer.discriminator, batch.real, batch.present, batch.box)
    del loss, logits, penalty
    estimated = estimate(PLAIN, "cpu", dtype, modalities=modalities).step
    assert estimated == pytest.approx(max(MAKING * making[0], JUDGING * judging[0]), rel=0.15)


def test_fewer_modalities_take_less() -> None:
    narrow = replace(PLAIN, d_channels=(4, 4, 4))  # the generator takes most
    needs = [estimate(narrow, "cpu", torch.float32, modalities=m).step for m in (("albedo",), PAIRS[0], ALL[:3], ALL)]
    assert needs == sorted(needs) and needs[-1] > 2.5 * needs[0]
