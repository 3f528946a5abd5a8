"""The plain generator: a patch is exactly the crop of the whole, and the dual style reduces to StyleGAN2."""

import dataclasses
import random

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from gantlitz_blender.runtime.model.config import MODALITIES, PLANS
from gantlitz_blender.runtime.model.generator import Generator, layer_key
from gantlitz_blender.runtime.model.layers import DualStyleConv, lrelu
from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect
from tests.tiny_model import TINY, tiny_generator


@pytest.fixture(scope="module")
def generator() -> Generator:
    return tiny_generator()


@pytest.fixture(scope="module")
def w(generator: Generator) -> Tensor:
    return generator.mapping(torch.randn(1, TINY.z_dim, generator=torch.Generator().manual_seed(1)))


def whole(level: int) -> Rect:
    height, width = TINY.size(level)
    return Rect(0, 0, height, width)


def odd_rectangles(level: int, count: int) -> list[Rect]:
    rng = random.Random(level)
    height, width = TINY.size(level)
    inner = []
    for _ in range(count):
        top, left = rng.randrange(height - 1), rng.randrange(width - 1)
        inner.append(Rect(top, left, rng.randrange(top + 1, height + 1), rng.randrange(left + 1, width + 1)))
    return inner


@pytest.mark.parametrize("level", [0, 1, 3, 4])
def test_a_tile_is_the_crop_of_the_whole(generator: Generator, w: Tensor, level: int) -> None:
    full = generator(w, level, [whole(level)], HashNoise(5))
    for rect in odd_rectangles(level, 8):
        tile = generator(w, level, [rect], HashNoise(5))
        rows, cols = whole(level).slices_of(rect)
        for name, got in tile.items():
            torch.testing.assert_close(got, full[name][..., rows, cols], atol=1e-5, rtol=0, msg=f"{name} {rect}")


def test_across_the_border_of_the_canvas_too(generator: Generator, w: Tensor) -> None:
    beyond = Rect(-1, TINY.width - 30, 20, TINY.width + 1)
    inside = Rect(0, TINY.width - 20, 11, TINY.width)
    outer, inner = (generator(w, 0, [r], HashNoise(5)) for r in (beyond, inside))
    rows, cols = beyond.slices_of(inside)
    for name, got in inner.items():
        torch.testing.assert_close(got, outer[name][..., rows, cols], atol=1e-5, rtol=0)


def zero_padded(generator: Generator, w: Tensor, request: Rect) -> Tensor:
    """The control: the same albedo, tile by tile, with padded convolutions in place of margins."""
    config, e = generator.config, generator.modality_embedding("albedo")
    rect = Rect(*(n >> config.levels for n in request))
    extended = Rect(-config.margin, -config.margin, config.grid[0] - config.margin, config.grid[1] - config.margin)
    x = generator.global_stage(w, e, HashNoise(5))[(..., *extended.slices_of(rect))]
    a = generator.canvas.coefficients(w)
    skip = generator.head("albedo", config.levels)(x, w) + generator.canvas.read(a, "albedo", config.levels, rect)
    for level in range(config.levels - 1, -1, -1):
        rect = Rect(*(2 * n for n in rect))
        for i, conv in enumerate(generator.patch_stage.convs(level)):
            x = conv(x, w, e, padding=1)
            x = x if i else F.interpolate(x, scale_factor=2, mode="bilinear")
            noise = HashNoise(5)(layer_key(level, i), [rect], 1)
            x = conv.finish(x, e, generator.patch_stage.place_noise(noise, level, config.levels - level, [rect]))
        skip = F.interpolate(skip, scale_factor=2, mode="bilinear") + generator.head("albedo", level)(x, w)
        held = generator.canvas.read(a, "albedo", level, rect)
        skip = skip if held is None else skip + held
    return skip


def test_a_zero_padded_control_fails_that_test(generator: Generator, w: Tensor) -> None:
    big, small = Rect(128, 128, 384, 512), Rect(192, 256, 320, 384)
    rows, cols = big.slices_of(small)
    control = zero_padded(generator, w, big)[..., rows, cols] - zero_padded(generator, w, small)
    assert control.abs().max() > 1e-2
    exact = [generator(w, 0, [r], HashNoise(5), ["albedo"])["albedo"] for r in (big, small)]
    assert (exact[0][..., rows, cols] - exact[1]).abs().max() < 1e-5
    middle = zero_padded(generator, w, big)[..., 96:160, 160:224] - exact[0][..., 96:160, 160:224]
    assert middle.abs().max() < 1e-4, "far from its borders the control computes the same network"


def test_without_a_modality_style_it_is_a_stylegan2_convolution() -> None:
    torch.manual_seed(0)
    conv = DualStyleConv(8, 6, 4, 5).requires_grad_(False)
    conv.modality_style.weight.zero_()  # B = 1
    conv.modality_bias.weight.zero_()  # O = 0
    x, w, e = torch.randn(2, 8, 9, 9), torch.randn(2, 4), torch.randn(5)
    got = conv.finish(conv(x, w, e), e, torch.zeros(2, 1, 7, 7))
    for i in range(2):
        weight = conv.weight * conv.gain * conv.style(w[i])[None, :, None, None]
        weight = weight * (weight.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).rsqrt()
        torch.testing.assert_close(got[i : i + 1], lrelu(F.conv2d(x[i : i + 1], weight)), atol=1e-5, rtol=1e-5)


def test_the_normal_follows_the_displacement(generator: Generator, w: Tensor) -> None:
    plain = tiny_generator()
    for level in range(TINY.levels + 1):
        head = plain.head("normal", level)
        head.weight.zero_()
        head.bias.zero_()
    maps = plain(w, 0, [Rect(100, 100, 164, 164)], HashNoise(1))
    _, sigma_d = plain.normalisation("displacement")
    _, sigma_n = plain.normalisation("normal")
    h = maps["displacement"][0, 0] * sigma_d  # millimetres
    slope_x = (h[1:-1, 2:] - h[1:-1, :-2]) / (2 * TINY.texel_mm(0))
    slope_y = (h[2:, 1:-1] - h[:-2, 1:-1]) / (2 * TINY.texel_mm(0))
    n = maps["normal"][0, :, 1:-1, 1:-1] * sigma_n[:, None, None]
    torch.testing.assert_close(n[0], -slope_x, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(n[1], slope_y, atol=1e-5, rtol=1e-4)


def test_modalities_differ_and_seeds_differ(generator: Generator, w: Tensor) -> None:
    maps = generator(w, 2, [whole(2)], HashNoise(1))
    assert {name: x.shape[1] for name, x in maps.items()} == {m.name: m.channels for m in MODALITIES}
    other = generator(generator.mapping(torch.randn(1, TINY.z_dim)), 2, [whole(2)], HashNoise(1))
    assert (maps["albedo"] - other["albedo"]).abs().mean() > 0.05


def test_several_places_at_once_are_the_places_one_by_one(generator: Generator) -> None:
    w = generator.mapping(torch.randn(2, TINY.z_dim))
    places = [Rect(0, 0, 32, 32), Rect(64, 96, 96, 128)]
    both = generator(w, 1, places, HashNoise(2))
    for i, place in enumerate(places):
        for name, x in generator(w, 1, [place], HashNoise(2)).items():
            torch.testing.assert_close(both[name][2 * i : 2 * i + 2], x, atol=1e-5, rtol=0)


@pytest.mark.parametrize("plan", ["XS", "S", "L"])
def test_the_plans_are_consistent(plan: str) -> None:
    config = PLANS[plan]
    assert (config.width, config.height, config.grid) == (6144, 4096, (72, 104))
    assert all(n % 16 == 0 for n in (*config.channels, *config.global_channels))
    with torch.device("meta"):
        assert Generator(dataclasses.replace(config)).mapping.layers[-1].weight.shape[0] == config.w_dim


def test_without_heads_only_the_canvas_is_left(w: Tensor) -> None:
    bare = tiny_generator()
    for name, p in bare.heads.named_parameters():
        if ".style." not in name:
            p.zero_()
    places = [Rect(32, 64, 64, 96), Rect(96, 0, 128, 32)]
    maps = bare(w, 1, places, HashNoise(0), ["albedo", "specular"])
    for name, x in maps.items():
        torch.testing.assert_close(bare.canvas_only(name, w, 1, places), x, atol=1e-5, rtol=0)
