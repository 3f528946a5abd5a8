"""The location-aware patch discriminator."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gantlitz_blender.runtime.model.config import MODALITIES
from gantlitz_blender.runtime.model.layers import EqualLinear, lrelu

IMAGE_CHANNELS = sum(m.channels for m in MODALITIES)
LOCATION_BANDS = 6


class EqualConv(nn.Module):
    """Convolution with an equalised learning rate."""

    def __init__(self, n_in: int, n_out: int, kernel: int, bias: bool = True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(n_out)) if bias else None
        self.gain = (n_in * kernel**2) ** -0.5

    def forward(self, x: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return F.conv2d(x, (self.weight * self.gain).to(x.dtype), bias, padding=self.weight.shape[-1] // 2)


def encode_location(box: Tensor, size: int, levels: int) -> Tensor:
    """Sinusoidal encodings of each cell's (u, v) and the patch's level.

    box (N, 4): u and v of the patch's top-left corner, its extent in u and v; level is log2 of the extent, so that it needs
    no channel of its own beyond one. -> (N, 4 * LOCATION_BANDS + 1, size, size).
    """
    cell = (torch.arange(size, device=box.device, dtype=box.dtype) + 0.5) / size
    u = (box[:, 0, None] + cell * box[:, 2, None])[:, None, :].expand(-1, size, -1)
    v = (box[:, 1, None] + cell * box[:, 3, None])[:, :, None].expand(-1, -1, size)
    waves = [f(math.pi * 2**b * x) for b in range(LOCATION_BANDS) for x in (u, v) for f in (torch.sin, torch.cos)]
    level = (box[:, 2].log2() / levels)[:, None, None].expand(-1, size, size)
    return torch.stack([*waves, level], dim=1)


class Block(nn.Module):
    """Residual down-sampling block; the location enters after it by a 1x1 convolution (at the input it would drown the image)."""

    def __init__(self, n_in: int, n_out: int):
        super().__init__()
        self.conv0 = EqualConv(n_in, n_in, 3)
        self.conv1 = EqualConv(n_in, n_out, 3)
        self.skip = EqualConv(n_in, n_out, 1, bias=False)
        self.location = EqualConv(4 * LOCATION_BANDS + 1, n_out, 1, bias=False)

    def forward(self, x: Tensor, location: Tensor) -> Tensor:
        y = lrelu(self.conv1(F.avg_pool2d(lrelu(self.conv0(x)), 2)))
        y = (y + self.skip(F.avg_pool2d(x, 2))) * 0.5**0.5
        return y + self.location(location.to(y.dtype))


class Discriminator(nn.Module):
    """Standardised maps, the place and which modalities are present -> one logit a patch.

    Input channels: the image (absent modalities 0), a presence flag a modality, and the displacement's finite differences
    where normal and displacement are both present: they let it see at once whether the two agree.
    """

    def __init__(self, channels: tuple[int, ...], patch: int, group: int, levels: int):
        super().__init__()
        self.group, self.levels = group, levels
        self.stem = EqualConv(IMAGE_CHANNELS + len(MODALITIES) + 2, channels[0], 1)
        self.blocks = nn.ModuleList(Block(a, b) for a, b in pairwise(channels))
        size = patch >> len(self.blocks)
        self.conv = EqualConv(channels[-1] + 1, channels[-1], 3)
        self.dense = EqualLinear(channels[-1] * size * size, channels[-1])
        self.out = EqualLinear(channels[-1], 1)

    def _location(self, box: Tensor, size: int) -> Tensor:
        """Encoded once a place: the patches of a group share it."""
        encoded = encode_location(box[:: self.group], size, self.levels)
        return encoded.repeat_interleave(self.group, dim=0)

    def forward(self, image: Tensor, present: Tensor, box: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """image (N, 7, P, P), present (N, 4) of 0 and 1, box (N, 4) as in ``encode_location`` -> (N,).

        Patches of one place are adjacent, in groups of ``group``: the minibatch standard deviation compares these.
        """
        flags = present[:, :, None, None].expand(-1, -1, *image.shape[-2:])
        d = F.pad(image[:, -1:], (1, 1, 1, 1), mode="replicate")
        slopes = torch.cat([d[..., 1:-1, :-2] - d[..., 1:-1, 2:], d[..., 2:, 1:-1] - d[..., :-2, 1:-1]], dim=1)
        both = (present[:, 1] * present[:, 3])[:, None, None, None]
        x = lrelu(self.stem(torch.cat([image, flags, 4 * slopes * both], dim=1).to(dtype)))
        for block in self.blocks:
            x = block(x, self._location(box, x.shape[-1] // 2))
        x = x.float()
        grouped = x.view(-1, self.group, *x.shape[1:])
        spread = (grouped.var(dim=1, unbiased=False) + 1e-8).sqrt().mean(dim=(1, 2, 3))
        spread = spread.repeat_interleave(self.group)[:, None, None, None].expand(-1, 1, *x.shape[-2:])
        x = lrelu(self.conv(torch.cat([x, spread], dim=1)))
        return self.out(lrelu(self.dense(x.flatten(1)))).squeeze(1)
