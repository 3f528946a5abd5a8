"""The geometric transforms of StyleGAN2-ADA for patches whose normals turn along. No colour transforms: they leak.

What lies outside a patch is 0, as outside the face's mask, and images come masked: the mask needs no transform of its own.
The discriminator is told the place of the patch as it was asked for, before the transform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from gantlitz_blender.runtime.model.config import channels_of

from ..transfer import send
from .resample import move, resample

# Spreads of Karras et al. 2020, appendix B.
REACH = 0.125  # of whole-texel shifts, uniform, and one standard deviation of fractional ones; in sides of the patch
SPREAD = 0.2  # of scales, in octaves

NORMAL = channels_of("normal")


@dataclass(frozen=True)
class Transforms:
    """One transform a patch, its parts in the order in which they are applied. float64, on the CPU.

    mirrored: (N,) 0 or 1, left and right exchanged. turns: (N,) quarter turns, counter-clockwise. moved: (N, 2) whole texels
    right and down. zoom: (N,) scale. turned: (N,) radians, counter-clockwise. stretch: (N,) width grows by it, height
    shrinks. turned_after: (N,) radians. drifted: (N, 2) texels right and down.
    """

    mirrored: Tensor
    turns: Tensor
    moved: Tensor
    zoom: Tensor
    turned: Tensor
    stretch: Tensor
    turned_after: Tensor
    drifted: Tensor

    @property
    def still(self) -> Tensor:
        """(N,) bool: the patches that stay as they are."""
        return self.whole & (self.mirrored == 0) & (self.turns % 4 == 0) & (self.moved == 0).all(dim=1)

    @property
    def whole(self) -> Tensor:
        """(N,) bool: the patches whose texels fall on texels."""
        angles = (self.turned == 0) & (self.turned_after == 0)
        return angles & (self.zoom == 1) & (self.stretch == 1) & (self.drifted == 0).all(dim=1)

    def back(self) -> Tensor:
        """(N, 2, 3): from a point of the transformed patch to one of the patch, in texels from the centre, x right, y down."""
        one = torch.ones_like(self.zoom)
        quarter = self.turns.long() % 4
        cos, sin = (torch.tensor(t, dtype=one.dtype)[quarter] for t in ((1, 0, -1, 0), (0, 1, 0, -1)))
        inverses = (
            _linear(1 - 2 * self.mirrored, one),
            _rotation(cos, sin),
            _shift(-self.moved),
            _linear(1 / self.zoom, 1 / self.zoom),
            _rotation(self.turned.cos(), self.turned.sin()),
            _linear(1 / self.stretch, self.stretch),
            _rotation(self.turned_after.cos(), self.turned_after.sin()),
            _shift(-self.drifted),
        )
        out = inverses[0]
        for inverse in inverses[1:]:
            out = out @ inverse
        return out[:, :2]


def identity(n: int) -> Transforms:
    """Transforms that change nothing, to be altered by ``dataclasses.replace``."""
    zero, pair = torch.zeros(n, dtype=torch.float64), torch.zeros(n, 2, dtype=torch.float64)
    return Transforms(zero, zero, pair, zero + 1, zero, zero + 1, zero, pair)


def draw(n: int, size: int, p: float, rng: torch.Generator) -> Transforms:
    """Random transforms for ``n`` patches of ``size`` texels, each part with probability p; as many numbers whatever p is.

    Each of the two rotations has 1 - sqrt(1 - p), so that one of them happens with p.
    """
    chance = torch.tensor([p, p, p, p, 1 - (1 - p) ** 0.5, p, 1 - (1 - p) ** 0.5, p], dtype=torch.float64)
    on = (torch.rand(8, n, generator=rng, dtype=torch.float64) < chance[:, None]).double()
    uniform = torch.rand(6, n, generator=rng, dtype=torch.float64)
    normal = torch.randn(4, n, generator=rng, dtype=torch.float64)
    angle = (2 * uniform[4:] - 1) * torch.pi
    return Transforms(
        mirrored=on[0] * (uniform[0] * 2).floor(),
        turns=on[1] * (uniform[1] * 4).floor(),
        moved=(on[2] * (2 * uniform[2:4] - 1) * REACH * size).round().T,
        zoom=(on[3] * normal[0] * SPREAD).exp2(),
        turned=on[4] * angle[0],
        stretch=(on[5] * normal[1] * SPREAD).exp2(),
        turned_after=on[6] * angle[1],
        drifted=(on[7] * normal[2:] * REACH * size).T,
    )


def apply(images: Tensor, transforms: Transforms) -> Tensor:
    """(N, 7, P, P) standardised and masked -> the same, each patch transformed as a piece of surface.

    Mirrors, quarter turns and whole shifts alone copy texels; anything else is composed with them and resampled once.
    """
    back, whole, still = transforms.back(), transforms.whole, transforms.still
    rows = list(images.unbind())
    for method, chosen in ((move, whole & ~still), (resample, ~whole)):
        if index := chosen.nonzero().flatten().tolist():
            made = turn_normals(method(torch.stack([rows[i] for i in index]), back[index]), back[index])
            for i, row in zip(index, made.unbind(), strict=True):
                rows[i] = row
    return torch.stack(rows)


def augment(images: Tensor, p: float, rngs: Sequence[torch.Generator]) -> Tensor:
    """(N, 7, P, P) through random transforms, each part with probability p in [0, 1]; p = 0 draws nothing.

    rngs: one for each of N's equal shares, such as the patches of a place, in order.
    """
    if not p:
        return images
    drawn = [draw(len(images) // len(rngs), images.shape[-1], p, rng) for rng in rngs]
    parts = {f.name: torch.cat([getattr(d, f.name) for d in drawn]) for f in fields(Transforms)}
    return apply(images, Transforms(**parts))


def turn_normals(images: Tensor, back: Tensor) -> Tensor:
    """Normals of the surface as it lies now, where (N, 7, P, P) holds moved texels with their old ones.

    A normal's (x, -y) is minus the relief's slope, and a slope is a covector: h'(q) = h(B q) has the slope B^T (slope of h).
    Heights stay, so what is stretched is less steep, as the discriminator's differences of the displacement will find it.
    Rotations and mirrors are exact; under scales the normal's x and y stand for the slope, right to first order: a slope of
    0.3 (17 degrees) is off by 3 % at two standard deviations of scale. Standardised normals have mean 0 and one sigma, so
    the linear map holds for them as it does for unit vectors.
    """
    down_to_up = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=back.dtype)
    matrix = send((back[:, :, :2].transpose(1, 2) * down_to_up).to(images.dtype), images.device)
    normal = (matrix[..., None, None] * images[:, None, NORMAL]).sum(dim=2)
    return torch.cat([images[:, : NORMAL.start], normal, images[:, NORMAL.stop :]], dim=1)


def _linear(x: Tensor, y: Tensor) -> Tensor:
    return torch.diag_embed(torch.stack([x, y, torch.ones_like(x)], dim=1))


def _rotation(cos: Tensor, sin: Tensor) -> Tensor:
    """The inverse of a counter-clockwise rotation, y pointing down."""
    zero, one = torch.zeros_like(cos), torch.ones_like(cos)
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).view(-1, 3, 3)


def _shift(by: Tensor) -> Tensor:
    out = torch.eye(3, dtype=by.dtype).repeat(len(by), 1, 1)
    out[:, :2, 2] = by
    return out
