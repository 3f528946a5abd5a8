"""Patches are turned, moved and scaled as pieces of surface: their normals turn along, and nothing wraps around."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.augment import augment
from trainer.augment.geometry import Transforms, apply, draw, identity
from trainer.augment.resample import low_pass, resample

SIZE = 32
PLAIN = [0, 1, 2, 5, 6]  # all channels but the normal


def patches(n: int = 2, size: int = SIZE) -> Tensor:
    return torch.randn(n, 7, size, size, generator=torch.Generator().manual_seed(0))


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def only(n: int = 2, **parts: object) -> Transforms:
    """The same transform for every patch, of the parts that are named."""
    values = {name: torch.tensor([value] * n, dtype=torch.float64) for name, value in parts.items()}
    return dataclasses.replace(identity(n), **values)


def grid(size: int) -> tuple[Tensor, Tensor]:
    """x right and y down, in texels from the centre."""
    at = torch.arange(size) - (size - 1) / 2
    return at.expand(size, size), at[:, None].expand(size, size)


def relief(size: int) -> Tensor:
    """(1, 7, P, P): a smooth displacement that fades to 0 before the border, and its normals: -dh/dx and +dh/dy (y down)."""
    x, y = (c.double().requires_grad_(True) for c in grid(size))
    window = torch.exp(-(x.square() + y.square()) / (2 * (size / 8) ** 2))
    h = window * (torch.sin(0.35 * x + 0.1 * y) + torch.cos(0.25 * y - 0.12 * x + 0.4))
    dx, dy = torch.autograd.grad(h.sum(), (x, y))
    nothing = torch.zeros_like(h)
    return torch.stack([nothing, nothing, nothing, -dx, dy, nothing, h]).detach().float()[None]


def slopes(image: Tensor) -> Tensor:
    """(N, 2, P - 2, P - 2): the displacement's differences as the discriminator takes them."""
    d = image[:, 6]
    return torch.stack([d[:, 1:-1, :-2] - d[:, 1:-1, 2:], d[:, 2:, 1:-1] - d[:, :-2, 1:-1]], dim=1) / 2


def test_with_p_zero_nothing_changes() -> None:
    x = patches()
    torch.testing.assert_close(augment(x, 0.0, [seeded()]), x, atol=1e-5, rtol=0)
    assert draw(50, SIZE, 0.0, seeded()).still.all()


def test_a_mirror_exchanges_left_and_right_and_turns_the_normals_x() -> None:
    x, mirror = patches(), only(mirrored=1.0)
    y = apply(x, mirror)
    assert torch.equal(y[:, PLAIN], x[:, PLAIN].flip(3)) and torch.equal(y[:, 3], -x[:, 3].flip(2))
    assert torch.equal(y[:, 4], x[:, 4].flip(2)) and torch.equal(apply(y, mirror), x)


@pytest.mark.parametrize("size", [32, 33])
def test_a_quarter_turn_copies_texels_and_four_are_none(size: int) -> None:
    x, turn = patches(size=size), only(turns=1.0)
    y = apply(x, turn)
    assert torch.equal(y[:, PLAIN], x[:, PLAIN].rot90(1, (2, 3)))
    assert torch.equal(y[:, 3], -x[:, 4].rot90(1, (1, 2))), "what pointed up (+y) points left (-x)"
    assert torch.equal(y[:, 4], x[:, 3].rot90(1, (1, 2))), "what pointed right points up"
    for _ in range(3):
        y = apply(y, turn)
    assert torch.equal(y, x)


def test_a_whole_shift_rolls_and_fills_with_zero() -> None:
    x = patches()
    rolled = x.roll((3, -5), dims=(2, 3))
    rolled[:, :, :3] = 0
    rolled[:, :, :, -5:] = 0
    assert torch.equal(apply(x, only(moved=[-5.0, 3.0])), rolled)


def test_without_a_fractional_part_every_value_is_one_of_the_patchs_or_zero() -> None:
    x = patches(64)
    whole = draw(64, SIZE, 1.0, seeded())
    whole = dataclasses.replace(identity(64), mirrored=whole.mirrored, turns=whole.turns, moved=whole.moved)
    y = apply(x, whole)
    for before, after in zip(x[:, 6], y[:, 6], strict=True):
        assert torch.isin(after, torch.cat([before.flatten(), torch.zeros(1)])).all()
    assert not torch.equal(y, x)


def test_patches_that_no_transform_was_drawn_for_stay_the_same_bits() -> None:
    x = patches(64)
    drawn = draw(64, SIZE, 0.2, seeded())
    assert 0 < drawn.still.sum() < 64
    assert torch.equal(apply(x, drawn)[drawn.still], x[drawn.still])


def test_what_is_round_looks_the_same_from_every_side() -> None:
    px, py = grid(64)
    image = torch.zeros(1, 7, 64, 64)
    image[:, 6] = torch.cos((px.square() + py.square()) / 60) * torch.exp(-(px.square() + py.square()) / 200)
    for angle in (0.3, 1.0, 2.5):
        assert (apply(image, only(1, turned=angle)) - image).abs().max() < 0.02


def test_a_quarter_turn_resampled_is_the_quarter_turn() -> None:
    x = relief(64)
    torch.testing.assert_close(apply(x, only(1, turned=np.pi / 2)), apply(x, only(1, turns=1.0)), atol=0.01, rtol=0)


def test_a_fractional_shift_and_a_zoom_are_those_of_the_function() -> None:
    x, y = grid(64)
    bump = torch.zeros(1, 7, 64, 64)
    for dx, dy, zoom in ((0.4, -3.7, 1.0), (0.0, 0.0, 1.3), (0.0, 0.0, 0.7)):
        bump[:, 6] = torch.exp(-((x - 6).square() + (y + 4).square()) / 40)
        expected = torch.exp(-(((x - dx) / zoom - 6).square() + ((y - dy) / zoom + 4).square()) / 40)
        made = apply(bump, only(1, drifted=[dx, dy], zoom=zoom))
        torch.testing.assert_close(made[0, 6], expected, atol=0.02, rtol=0)


@pytest.mark.parametrize(
    "parts",
    [
        {"mirrored": 1.0}, {"turns": 1.0}, {"turns": 3.0, "mirrored": 1.0}, {"turned": 0.7}, {"turned": -2.0, "mirrored": 1.0},
        {"zoom": 1.4}, {"zoom": 0.7}, {"stretch": 1.3}, {"turned": 0.6, "stretch": 1.3, "turned_after": 1.1, "zoom": 0.8},
    ],
)  # fmt: skip
def test_normals_stay_those_of_the_displacement(parts: dict[str, float]) -> None:
    image = apply(relief(64), only(1, **parts))
    normals, found = image[:, 3:5, 1:-1, 1:-1], slopes(image)
    for c in (0, 1):
        assert np.corrcoef(normals[0, c].flatten(), found[0, c].flatten())[0, 1] > 0.99
    assert abs(normals.std() / found.std() - 1) < 0.05, "as steep as it is"


def test_normals_left_as_they_were_would_be_noticed() -> None:
    image = relief(64)
    for parts in ({"turns": 1.0}, {"mirrored": 1.0}, {"turned": 0.7}):
        moved = apply(image, only(1, **parts))
        moved[:, 3:5] = apply(torch.cat([torch.zeros(1, 5, 64, 64), image[:, 3:5]], 1), only(1, **parts))[:, 5:]
        assert np.corrcoef(moved[0, 3, 1:-1, 1:-1].flatten(), slopes(moved)[0, 0].flatten())[0, 1] < 0.9


def test_the_filter_keeps_means_exactly_and_every_frequency_nearly() -> None:
    kernel = np.array(low_pass())
    assert np.allclose(kernel, kernel[::-1]) and np.isclose(kernel[::2].sum(), 0.5), "a constant stays one at every half texel"
    gain = np.fft.rfft(2 * np.convolve(kernel, kernel)[1::2], 256)
    assert np.abs(np.abs(gain) - 1).max() < 0.015


@pytest.mark.parametrize("zoom", [0.6, 0.7])
def test_shrinking_removes_what_no_longer_fits_instead_of_folding_it(zoom: float) -> None:
    x, _ = grid(128)
    wave = torch.cos(2 * torch.pi * 0.7 * zoom * x).expand(1, 1, 128, 128)  # 0.7 cycles a texel once shrunk; 0.5 fit
    back, inside = only(1, zoom=zoom).back(), (..., slice(48, 80), slice(48, 80))
    plain = F.grid_sample(wave, F.affine_grid(back.float(), [1, 1, 128, 128], align_corners=False), align_corners=False)
    folded = resample(wave, back)[inside].square().mean() / plain[inside].square().mean()
    assert folded < 0.1


def test_gradients_and_their_gradients_are_right() -> None:
    torch.set_num_threads(1)
    x = patches(3, 6).double().requires_grad_(True)
    drawn = draw(3, 6, 1.0, seeded())
    for transforms in (drawn, dataclasses.replace(identity(3), mirrored=drawn.mirrored, moved=drawn.moved + 1, turns=drawn.turns)):
        assert torch.autograd.gradcheck(lambda a, t=transforms: apply(a, t), x, fast_mode=True)
        assert torch.autograd.gradgradcheck(lambda a, t=transforms: apply(a, t).pow(3), x, fast_mode=True)


def test_the_generator_decides_and_patches_of_one_place_do_not_depend_on_the_others() -> None:
    x = patches(8)
    both = augment(x, 0.8, [seeded(1), seeded(2)])
    assert torch.equal(both, augment(x, 0.8, [seeded(1), seeded(2)]))
    assert torch.equal(both[4:], augment(x[4:], 0.8, [seeded(2)])), "bits too"
    assert not torch.equal(both, augment(x, 0.8, [seeded(2), seeded(1)]))


def test_parts_happen_as_often_and_spread_as_far_as_they_should() -> None:
    n, p = 40_000, 0.5
    drawn = draw(n, 64, p, seeded())
    assert drawn.mirrored.mean() == pytest.approx(p / 2, abs=0.01)
    assert [float((drawn.turns == k).double().mean()) for k in (1, 2, 3)] == pytest.approx([p / 4] * 3, abs=0.01)
    assert drawn.moved.abs().max() == 8
    for scale in (drawn.zoom, drawn.stretch):
        assert float((scale != 1).double().mean()) == pytest.approx(p, abs=0.01)
        assert float(scale[scale != 1].log2().std()) == pytest.approx(0.2, abs=0.01)
    rotated = (drawn.turned != 0) | (drawn.turned_after != 0)
    assert float(rotated.double().mean()) == pytest.approx(p, abs=0.01)
    assert float(drawn.drifted[drawn.drifted[:, 0] != 0].std()) == pytest.approx(8, abs=0.1)
    assert float(drawn.whole.double().mean()) == pytest.approx((1 - p) ** 4, abs=0.01)
