"""Fewer channels: which are kept, what the others are told from, and layers that read and make only those."""

import pytest
import torch
from torch.nn import functional as F

from gantlitz_blender.runtime.thinning import STEP, Kept

CHANNELS, SAMPLES = 32, 4000


def features(rank: int, noise: float = 0.0) -> torch.Tensor:
    """(samples, channels) of that many independent ones, with a mean."""
    rng = torch.Generator().manual_seed(rank)
    causes, mix = torch.randn(SAMPLES, rank, generator=rng), torch.randn(rank, CHANNELS, generator=rng)
    return causes @ mix + 3 + noise * torch.randn(SAMPLES, CHANNELS, generator=rng)


def told(kept: Kept, x: torch.Tensor) -> torch.Tensor:
    return x[:, kept.channels] @ kept.mix.T + kept.rest


def unexplained(x: torch.Tensor, near: torch.Tensor) -> float:
    return float((x - near).square().sum() / (x - x.mean(dim=0)).square().sum())


def test_channels_that_follow_from_others_are_told_from_them():
    x = features(rank=STEP)
    kept = Kept.measured(x, torch.ones(CHANNELS), 1e-6)
    assert len(kept.channels) == STEP
    assert unexplained(x, told(kept, x)) < 1e-6


@pytest.mark.parametrize("most", [0.3, 0.1, 0.01])
def test_no_more_is_left_unexplained_than_was_asked_for(most):
    x = features(rank=CHANNELS)
    kept = Kept.measured(x, torch.ones(CHANNELS), most)
    assert unexplained(x, told(kept, x)) <= most * 1.001
    assert len(kept.channels) % STEP == 0


def test_independent_channels_are_all_kept():
    x = torch.randn(SAMPLES, CHANNELS, generator=torch.Generator().manual_seed(0))
    kept = Kept.measured(x, torch.ones(CHANNELS), 0.001)
    assert sorted(kept.channels.tolist()) == list(range(CHANNELS))


def test_what_counts_for_nothing_is_kept_last():
    x = torch.randn(SAMPLES, CHANNELS, generator=torch.Generator().manual_seed(0))
    weight = torch.cat([torch.zeros(CHANNELS - STEP), torch.ones(STEP)])
    assert sorted(Kept.measured(x, weight, 0.01).channels.tolist()) == list(range(CHANNELS - STEP, CHANNELS))


def test_a_channel_that_never_changes_is_no_harm():
    x = features(rank=STEP)
    x[:, 3] = 0.5
    kept = Kept.measured(x, torch.ones(CHANNELS), 1e-6)
    assert unexplained(x, told(kept, x)) < 1e-6


def test_a_layer_reads_the_kept_channels_as_it_read_all():
    x = features(rank=STEP)
    kept = Kept.measured(x, torch.ones(CHANNELS), 1e-6)
    image = x.T.reshape(1, CHANNELS, 80, 50)
    layer = torch.randn(4, CHANNELS, 3, 3), torch.randn(4)
    thin = kept.read_by(layer)
    assert thin[0].shape == (4, STEP, 3, 3)
    torch.testing.assert_close(F.conv2d(image[:, kept.channels], *thin), F.conv2d(image, *layer), rtol=1e-3, atol=1e-2)


def test_a_head_that_is_padded_with_rows_of_zeros_keeps_its_own_bias():
    kept = Kept.measured(features(rank=STEP), torch.ones(CHANNELS), 1e-6)
    weight, bias = kept.read_by((torch.zeros(4, CHANNELS, 1, 1), torch.tensor([2.0])))
    assert weight.shape[0] == 4 and bias.tolist() == [2.0]


def test_a_layer_makes_only_what_is_kept():
    kept = Kept.measured(features(rank=STEP), torch.ones(CHANNELS), 1e-6)
    layer = torch.randn(CHANNELS, 5, 3, 3), torch.randn(CHANNELS)
    image = torch.randn(1, 5, 20, 20)
    torch.testing.assert_close(F.conv2d(image, *kept.made_by(layer)), F.conv2d(image, *layer)[:, kept.channels])
