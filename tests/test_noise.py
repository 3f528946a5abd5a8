"""Noise is a function of seed, layer, row and column, and looks like a standard normal."""

import numpy as np
import torch

from gantlitz_blender.runtime.model.noise import HashNoise, hash_noise
from gantlitz_blender.runtime.model.rects import Rect

SQUARE = Rect(-40, 960, 472, 1472)


def reference(seed: int, layer: int, row: int, col: int) -> float:
    """The same number by Python's integers, one texel at a time."""

    def mix(x: int) -> int:
        x = (x ^ x >> 16) * 0x7FEB352D & 0xFFFFFFFF
        x = (x ^ x >> 15) * 0x846CA68B & 0xFFFFFFFF
        return x ^ x >> 16

    k0, k1 = mix(seed & 0xFFFFFFFF), mix((seed >> 16 ^ layer * 0x3C6EF372) & 0xFFFFFFFF)
    bits = mix(mix(row * 0x9E3779B1 + k0 & 0xFFFFFFFF) + mix(col * 0x85EBCA77 + k1 & 0xFFFFFFFF) & 0xFFFFFFFF)
    return (sum(bits >> s & 0xFF for s in (0, 8, 16, 24)) - 510) / (4 * (256**2 - 1) / 12) ** 0.5


def test_it_equals_a_reference_in_plain_integers() -> None:
    for seed, layer in ((0, 32), (7, 11), (2**32 - 1, 40)):
        got = hash_noise(seed, layer, Rect(-3, 5, 1, 9))[0, 0]
        want = [[reference(seed, layer, y, x) for x in range(5, 9)] for y in range(-3, 1)]
        np.testing.assert_allclose(got.numpy(), want, atol=1e-6)


def test_a_crop_is_the_crop_of_the_whole() -> None:
    whole, part = hash_noise(3, 5, SQUARE), hash_noise(3, 5, Rect(0, 1000, 17, 1033))
    assert torch.equal(part, whole[..., 40:57, 40:73])


def test_it_is_close_to_a_standard_normal_and_white() -> None:
    x = hash_noise(3, 5, SQUARE).double()[0, 0]
    assert abs(x.mean()) < 0.01
    assert abs(x.var() - 1) < 0.01
    assert abs((x**4).mean() - 2.7) < 0.05  # Irwin-Hall of order 4
    power = (torch.fft.fft2(x).abs() ** 2 / x.numel()).view(16, 32, 16, 32).mean(dim=(1, 3))
    assert power.max() < 1.25
    assert power.min() > 0.75


def test_seeds_and_layers_are_unrelated() -> None:
    base = hash_noise(3, 5, SQUARE).flatten()
    for other in (hash_noise(4, 5, SQUARE), hash_noise(3, 6, SQUARE), hash_noise(3 + 2**16, 5, SQUARE)):
        assert abs(torch.corrcoef(torch.stack([base, other.flatten()]))[0, 1]) < 0.02


def test_strength_scales_it_and_places_stay_in_order() -> None:
    a, b = Rect(0, 0, 4, 4), Rect(8, 8, 12, 12)
    out = HashNoise(1, strength=0.5)(9, [a, b], batch=2)
    assert out.shape == (4, 1, 4, 4)
    assert torch.equal(out[1], 0.5 * hash_noise(1, 9, a)[0])
    assert torch.equal(out[2], 0.5 * hash_noise(1, 9, b)[0])
