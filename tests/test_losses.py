"""Losses have the values their formulas promise."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from gantlitz_blender.runtime.model.config import channels_of
from trainer.losses import band_statistics_loss, discriminator_loss, generator_loss, likeness_loss, r1_penalty, spreads
from trainer.patches import ALL, PAIRS


def skin(seed: int = 0, n: int = 8) -> torch.Tensor:
    """Patches in which all seven channels share some structure."""
    rng = torch.Generator().manual_seed(seed)
    shared = torch.randn(n, 1, 32, 32, generator=rng)
    return 0.7 * shared + 0.3 * torch.randn(n, 7, 32, 32, generator=rng)


def test_at_chance_the_discriminator_loses_two_log_two() -> None:
    torch.testing.assert_close(discriminator_loss(torch.zeros(4), torch.zeros(4)), torch.tensor(2 * math.log(2)))
    assert generator_loss(torch.tensor([9.0])) < 0.01 < generator_loss(torch.tensor([-9.0]))


def test_r1_is_the_squared_gradient_at_real_patches() -> None:
    class Linear(nn.Module):
        def forward(self, image: torch.Tensor, present: torch.Tensor, box: torch.Tensor) -> torch.Tensor:
            return 3 * image.sum(dim=(1, 2, 3))

    real = torch.randn(2, 7, 4, 4)
    penalty = r1_penalty(Linear(), real, torch.ones(2, 4), torch.zeros(2, 4))  # type: ignore[arg-type]
    torch.testing.assert_close(penalty, torch.tensor(9.0 * 7 * 16))


def test_r1_of_a_quadratic_judge() -> None:
    class Quadratic(nn.Module):
        def forward(self, image: torch.Tensor, present: torch.Tensor, box: torch.Tensor) -> torch.Tensor:
            return 0.5 * self.scale * image.square().sum(dim=(1, 2, 3))

        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(3.0))

    judge, real = Quadratic(), torch.randn(2, 7, 4, 4, generator=torch.Generator().manual_seed(0))
    penalty = r1_penalty(judge, real, torch.ones(2, 4), torch.zeros(2, 4))  # type: ignore[arg-type]
    norm = real.square().sum(dim=(1, 2, 3)).mean()
    torch.testing.assert_close(penalty, 9 * norm)  # the gradient is 3 x
    penalty.backward()
    torch.testing.assert_close(judge.scale.grad, 6 * norm)


def test_equal_statistics_cost_nothing() -> None:
    assert band_statistics_loss(skin(), skin(), group=4) < 1e-5
    assert band_statistics_loss(skin(0), skin(1), group=4) < 0.1, "other noise of the same kind is nearly free"


def test_blur_decorrelated_maps_and_a_wrong_place_cost() -> None:
    same = band_statistics_loss(skin(1), skin(0), group=4)
    blurred = F.avg_pool2d(skin(1), 3, stride=1, padding=1)
    apart = torch.stack([skin(c)[:, c] for c in range(7)], dim=1)
    strong = skin(1) * torch.tensor([2.0, 0.5]).repeat_interleave(4)[:, None, None, None]
    for worse in (blurred, apart, strong):
        assert band_statistics_loss(worse, skin(0), group=4) > 3 * same


def test_absent_modalities_cost_nothing() -> None:
    gone = torch.tensor([1.0, 1, 1, 0, 0, 1, 0])[:, None, None]
    assert band_statistics_loss(skin() * gone, skin() * gone, group=4) < 1e-5


def test_likeness_is_of_octaves_that_go_together_and_of_what_lies_below_them() -> None:
    assert likeness_loss(skin(0), skin(0)) < 1e-4
    stranger, nobody = likeness_loss(skin(1), skin(0)), likeness_loss(torch.zeros_like(skin(0)), skin(0))
    assert stranger > 0.5 and nobody > 0.5
    assert likeness_loss(0.7 * skin(0) + 0.7 * skin(1), skin(0)) < 0.7 * stranger
    gone = torch.tensor([1.0, 1, 1, 0, 0, 1, 0])[:, None, None]
    assert likeness_loss(skin(0) * gone, skin(0) * gone) < 1e-4, "absent modalities cost nothing"


def test_likeness_does_not_press_down_what_is_like_nobody() -> None:
    """The generator has learnt a little of a person and adds noise: a plain correlation would have it weaken the noise."""
    noise, real = (x - F.interpolate(F.avg_pool2d(x, 2), scale_factor=2) for x in (skin(1), skin(2)))  # one octave each
    strength = torch.tensor(1.0, requires_grad=True)
    made = 0.1 * real + strength * noise
    plain = -F.cosine_similarity(made.flatten(2), real.flatten(2), dim=2).mean()
    (pressed,) = torch.autograd.grad(plain, strength, retain_graph=True)
    (left,) = torch.autograd.grad(likeness_loss(made, real, bands=1), strength)
    assert pressed > 0.05 and abs(left) < 0.3 * pressed


def test_likeness_of_the_person_alone_asks_for_no_other_strength() -> None:
    real = skin(2) - F.interpolate(F.avg_pool2d(skin(2), 2), scale_factor=2)  # one octave
    for strength in (0.5, 1.0, 3.0):
        scale = torch.tensor(strength, requires_grad=True)
        (asked,) = torch.autograd.grad(likeness_loss(scale * real, real, bands=1), scale)
        assert abs(asked) < 0.01, strength


def test_spreads_are_of_each_modality_beside_the_data() -> None:
    real = torch.randn(4, 7, 8, 8, generator=torch.Generator().manual_seed(0))
    fake = real.clone()
    fake[:, channels_of("normal")] *= 0.5
    real[:, channels_of("specular")] = fake[:, channels_of("specular")] = 0  # no subject has it
    found = {name: float(value) for name, value in spreads(fake, real, ALL).items()}
    assert found == pytest.approx({f"spread_{name}": 0.5 if name == "normal" else 1 for name in ALL}, rel=1e-4)
    assert spreads(fake, real, PAIRS[0]).keys() == {"spread_normal", "spread_displacement"}
