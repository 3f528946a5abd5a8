"""The completer's network: some maps of a face known, the others estimated, from coarse to fine.

A pyramid: a small U-Net sees the whole face at the coarsest level and makes the first estimate and a few channels of context;
at each finer level a stage of valid convolutions sees what the known maps add at that level and adds its octave to the
estimate. Each level has a stage of its own: folds, wrinkles and pores are different things, and the coarse levels, which
have few texels, can be wide for nothing.

Everything is in standardised units. The normal is kept as what differs from the slopes of the displacement, so that an
estimated normal agrees with the displacement, and a known one tells the displacement which slopes are still missing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import GantlitzError
from ..model.config import MODALITIES, TEXELS_PER_MM, channels_of
from ..model.rects import Rect, up_in
from ..model.resample import upsample2

NAMES = tuple(m.name for m in MODALITIES)
CHANNELS = sum(m.channels for m in MODALITIES)
COUNTS = tuple(m.channels for m in MODALITIES)
NORMAL = channels_of("normal")
HEIGHT = channels_of("displacement")
LAYERS = 4  # 3x3 convolutions of a stage
HALVINGS = 3  # of the U-Net
PLACE_BANDS = 3  # octaves in which the U-Net is told where it is
SLOPE = 0.2


@dataclass(frozen=True)
class CompleterConfig:
    """Sizes. channels: of the stages of levels ``levels - 1`` .. 0; carry: context handed from level to level beside the estimate.

    Raises GantlitzError (``bad-config``) for what does not fit together.
    """

    width: int = 6144
    height: int = 4096
    levels: int = 6
    channels: tuple[int, ...] = (64, 64, 48, 48, 32, 24)
    coarse_channels: int = 32
    carry: int = 9
    mask_level: int = 3

    def __post_init__(self) -> None:
        cell = 1 << (self.levels + HALVINGS)
        if self.levels < 1 or self.width % cell or self.height % cell:
            raise GantlitzError(
                f"A canvas of {self.width} x {self.height} cannot be halved {self.levels + HALVINGS} times.",
                f"Choose multiples of {cell}.",
                "bad-config",
            )
        if len(self.channels) != self.levels or min(*self.channels, self.coarse_channels, self.carry) < 1:
            raise GantlitzError(
                f"channels {list(self.channels)}, coarse_channels {self.coarse_channels} and carry {self.carry} do not fit "
                f"{self.levels} levels.",
                "Give each level one number above 0, and the others one above 0.",
                "bad-config",
            )

    def size(self, level: int) -> tuple[int, int]:
        """(height, width) in texels at a level."""
        return self.height >> level, self.width >> level

    def texel_mm(self, level: int) -> float:
        """The side of one texel in millimetres; other canvas widths cover the same face."""
        return (6144 / self.width) * (1 << level) / TEXELS_PER_MM

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> CompleterConfig:
        """The inverse of ``to_dict``, also after a trip through JSON. Raises TypeError for unknown fields."""
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        return cls(**values)


class Seen(NamedTuple):
    """The known maps on a rectangle of one level: maps (N, 7, h, w) standardised, 0 where unknown; flags (N, 4) of 0 and 1."""

    maps: Tensor
    flags: Tensor


class StageRects(NamedTuple):
    """What a level computes: the estimate on ``request``, the added octave on ``added``, of known maps on ``seen``, with the
    coarser estimate on ``wide``."""

    request: Rect
    added: Rect
    seen: Rect
    wide: Rect


class Estimate(NamedTuple):
    """A level's result on its request: maps (N, 7, h, w) standardised, the normal as such; state: what the next level needs."""

    maps: Tensor
    state: Tensor


def stage_rects(request: Rect) -> StageRects:
    """Slopes need one texel around, each convolution one more, and the slopes of what is seen another."""
    seen = request.grown(1 + LAYERS)
    return StageRects(request, request.grown(1), seen, seen.grown(1))


def channel_flags(flags: Tensor) -> Tensor:
    """(N, 4) flags -> (N, 7, 1, 1), one a channel."""
    return flags.repeat_interleave(torch.tensor(COUNTS, device=flags.device), dim=1)[:, :, None, None]


class Conv(nn.Module):
    """A convolution whose weights are used in the type of what comes in."""

    def __init__(self, n_in: int, n_out: int, kernel: int = 3, padding: int = 0, zero: bool = False):
        super().__init__()
        weight = torch.randn(n_out, n_in, kernel, kernel) * (2 / (n_in * kernel**2)) ** 0.5
        self.weight = nn.Parameter(torch.zeros_like(weight) if zero else weight)
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.padding = padding

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight.to(x.dtype), self.bias.to(x.dtype), padding=self.padding)


class Coarse(nn.Module):
    """A U-Net over the whole face at the coarsest level. The edge of the canvas is a place like any other: padding tells it."""

    def __init__(self, n_out: int, width: int):
        super().__init__()
        wide = 2 * width
        self.flags = nn.Linear(len(NAMES), width)
        self.first = Conv(CHANNELS + 4 * PLACE_BANDS + 1, width, padding=1)
        self.down = nn.ModuleList(Conv(width if i == 0 else wide, wide, padding=1) for i in range(HALVINGS))
        self.deep = Conv(wide, wide, padding=1)
        self.up = nn.ModuleList(
            Conv(wide + (width if i == 0 else wide), width if i == 0 else wide, padding=1) for i in range(HALVINGS)
        )
        self.last = Conv(width, width, padding=1)
        self.out = Conv(width, n_out, 1, zero=True)

    def forward(self, maps: Tensor, flags: Tensor, mask: Tensor, dtype: torch.dtype) -> Tensor:
        height, width = maps.shape[-2:]
        place = torch.cat([_place(height, width, maps.device), mask], dim=1).expand(len(maps), -1, -1, -1)
        x = torch.cat([maps, place], dim=1).to(dtype).contiguous(memory_format=torch.channels_last)
        x = _lrelu(self.first(x) + self.flags(flags)[:, :, None, None].to(dtype))
        skips = []
        for conv in self.down:
            skips.append(x)
            x = _lrelu(conv(F.avg_pool2d(x, 2)))
        x = x + _lrelu(self.deep(x))
        for conv, skip in zip(reversed(self.up), reversed(skips), strict=True):
            up = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = _lrelu(conv(torch.cat([up, skip], dim=1)))
        return self.out(_lrelu(self.last(x))).float()


class Stage(nn.Module):
    """One level: valid convolutions over what is new at this level, the estimate so far and the context."""

    def __init__(self, carry: int, width: int):
        super().__init__()
        self.flags = nn.Linear(2 * len(NAMES), width)
        widths = [2 * CHANNELS + carry] + [width] * LAYERS
        self.convs = nn.ModuleList(Conv(a, b) for a, b in pairwise(widths))
        self.out = Conv(width, CHANNELS + carry, 1, zero=True)

    def forward(self, x: Tensor, flags: Tensor) -> Tensor:
        """x (N, 14 + carry, h, w) -> (N, 7 + carry, h - 8, w - 8) float32; flags (N, 8): known here, and known at all."""
        bias = self.flags(flags)[:, :, None, None].to(x.dtype)
        for i, conv in enumerate(self.convs):
            y = conv(x)
            if i == 0:
                y = y + bias
            elif i == 2:  # the second pair of layers refines the first
                y = y + x[..., 1:-1, 1:-1]
            x = F.leaky_relu(y, SLOPE)
        return self.out(x).float()


class CompletionNet(nn.Module):
    """The pyramid. Buffers: mean, sigma (7,) of the maps; average (7, h, w) face at the coarsest level, and mask (h, w) at
    ``mask_level``; band (levels, 7): how much an octave adds at each level, in sigmas."""

    mean: Tensor
    sigma: Tensor
    average: Tensor
    band: Tensor
    mask: Tensor

    def __init__(self, config: CompleterConfig):
        super().__init__()
        self.config = config
        self.coarse = Coarse(CHANNELS + config.carry, config.coarse_channels)
        self.stages = nn.ModuleList(Stage(config.carry, width) for width in config.channels)
        self.register_buffer("mean", torch.zeros(CHANNELS))
        self.register_buffer("sigma", torch.ones(CHANNELS))
        self.register_buffer("average", torch.zeros(CHANNELS, *config.size(config.levels)))
        self.register_buffer("band", torch.ones(config.levels, CHANNELS))
        self.register_buffer("mask", torch.ones(config.size(config.mask_level)))

    def plan(self, request: Rect, level: int) -> dict[int, StageRects]:
        """The rectangles of levels ``level`` .. ``levels - 1`` that yield exactly ``request`` at ``level``."""
        rects = {}
        for lv in range(level, self.config.levels):
            rects[lv] = stage_rects(request)
            request = up_in(rects[lv].wide)
        return rects

    def start(self, seen: Seen, dtype: torch.dtype = torch.float32) -> Estimate:
        """The first estimate of the whole face, from whole known maps at the coarsest level. dtype: of the convolutions."""
        c = self.config
        step = 1 << (c.levels - c.mask_level)
        mask = F.avg_pool2d(self.mask[None, None], step) if step > 1 else self.mask[None, None]
        found = self.coarse(seen.maps, seen.flags, mask, dtype)
        known = channel_flags(seen.flags)
        guess, carry = self.average + found[:, :CHANNELS], found[:, CHANNELS:]
        height = torch.lerp(guess[:, HEIGHT], seen.maps[:, HEIGHT], known[:, HEIGHT])
        slopes = self.slopes(F.pad(height, (1, 1, 1, 1), mode="replicate"), c.levels)
        # The average face has a normal of its own: the U-Net's part is what the displacement's slopes do not explain.
        rest = torch.lerp(found[:, NORMAL], seen.maps[:, NORMAL] - slopes, known[:, NORMAL])
        flat = torch.lerp(guess, seen.maps, known)
        state = torch.cat([flat[:, : NORMAL.start], rest, flat[:, NORMAL.stop : HEIGHT.start], height, carry], dim=1)
        return Estimate(_with_normal(state[:, :CHANNELS], slopes + rest), state)

    def refine(
        self, start: Tensor, have: Rect, rects: dict[int, StageRects], known: Mapping[int, Seen], dtype: torch.dtype
    ) -> dict[int, Estimate]:
        """The estimates of all levels of a plan, from the coarsest state (N, C, h, w), which covers ``have``.

        known: at each level on the plan's ``seen``. dtype: of the convolutions; what they add to is float32.
        """
        state, found = start, {}
        anything = known[max(rects)].flags
        for level in sorted(rects, reverse=True):
            found[level] = self._stage(level, state, have, rects[level], known[level], anything, dtype)
            state, have = found[level].state, rects[level].request
        return found

    def _stage(
        self, level: int, coarser: Tensor, have: Rect, r: StageRects, seen: Seen, anything: Tensor, dtype: torch.dtype
    ) -> Estimate:
        """One level. coarser: the state of the next coarser level on ``have``."""
        up = upsample2(coarser, have, r.wide)
        known, scale = channel_flags(seen.flags), self.band[level][:, None, None]
        on_seen, on_added = (r.wide.slices_of(rect) for rect in (r.seen, r.added))
        slopes = self.slopes(up[:, HEIGHT], level)
        before = up[(..., *on_seen)]
        believed = _with_normal(before[:, :CHANNELS], before[:, NORMAL] + slopes)
        news = (seen.maps - believed) * (known / scale)
        flags = torch.cat([seen.flags, anything], dim=1)
        x = torch.cat([news, before], dim=1).to(dtype).contiguous(memory_format=torch.channels_last)
        added = self.stages[self.config.levels - 1 - level](x, flags)
        base = up[(..., *on_added)]
        guess = base + torch.cat([added[:, :CHANNELS] * scale, added[:, CHANNELS:]], dim=1)
        given = seen.maps[(..., *r.seen.slices_of(r.added))]
        height = torch.lerp(guess[:, HEIGHT], given[:, HEIGHT], known[:, HEIGHT])
        inner = r.added.slices_of(r.request)
        slopes = self.slopes(height, level)
        guess, given, height = guess[(..., *inner)], given[(..., *inner)], height[(..., *inner)]
        rest = torch.lerp(guess[:, NORMAL], given[:, NORMAL] - slopes, known[:, NORMAL])
        flat = torch.lerp(guess[:, :CHANNELS], given, known)
        state = torch.cat([flat[:, : NORMAL.start], rest, flat[:, NORMAL.stop : HEIGHT.start], height, guess[:, CHANNELS:]], dim=1)
        return Estimate(_with_normal(state[:, :CHANNELS], slopes + rest), state)

    def slopes(self, height: Tensor, level: int) -> Tensor:
        """(N, 1, h + 2, w + 2) standardised displacement -> (N, 2, h, w): x and y of its unit normals, standardised.

        Central differences; normalize(-dh/dx, +dh/dy) with y down, as OpenGL normals are.
        """
        factor = self.sigma[HEIGHT] / (2 * self.config.texel_mm(level))
        left, right = height[..., 1:-1, :-2], height[..., 1:-1, 2:]
        above, below = height[..., :-2, 1:-1], height[..., 2:, 1:-1]
        xy = torch.cat([left - right, below - above], dim=1) * factor
        return xy / ((1 + xy.square().sum(dim=1, keepdim=True)).sqrt() * self.sigma[NORMAL][:, None, None])


def _with_normal(maps: Tensor, normal: Tensor) -> Tensor:
    return torch.cat([maps[:, : NORMAL.start], normal, maps[:, NORMAL.stop :]], dim=1)


def _place(height: int, width: int, device: torch.device) -> Tensor:
    """(1, 4 * PLACE_BANDS, h, w): sines and cosines of u and v in octaves from a half wave over the canvas on."""
    u = ((torch.arange(width, device=device) + 0.5) / width)[None, :].expand(height, -1)
    v = ((torch.arange(height, device=device) + 0.5) / height)[:, None].expand(-1, width)
    return torch.stack([f(math.pi * 2**b * x) for b in range(PLACE_BANDS) for x in (u, v) for f in (torch.sin, torch.cos)])[None]


def _lrelu(x: Tensor) -> Tensor:
    return F.leaky_relu(x, SLOPE)
