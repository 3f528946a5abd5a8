"""How far a rendering is from a known map: octave by octave, on masked texels, in units of what each octave holds."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ..octaves import octaves_of

OCTAVES = 4  # of the pyramid; what is coarser is compared as it is
AREA = 8  # texels: side of the squares in which the strengths of octaves are compared
LEAST = 1e-3  # sigma: an octave that holds nothing is not magnified beyond it
TEXTURE = 0.2  # weight of an octave's local strength beside its texels


def scales_of(target: Tensor, octaves: int = OCTAVES) -> list[Tensor]:
    """Root mean square of each octave of a whole map (N, C, H, W): (C, 1, 1) each; of what is left, 1 (a sigma)."""
    *fine, rest = octaves_of(target, octaves)
    found = [x.square().mean(dim=(0, 2, 3)).sqrt().clamp(min=LEAST)[:, None, None] for x in fine]
    return [*found, torch.ones_like(rest[0, :, :1, :1])]


def unlikeness(found: Tensor, target: Tensor, scales: list[Tensor]) -> Tensor:
    """Mean over octaves of the mean difference, and of that of the octaves' local strengths (root mean square of squares).

    found, target: (N, C, h, w), both 0 where nothing is to be compared. The second part asks for the right texture where its
    texels cannot be hit one by one.
    """
    total = []
    for x, y, scale in zip(octaves_of(found, len(scales) - 1), octaves_of(target, len(scales) - 1), scales, strict=True):
        error = ((x - y) / scale).abs().mean()
        side = min(AREA, *x.shape[-2:])
        strengths = [(F.avg_pool2d((part / scale).square(), side) + 1e-4).sqrt() for part in (x, y)]
        total.append(error + TEXTURE * (strengths[0] - strengths[1]).abs().mean())
    return torch.stack(total).mean()


def colour_of(noise: Tensor, octaves: int = OCTAVES) -> Tensor:
    """How far noise (1, 1, h, w) is from white: 0 where no texel tells of its neighbours and each square has variance 1.

    Correlations with the neighbour to the right and below at several scales (StyleGAN2, Karras et al. 2020, appendix D), and
    the variance of squares.
    """
    total = noise.new_zeros(())
    for _ in range(octaves):
        if min(noise.shape[-2:]) < 2 * AREA:
            break
        for along in (2, 3):
            total = total + (noise * noise.roll(1, along)).mean().square()
        total = total + (F.avg_pool2d(noise.square(), AREA) - 1).square().mean() * 0.1
        noise = F.avg_pool2d(noise, 2) * 2
    return total
