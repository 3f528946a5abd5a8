"""The fast twin of the plain generator: folded weights, one tile at a time, noise shared by all modalities.

For one w and one modality the styles and the demodulation are constants, so every dual-style convolution becomes a
plain one. The square root of two behind each activation is folded into the next layer's weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from .model.config import MODALITIES
from .model.generator import Generator, NoiseSource, layer_key, style_at
from .model.layers import GAIN, SLOPE, DualStyleConv
from .model.physical import physical
from .model.rects import LevelRects, Rect, needed
from .model.resample import crop_clamped, upsample2, upsample2_exact
from .thinning import Thinning

HEAD_CHANNELS = 4  # heads are padded to this many: for a single channel the libraries take another road, which rounds differently
SMALLEST = 40  # likewise for small pictures: convolutions are padded to this side
FLOAT32_FROM = 3  # levels this coarse keep float32 features: bf16 there would band a 16-bit displacement
OUTSIDE = (0.5, 0.5, 0.5, 0.0, 0.0, 1.0, 0.5, 0.0)  # what ``physical`` makes of anything where the mask is 0


@dataclass
class FoldedLevel:
    """Plain weights of one level for one w and one modality. The patch stage's convolutions are None at the coarsest level."""

    conv0: tuple[Tensor, Tensor] | None
    conv1: tuple[Tensor, Tensor] | None
    head: tuple[Tensor, Tensor]
    canvas: Tensor | None
    thinning: Thinning | None = None

    def thinned(self, thinning: Thinning | None, coarser: Thinning | None) -> FoldedLevel:
        """With the channels that are kept at this level and at the next coarser one."""
        conv0, conv1, head = self.conv0, self.conv1, self.head
        if coarser is not None and conv0 is not None:
            conv0 = coarser.outer.read_by(conv0)
        if thinning is not None and conv0 is not None and conv1 is not None:
            conv0, conv1 = thinning.inner.made_by(conv0), thinning.outer.made_by(thinning.inner.read_by(conv1))
            head = thinning.outer.read_by(head)
        return replace(self, conv0=conv0, conv1=conv1, head=head, thinning=thinning)


@dataclass
class FoldedModality:
    """A modality of one face: features on the whole extended grid, and the weights of every level."""

    grid: Tensor
    levels: dict[int, FoldedLevel]


class Synthesis:
    """One face, folded: renders any rectangle of any level.

    w: (1, w_dim), or (1, config.styles, w_dim) with one for each style level. noise: of the recipe, the same for all modalities.
    dtype: of the features at levels finer than ``float32_from``; everything else is float32. thinning: of each modality at
    ``level``, where that is to be made with fewer channels.
    Thread-safe after construction.
    """

    @torch.no_grad()
    def __init__(
        self,
        generator: Generator,
        w: Tensor,
        noise: NoiseSource,
        dtype: torch.dtype,
        level: int,
        float32_from: int = FLOAT32_FROM,
        thinning: Mapping[str, Mapping[int, Thinning]] | None = None,
    ):
        self.generator, self.dtype, self.level, self.float32_from = generator, dtype, level, float32_from
        self.config = generator.config
        self.device = w.device
        self.noise = noise
        self.exact = thinning is None
        a = generator.canvas.coefficients(style_at(w, 0))
        self._whole_noise = _Remembered(noise)
        names = [m.name for m in MODALITIES]
        with ThreadPoolExecutor(len(names) if self.device.type == "cpu" else 1) as pool:
            self.modalities = dict(zip(names, pool.map(lambda name: self._fold(name, w, a), names), strict=True))
        for name, kept in (thinning or {}).items():
            levels = self.modalities[name].levels
            levels.update({lv: folded.thinned(kept.get(lv), kept.get(lv + 1)) for lv, folded in levels.items()})

    @torch.no_grad()  # which holds for one thread
    def _fold(self, name: str, w: Tensor, a: Tensor) -> FoldedModality:
        g, config = self.generator, self.config
        e = g.modality_embedding(name)
        levels = {}
        for lv in range(config.levels, self.level - 1, -1):
            dtype = self._dtype(lv)
            # Activations leave the patch stage without their gain; the grid's features carry theirs.
            inner, outer = (1.0 if lv == config.levels - 1 else GAIN), (1.0 if lv == config.levels else GAIN)
            style = style_at(w, config.style_of(lv))
            weight, bias = g.head(name, lv).fold(style)
            height, width = config.size(lv)
            conv0, conv1 = g.patch_stage.convs(lv) if lv < config.levels else (None, None)
            levels[lv] = FoldedLevel(
                _folded(conv0, style, e, inner, dtype) if conv0 else None,
                _folded(conv1, style, e, GAIN, dtype) if conv1 else None,
                (F.pad(weight * outer, (0, 0, 0, 0, 0, 0, 0, HEAD_CHANNELS - len(bias))).to(dtype), bias),
                g.canvas.read(a, name, lv, Rect(0, 0, height, width)),
            )
        return FoldedModality(g.global_stage(w, e, self._whole_noise).to(self._dtype(config.levels)), levels)

    def _dtype(self, level: int) -> torch.dtype:
        return torch.float32 if level >= self.float32_from else self.dtype

    @torch.no_grad()
    def standardised(self, request: Rect) -> dict[str, Tensor]:
        """{modality: (1, channels, h, w)} float32 on a rectangle of ``self.level``, not masked: the plain generator's."""
        structural = self.config.structural_normal
        rects = needed(request.grown(1) if structural else request, self.level, self.config.levels)
        noise = self._noise(rects)
        maps = {name: self._skip_sum(folded, rects, noise) for name, folded in self.modalities.items()}
        if structural:
            maps["normal"] = maps["normal"] + self.generator.slopes(maps["displacement"], self.level)
            maps = {name: x[..., 1:-1, 1:-1] for name, x in maps.items()}
        return maps

    @torch.no_grad()
    def features(self, request: Rect) -> dict[str, dict[int, tuple[Tensor, Tensor]]]:
        """{modality: {level: (between its convolutions, after them)}}, each (1, C, h, w), on about ``request``."""
        rects = needed(request, self.level, self.config.levels)
        noise = self._noise(rects)
        return {
            name: {lv: (inner, outer) for lv, inner, outer in self._features(folded, rects, noise)}
            for name, folded in self.modalities.items()
        }

    def _upsample(self, x: Tensor, have: Rect, want: Rect) -> Tensor:
        return (upsample2_exact if self.exact and x.dtype == torch.float32 else upsample2)(x, have, want)

    def _convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return (_convolve if self.exact else F.conv2d)(x, weight, bias)

    def _noise(self, rects: Mapping[int, LevelRects]) -> dict[int, LevelNoise]:
        return {lv: LevelNoise(self, lv, r) for lv, r in rects.items() if lv < self.config.levels}

    def _features(
        self, folded: FoldedModality, rects: Mapping[int, LevelRects], noise: Mapping[int, LevelNoise]
    ) -> Iterator[tuple[int, Tensor, Tensor]]:
        """(level, features between its convolutions, features), coarsest first; the grid's are the same ones twice."""
        config = self.config
        extended = Rect(-config.margin, -config.margin, config.grid[0] - config.margin, config.grid[1] - config.margin)
        x = folded.grid[(..., *extended.slices_of(rects[config.levels].features))]
        for lv in range(config.levels, self.level - 1, -1):
            r, level = rects[lv], folded.levels[lv]
            inner = x
            if level.conv0 is not None and level.conv1 is not None:
                x = x.to(self._dtype(lv)).contiguous(memory_format=torch.channels_last)
                x = self._upsample(self._convolve(x, *level.conv0), rects[lv + 1].features.grown(-1), r.before)
                inner = F.leaky_relu_(noise[lv].add_to(x, 0, level.thinning), SLOPE)
                x = F.leaky_relu_(noise[lv].add_to(self._convolve(inner, *level.conv1), 1, level.thinning), SLOPE)
            yield lv, inner, x

    def _skip_sum(self, folded: FoldedModality, rects: Mapping[int, LevelRects], noise: Mapping[int, LevelNoise]) -> Tensor:
        skip: Tensor | None = None
        for lv, _, x in self._features(folded, rects, noise):
            r, level = rects[lv], folded.levels[lv]
            weight, bias = level.head
            part = self._convolve(x[(..., *r.features.slices_of(r.skip))], weight).float()[:, : len(bias)] + bias[:, None, None]
            if level.canvas is not None:
                part = part + crop_clamped(level.canvas, r.skip)
            skip = part if skip is None else part + self._upsample(skip, rects[lv + 1].skip, r.skip)
        assert skip is not None
        return skip

    @torch.no_grad()
    def maps(self, request: Rect) -> Tensor:
        """(8, h, w) float32 in physical units, masked: albedo, unit normal, specular, displacement in mm.

        Outside the UV mask: mid grey, a flat normal, 0 mm; nothing is computed for rows and columns that lie there whole.
        """
        g, mask = self.generator, self.generator.mask_at(self.level, request)
        inside = _covered(mask, request)
        if inside != request:
            out = torch.tensor(OUTSIDE, device=mask.device)[:, None, None].repeat(1, request.height, request.width)
            if inside is not None:
                out[(..., *request.slices_of(inside))] = self.maps(inside)
            return out
        found = self.standardised(request)
        return physical(torch.cat([found[m.name][0] for m in MODALITIES]), g.std_mean, g.std_sigma, mask)


class LevelNoise:
    """The noise of both convolutions of a level, times place and channel strength: (1, C, h, w), drawn once for all modalities."""

    def __init__(self, synthesis: Synthesis, level: int, r: LevelRects):
        stage, dtype = synthesis.generator.patch_stage, synthesis._dtype(level)
        self._strengths = [conv.noise_strength.to(dtype) for conv in stage.convs(level)]
        self._drawn = []
        for i, rect in enumerate((r.before, r.features)):
            drawn = synthesis.noise(layer_key(level, i), [rect], 1)
            self._drawn.append(stage.place_noise(drawn, level, synthesis.config.levels - level, [rect]).to(dtype))

    def add_to(self, x: Tensor, conv: int, thinning: Thinning | None) -> Tensor:
        """To what a convolution made, (1, C, h, w), in place: C all channels, or those that are kept."""
        strength = self._strengths[conv]
        if thinning is not None:
            strength = strength[(thinning.inner, thinning.outer)[conv].channels]
        x[0].permute(1, 2, 0).addcmul_(self._drawn[conv][0, 0, :, :, None], strength)
        return x


class _Remembered:
    """A noise that the modalities ask for one after another, drawn once."""

    def __init__(self, noise: NoiseSource):
        self._noise, self._drawn = noise, dict[int, Tensor]()

    def __call__(self, layer: int, rects: list[Rect], batch: int) -> Tensor:
        if layer not in self._drawn:  # two threads may draw the same: no harm
            self._drawn[layer] = self._noise(layer, rects, batch)
        return self._drawn[layer]


def _folded(conv: DualStyleConv, w: Tensor, e: Tensor | None, gain: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    weight, bias = conv.fold(w, e)
    return (weight * gain).to(dtype).contiguous(memory_format=torch.channels_last), bias.to(dtype)


def _convolve(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A valid convolution whose result at a texel does not depend on the size of the tile around it."""
    short, narrow = max(0, SMALLEST - x.shape[-2]), max(0, SMALLEST - x.shape[-1])
    if not short and not narrow:
        return F.conv2d(x, weight, bias)
    y = F.conv2d(F.pad(x, (0, narrow, 0, short)), weight, bias)
    return y[..., : y.shape[-2] - short, : y.shape[-1] - narrow]


def _covered(mask: Tensor, request: Rect) -> Rect | None:
    """The smallest rectangle of ``request`` that holds all of its mask (h, w); None where there is nothing of it."""
    rows, columns = (mask.amax(dim=axis).nonzero() for axis in (1, 0))
    if not len(rows):
        return None
    (top, bottom), (left, right) = ((int(found[0]), int(found[-1]) + 1) for found in (rows, columns))
    return Rect(request.top + top, request.left + left, request.top + bottom, request.left + right)
