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
from gantlitz_blender.runtime.synthesis import Synthesis
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


def test_without_an_embedding_it_is_the_same() -> None:
    torch.manual_seed(0)
    conv, plain = DualStyleConv(8, 6, 4, 5).requires_grad_(False), DualStyleConv(8, 6, 4, 0).requires_grad_(False)
    plain.load_state_dict({k: v for k, v in conv.state_dict().items() if not k.startswith("modality")})
    conv.modality_style.weight.zero_()  # B = 1
    conv.modality_bias.weight.zero_()  # O = 0
    x, w, e, noise = torch.randn(2, 8, 9, 9), torch.randn(2, 4), torch.randn(5), torch.randn(2, 1, 7, 7)
    torch.testing.assert_close(plain.finish(plain(x, w, None), None, noise), conv.finish(conv(x, w, e), e, noise))


def test_a_dual_style_convolution_sample_by_sample() -> None:
    torch.manual_seed(0)
    conv = DualStyleConv(8, 6, 4, 5).requires_grad_(False)
    x, w, e = torch.randn(3, 8, 9, 9), torch.randn(3, 4), torch.randn(5)
    noise = torch.randn(3, 1, 7, 7)
    got = conv.finish(conv(x, w, e), e, noise)
    for i in range(3):
        style, modality = conv.style(w[i]), conv.modality_style(e)
        assert (modality - 1).abs().min() > 1e-3, "the modality has a say in every channel"
        weight = torch.empty_like(conv.weight)
        for o in range(6):
            for c in range(8):
                weight[o, c] = conv.weight[o, c] * conv.gain * style[c] * modality[c]
            weight[o] /= (weight[o].square().sum() + 1e-8).sqrt()
        bias = conv.bias + conv.modality_bias(e)
        expected = F.conv2d(x[i : i + 1], weight, bias) + noise[i] * conv.noise_strength[:, None, None]
        torch.testing.assert_close(got[i : i + 1], lrelu(expected), atol=1e-5, rtol=1e-5)


def test_each_level_takes_its_own_w(generator: Generator) -> None:
    w = generator.mapping(torch.randn(2, TINY.z_dim, generator=torch.Generator().manual_seed(3)))
    one, two = w[:1], w[1:]
    same = one[:, None].expand(-1, TINY.styles, -1)
    rect, noise = Rect(64, 64, 80, 80), HashNoise(2)
    plain = generator(one, 1, [rect], noise)
    for name, x in generator(same, 1, [rect], noise).items():
        assert torch.equal(x, plain[name]), name
    for index in range(TINY.styles):
        mixed = same.clone()
        mixed[:, index] = two
        moved = (generator(mixed, 1, [rect], noise, ["albedo"])["albedo"] - plain["albedo"]).abs().max()
        assert (moved > 1e-4) == (index <= TINY.style_of(1)), index
    coarse = torch.cat([two[:, None].expand(-1, 4, -1), one[:, None].expand(-1, TINY.styles - 4, -1)], dim=1)
    canvas = without_heads()
    assert torch.equal(canvas(coarse, 1, [rect], noise, ["albedo"])["albedo"], canvas(two, 1, [rect], noise, ["albedo"])["albedo"])


@pytest.mark.parametrize("dual_style", [True, False])
def test_the_fast_twin_mixes_the_same_face(dual_style: bool) -> None:
    config = dataclasses.replace(TINY, dual_style=dual_style)
    plain = tiny_generator(config=config)
    w = plain.mapping(torch.randn(TINY.styles, TINY.z_dim, generator=torch.Generator().manual_seed(4)))[None]
    rect = Rect(30, 41, 70, 90)
    fast = Synthesis(plain, w, HashNoise(5), torch.float32, 1).standardised(rect)
    for name, x in plain(w, 1, [rect], HashNoise(5)).items():
        torch.testing.assert_close(fast[name], x, atol=1e-4, rtol=0)


def test_with_a_single_style_the_maps_differ_by_their_heads_alone() -> None:
    config = dataclasses.replace(TINY, dual_style=False, structural_normal=False, components=0)
    plain = tiny_generator(config=config)
    assert not any("modality" in name or "embedding" in name for name, _ in plain.named_parameters())
    canvas = plain.canvas
    for mean in canvas.mean.values():
        mean.zero_()
    w = plain.mapping(torch.randn(1, TINY.z_dim, generator=torch.Generator().manual_seed(5)))
    for level in range(TINY.levels + 1):
        plain.head("displacement", level).load_state_dict(plain.head("specular", level).state_dict())
    maps = plain(w, 1, [Rect(30, 41, 70, 90)], HashNoise(5))
    assert torch.equal(maps["specular"], maps["displacement"])
    assert (maps["specular"] - maps["albedo"]).abs().mean() > 0.01


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


def without_heads() -> Generator:
    """The tiny generator, adding nothing to its canvas."""
    bare = tiny_generator()
    for name, p in bare.heads.named_parameters():
        if ".style." not in name:
            p.zero_()
    return bare


def test_without_heads_only_the_canvas_is_left(generator: Generator, w: Tensor) -> None:
    places, bare = [Rect(32, 64, 64, 96), Rect(96, 0, 128, 32)], without_heads()
    one, other = (bare(w, 1, places, HashNoise(seed), ["albedo", "specular"]) for seed in (0, 1))
    for name, x in one.items():
        assert torch.equal(x, other[name]), "a canvas has no noise"
        assert x.std() > 0.01
    full, again = (generator(w, 1, places, HashNoise(seed), ["albedo"])["albedo"] for seed in (0, 1))
    assert not torch.equal(full, again)
