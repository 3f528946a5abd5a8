"""The plain generator: mapping, global stage, padding-free patch stage, one head per modality.

Written to be read and differentiated; ``synthesis.py`` is its fast twin and tests hold the two together.
All values here are standardised: ``Standardise`` turns maps into them and back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .canvas import Canvas
from .config import MODALITIES, ModelConfig, channels_of
from .layers import DualStyleConv, EqualLinear, ToMap, lrelu
from .rects import LevelRects, Rect, needed
from .resample import crop_clamped, read_coarse, upsample2

NoiseSource = Callable[[int, list[Rect], int], Tensor]


class Mapping(nn.Module):
    """z (N, z_dim) -> w (N, w_dim): normalise, then equalised-lr layers with a learning-rate multiplier of 0.01."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        sizes = [config.z_dim] + [config.w_dim] * config.mapping_layers
        self.layers = nn.ModuleList(EqualLinear(a, b, lr_mul=0.01) for a, b in pairwise(sizes))

    def forward(self, z: Tensor) -> Tensor:
        x = z * torch.rsqrt(z.square().mean(dim=1, keepdim=True) + 1e-8)
        for layer in self.layers:
            x = lrelu(layer(x))
        return x


def style_at(w: Tensor, index: int) -> Tensor:
    """(N, w_dim): the w that makes one style level. w (N, w_dim) makes them all; (N, config.styles, w_dim) has one each."""
    return w if w.dim() == 2 else w[:, index]


def dual_style_conv(config: ModelConfig, n_in: int, n_out: int) -> DualStyleConv:
    return DualStyleConv(n_in, n_out, config.w_dim, config.embed_dim if config.dual_style else 0)


class GlobalStage(nn.Module):
    """Features on the whole extended grid. Computed whole, so ordinary zero padding is harmless here and only here."""

    fourier: Tensor

    def __init__(self, config: ModelConfig):
        super().__init__()
        widths = config.global_channels
        self.doublings = len(widths) - 1
        self.dtype = torch.float32  # of the features here and in the patch stage; parameters and skip sums stay float32
        rows, cols = (n >> self.doublings for n in config.grid)
        self.const = nn.Parameter(torch.randn(widths[0], rows, cols))
        self.register_buffer("fourier", self._fourier(rows, cols, config.fourier_bands), persistent=False)
        ins = [widths[0] + self.fourier.shape[0], *widths[:-1]]
        self.conv0 = nn.ModuleList(dual_style_conv(config, i, o) for i, o in zip(ins, widths, strict=True))
        self.conv1 = nn.ModuleList(dual_style_conv(config, o, o) for o in widths)

    @staticmethod
    def _fourier(rows: int, cols: int, bands: int) -> Tensor:
        v, u = torch.meshgrid((torch.arange(rows) + 0.5) / rows, (torch.arange(cols) + 0.5) / cols, indexing="ij")
        waves = [f(math.pi * 2**b * x) for b in range(bands) for x in (u, v) for f in (torch.sin, torch.cos)]
        return torch.stack(waves)

    def forward(self, w: Tensor, e: Tensor | None, noise: NoiseSource) -> Tensor:
        """w as in ``style_at``, e (embed_dim,) or None -> (N, global_channels[-1], rows, cols) of the extended grid."""
        x = torch.cat([self.const, self.fourier])[None].expand(len(w), -1, -1, -1).to(self.dtype)
        for i, (conv0, conv1) in enumerate(zip(self.conv0, self.conv1, strict=True)):
            conv0, conv1 = cast(DualStyleConv, conv0), cast(DualStyleConv, conv1)
            style = style_at(w, i)
            x = conv0(x, style, e, padding=1)
            if i:
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            whole = [Rect(0, 0, *x.shape[-2:])]
            x = conv0.finish(x, e, noise(layer_key(-1 - i, 0), whole, len(w)))
            x = conv1.finish(conv1(x, style, e, padding=1), e, noise(layer_key(-1 - i, 1), whole, len(w)))
        return x


class PatchStage(nn.Module):
    """Levels ``levels - 1`` .. 0 by valid convolutions only: a patch is exactly the crop of the whole."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.conv0 = nn.ModuleDict()
        self.conv1 = nn.ModuleDict()
        self.noise_map = nn.ParameterDict()  # logarithm of the noise strength on the grid of the canvas
        n_in = config.global_channels[-1]
        for level, n in zip(range(config.levels - 1, -1, -1), config.channels, strict=True):
            self.conv0[str(level)] = dual_style_conv(config, n_in, n)
            self.conv1[str(level)] = dual_style_conv(config, n, n)
            if config.noise_maps:
                self.noise_map[str(level)] = nn.Parameter(torch.zeros(1, 1, *config.size(config.levels)))
            n_in = n

    def convs(self, level: int) -> tuple[DualStyleConv, DualStyleConv]:
        """The two convolutions that make a level: before and after its upsampling's activation."""
        return cast(DualStyleConv, self.conv0[str(level)]), cast(DualStyleConv, self.conv1[str(level)])

    def place_noise(self, noise: Tensor, level: int, octaves: int, rects: list[Rect]) -> Tensor:
        """Noise (P * N, 1, h, w) times the strength of its place."""
        key = str(level)
        if key not in self.noise_map:
            return noise
        strength = self.noise_map[key].exp()
        maps = torch.cat([read_coarse(strength, octaves, r) for r in rects])
        return noise * maps.repeat_interleave(len(noise) // len(rects), dim=0)


class Generator(nn.Module):
    """w -> standardised maps on any rectangles of any level."""

    w_avg: Tensor  # (w_dim,)
    std_mean: Tensor  # (7,), in the order of MODALITIES
    std_sigma: Tensor  # (7,)
    mask: Tensor  # (H, W) at config.mask_level

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.mapping = Mapping(config)
        self.embedding = nn.ParameterDict()
        if config.dual_style:
            self.embedding.update({m.name: nn.Parameter(torch.randn(config.embed_dim)) for m in MODALITIES})
        self.global_stage = GlobalStage(config)
        self.patch_stage = PatchStage(config)
        widths = [config.global_channels[-1], *config.channels]
        self.heads = nn.ModuleDict(
            {
                m.name: nn.ModuleDict(
                    {
                        str(level): ToMap(n, m.channels, config.w_dim)
                        for level, n in zip(range(config.levels, -1, -1), widths, strict=True)
                    }
                )
                for m in MODALITIES
            }
        )
        self.canvas = Canvas(config)
        self.register_buffer("w_avg", torch.zeros(config.w_dim))
        self.register_buffer("std_mean", torch.zeros(sum(m.channels for m in MODALITIES)))
        self.register_buffer("std_sigma", torch.ones(sum(m.channels for m in MODALITIES)))
        self.register_buffer("mask", torch.ones(config.size(config.mask_level)))

    def modality_embedding(self, name: str) -> Tensor | None:
        """e_m (embed_dim,), RMS-normalised; None where the modalities share their features."""
        if not self.config.dual_style:
            return None
        e = self.embedding[name]
        return e * torch.rsqrt(e.square().mean() + 1e-8)

    def head(self, name: str, level: int) -> ToMap:
        """The modality's 1x1 convolution to map channels at a level."""
        return cast(ToMap, cast(nn.ModuleDict, self.heads[name])[str(level)])

    def normalisation(self, name: str) -> tuple[Tensor, Tensor]:
        """(mean, sigma), each (channels,), of a modality's standardised space."""
        part = channels_of(name)
        return self.std_mean[part], self.std_sigma[part]

    def slope_gain(self, level: int) -> Tensor:
        """What turns half a central difference of standardised displacement into standardised n_x: n = -dh/dx for small slopes."""
        _, sigma_d = self.normalisation("displacement")
        _, sigma_n = self.normalisation("normal")
        return sigma_d / (sigma_n * 2 * self.config.texel_mm(level))

    def forward(
        self, w: Tensor, level: int, places: list[Rect], noise: NoiseSource, modalities: Iterable[str] | None = None
    ) -> dict[str, Tensor]:
        """w (N, w_dim), places: equally large rectangles -> {modality: (len(places) * N, channels, h, w)}, places in order.

        w may also be (N, config.styles, w_dim), one for each style level, coarsest first. The maps are not masked.
        A structural normal asks for the displacement too, whether or not it is named.
        """
        names = list(modalities or [m.name for m in MODALITIES])
        structural = self.config.structural_normal and "normal" in names
        asked = [*names, "displacement"] if structural and "displacement" not in names else names
        a = self.canvas.coefficients(style_at(w, 0))
        # Central differences need one texel around the request.
        grown = [p.grown(1) if structural else p for p in places]
        rects = [needed(p, level, self.config.levels) for p in grown]
        placed = self._placed_noise(rects, noise, len(w), level)
        maps: dict[str, Tensor] = {}
        features: dict[int, Tensor] = {}
        for name in asked:
            if self.config.dual_style or not features:
                features = self._features(self.modality_embedding(name), w, level, rects, noise, placed)
            maps[name] = self._skip_sum(name, features, w, a, rects)
        if structural:
            maps["normal"] = maps["normal"] + self.slopes(maps["displacement"], level)
            maps = {name: x[..., 1:-1, 1:-1] for name, x in maps.items()}
        return {name: maps[name] for name in names}

    def slopes(self, d: Tensor, level: int) -> Tensor:
        """Standardised (n_x, n_y) that the displacement (N, 1, h, w) implies; +Y up while rows run down. Zero on the rim."""
        dx = d[..., 1:-1, 2:] - d[..., 1:-1, :-2]
        dy = d[..., 2:, 1:-1] - d[..., :-2, 1:-1]
        return F.pad(torch.cat([-dx, dy], dim=1) * self.slope_gain(level)[:, None, None], (1, 1, 1, 1))

    def _placed_noise(
        self, rects: list[dict[int, LevelRects]], noise: NoiseSource, batch: int, level: int
    ) -> dict[int, tuple[Tensor, Tensor]]:
        """The noise of both convolutions of every level of the patch stage, times the strength of its place; for all modalities."""
        stage, top, found = self.patch_stage, self.config.levels, {}
        for lv in range(top - 1, level - 1, -1):
            areas = [r[lv].before for r in rects], [r[lv].features for r in rects]
            drawn = [stage.place_noise(noise(layer_key(lv, i), area, batch), lv, top - lv, area) for i, area in enumerate(areas)]
            found[lv] = (drawn[0], drawn[1])
        return found

    def _features(
        self,
        e: Tensor | None,
        w: Tensor,
        level: int,
        rects: list[dict[int, LevelRects]],
        noise: NoiseSource,
        placed: dict[int, tuple[Tensor, Tensor]],
    ) -> dict[int, Tensor]:
        """{level: (places * N, channels, h, w)}, coarsest first, each on its ``LevelRects.features``."""
        config, stage = self.config, self.patch_stage
        top, places = config.levels, len(rects)
        grid = self.global_stage(w, e, noise)
        extended = Rect(-config.margin, -config.margin, config.grid[0] - config.margin, config.grid[1] - config.margin)
        x = torch.cat([grid[(..., *extended.slices_of(r[top].features))] for r in rects])
        found = {top: x}
        for lv in range(top - 1, level - 1, -1):
            conv0, conv1 = stage.convs(lv)
            style = style_at(w, config.style_of(lv)).repeat(places, 1)
            x = conv0(x, style, e)
            x = torch.cat(
                [
                    upsample2(part, r[lv + 1].features.grown(-1), r[lv].before)
                    for part, r in zip(x.split(len(w)), rects, strict=True)
                ]
            )
            x = conv0.finish(x, e, placed[lv][0])
            x = conv1.finish(conv1(x, style, e), e, placed[lv][1])
            found[lv] = x
        return found

    def _skip_sum(
        self, name: str, features: dict[int, Tensor], w: Tensor, a: Tensor, rects: list[dict[int, LevelRects]]
    ) -> Tensor:
        """What a modality's heads make of the features, on the canvas: (places * N, channels, h, w)."""
        skip: list[Tensor] = []
        for lv, x in features.items():
            rgb = self.head(name, lv)(x, style_at(w, self.config.style_of(lv)).repeat(len(rects), 1))
            parts = []
            for i, (r, p) in enumerate(zip(rects, rgb.split(len(w)), strict=True)):
                part = p[(..., *r[lv].features.slices_of(r[lv].skip))]
                held = self.canvas.read(a, name, lv, r[lv].skip)
                part = part if held is None else part + held
                if skip:
                    part = part + upsample2(skip[i], r[lv + 1].skip, r[lv].skip)
                parts.append(part)
            skip = parts
        return torch.cat(skip)

    def mask_at(self, level: int, rect: Rect) -> Tensor:
        """The UV mask on a rectangle, (h, w) in [0, 1]."""
        octaves = self.config.mask_level - level
        if octaves >= 0:
            return read_coarse(self.mask[None], octaves, rect)[0]
        side = 1 << -octaves
        fine = crop_clamped(self.mask[None], Rect(*(side * edge for edge in rect)))
        return F.avg_pool2d(fine, side)[0]


def layer_key(level: int, conv: int) -> int:
    """A number for each noisy layer, the key of its noise: global levels are -1, -2, ..."""
    return (level + 16) * 2 + conv


def level_of_key(key: int) -> int:
    """The level whose layer has this key; negative in the global stage."""
    return key // 2 - 16
