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
LOCATION_CHANNELS = {"sinusoidal": 4 * LOCATION_BANDS + 1, "uv": 3, "none": 1}  # the level, which is no place, is always told
SMALLEST = 4  # side at which the blocks end


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


def block_widths(channels: tuple[int, ...], patch: int) -> tuple[int, ...]:
    """Channels of the stem and behind each halving of a patch: as given, the last ones again down to a side of 4."""
    halvings = (patch // SMALLEST).bit_length() - 1
    return (*channels, *channels[-1:] * (halvings + 1 - len(channels)))


def encode_location(box: Tensor, size: int, levels: int, kind: str = "sinusoidal") -> Tensor:
    """Each cell's (u, v) and the patch's level: sinusoidal encodings of u and v, u and v in [-1, 1] (uv), or neither (none).

    box (N, 4): u and v of the patch's top-left corner, its extent in u and v; level is log2 of the extent, so that it needs
    no channel of its own beyond one. -> (N, LOCATION_CHANNELS[kind], size, size).
    """
    cell = (torch.arange(size, device=box.device, dtype=box.dtype) + 0.5) / size
    u = (box[:, 0, None] + cell * box[:, 2, None])[:, None, :].expand(-1, size, -1)
    v = (box[:, 1, None] + cell * box[:, 3, None])[:, :, None].expand(-1, -1, size)
    level = (box[:, 2].log2() / levels)[:, None, None].expand(-1, size, size)
    if kind == "none":
        return level[:, None]
    if kind == "uv":
        return torch.stack([2 * u - 1, 2 * v - 1, level], dim=1)
    waves = [f(math.pi * 2**b * x) for b in range(LOCATION_BANDS) for x in (u, v) for f in (torch.sin, torch.cos)]
    return torch.stack([*waves, level], dim=1)


class Block(nn.Module):
    """Residual down-sampling block; the location enters after it by a 1x1 convolution. location: its channels, 0 for none."""

    def __init__(self, n_in: int, n_out: int, location: int):
        super().__init__()
        self.conv0 = EqualConv(n_in, n_in, 3)
        self.conv1 = EqualConv(n_in, n_out, 3)
        self.skip = EqualConv(n_in, n_out, 1, bias=False)
        self.location = EqualConv(location, n_out, 1, bias=False) if location else None

    def forward(self, x: Tensor, location: Tensor | None) -> Tensor:
        y = lrelu(self.conv1(F.avg_pool2d(lrelu(self.conv0(x)), 2)))
        y = (y + self.skip(F.avg_pool2d(x, 2))) * 0.5**0.5
        return y if self.location is None or location is None else y + self.location(location.to(y.dtype))


def finite_differences(d: Tensor) -> Tensor:
    """(N, 1, h, w) -> (N, 2, h, w): left less right, below less above, as a displacement turns a normal (+Y up, rows run down)."""
    d = F.pad(d, (1, 1, 1, 1), mode="replicate")
    return torch.cat([d[..., 1:-1, :-2] - d[..., 1:-1, 2:], d[..., 2:, 1:-1] - d[..., :-2, 1:-1]], dim=1)


def minibatch_spread(x: Tensor, group: int) -> Tensor:
    """(N, C, h, w) -> (N, 1, h, w): one number for each ``group`` adjacent patches, their mean standard deviation.

    The minibatch standard deviation of Karras et al. 2018, over patches of one place: what differs is who, not where.
    """
    grouped = x.view(-1, group, *x.shape[1:])
    spread = (grouped.var(dim=1, unbiased=False) + 1e-8).sqrt().mean(dim=(1, 2, 3))
    return spread.repeat_interleave(group)[:, None, None, None].expand(-1, 1, *x.shape[-2:])


class Discriminator(nn.Module):
    """Standardised maps, the place and which modalities are present -> one logit a patch.

    Input channels: the image (absent modalities 0), a presence flag a modality, and the displacement's finite differences
    where normal and displacement are both present: they let it see at once whether the two agree.

    channels: as ``block_widths`` takes them. group: patches that the minibatch standard deviation compares. levels: of the
    generator. location: one of LOCATION_CHANNELS. late: it enters behind every block; else it lies beside the image, as further
    channels of the input. presence, slopes: whether it sees the flags and the finite differences.
    """

    def __init__(
        self,
        channels: tuple[int, ...],
        patch: int,
        group: int,
        levels: int,
        location: str = "sinusoidal",
        presence: bool = True,
        slopes: bool = True,
        late: bool = True,
    ):
        super().__init__()
        self.group, self.levels, self.location, self.presence, self.slopes = group, levels, location, presence, slopes
        self.late = late
        channels = block_widths(channels, patch)
        told = LOCATION_CHANNELS[location]
        self.stem = EqualConv(IMAGE_CHANNELS + len(MODALITIES) * presence + 2 * slopes + told * (not late), channels[0], 1)
        self.blocks = nn.ModuleList(Block(a, b, told * late) for a, b in pairwise(channels))
        size = patch >> len(self.blocks)
        self.conv = EqualConv(channels[-1] + 1, channels[-1], 3)
        self.dense = EqualLinear(channels[-1] * size * size, channels[-1])
        self.out = EqualLinear(channels[-1], 1)

    @property
    def stages(self) -> list[nn.Module]:
        """One at each size of the features, from the image on; what follows them judges."""
        return [self.stem, *self.blocks]

    def _location(self, box: Tensor, size: int) -> Tensor:
        """Encoded once a place: the patches of a group share it."""
        encoded = encode_location(box[:: self.group], size, self.levels, self.location)
        return encoded.repeat_interleave(self.group, dim=0)

    def forward(self, image: Tensor, present: Tensor, box: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """image (N, 7, P, P), present (N, 4) of 0 and 1, box (N, 4) as in ``encode_location`` -> (N,).

        Patches of one place are adjacent, in groups of ``group``: the minibatch standard deviation compares these.
        """
        seen = [image]
        if self.presence:
            seen.append(present[:, :, None, None].expand(-1, -1, *image.shape[-2:]))
        if self.slopes:
            both = (present[:, 1] * present[:, 3])[:, None, None, None]
            seen.append(4 * finite_differences(image[:, -1:]) * both)
        if not self.late:
            seen.append(self._location(box, image.shape[-1]))
        x = lrelu(self.stem(torch.cat(seen, dim=1).to(dtype)))
        for block in self.blocks:
            x = block(x, self._location(box, x.shape[-1] // 2) if self.late else None)
        x = x.float()
        x = lrelu(self.conv(torch.cat([x, minibatch_spread(x, self.group)], dim=1)))
        return self.out(lrelu(self.dense(x.flatten(1)))).squeeze(1)
