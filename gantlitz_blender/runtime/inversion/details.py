"""The second stage: codes held, the noise of one level after another tuned, patch by patch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ..model.generator import Generator
from ..model.rects import Rect
from .likeness import colour_of, scales_of, unlikeness
from .target import Target
from .variables import NoiseVariables, layers_of

OCTAVES = 3


@dataclass(frozen=True)
class DetailsPlan:
    """passes: over the whole face at each level, finest first; white: weight of what keeps the noise white."""

    passes: tuple[int, ...] = (6, 8, 10, 12, 20, 25)
    rate: float = 0.3
    white: float = 0.05
    tile: int = 512

    def of(self, level: int) -> int:
        """Passes at a level."""
        return self.passes[min(level, len(self.passes) - 1)]


def fit_details(
    generator: Generator,
    target: Target,
    noise: NoiseVariables,
    codes: Tensor,
    level: int,
    plan: DetailsPlan,
    heard: Callable[[float], None],
    made_at: int | None = None,
) -> None:
    """Tune the noise of a level and of the next coarser one until the known maps of that level are met.

    made_at: the finer level that is rendered and area-averaged to ``level`` before it is compared, its own noise held as it is:
    the way to a high resolution whose low one is known. heard(share) is called after each tile.
    """
    config = generator.config
    names = target.names(level)
    tiles = _tiles(target, level, plan.tile)
    scales = _scales(target, level, tiles)
    octaves = level - (level if made_at is None else made_at)
    values = noise.unlock([layer for lv in range(level, min(level + 2, config.levels)) for layer in layers_of(lv)])
    optimiser = torch.optim.Adam(values, plan.rate, betas=(0.7, 0.9))
    passes = plan.of(level - octaves)
    for i in range(passes):
        optimiser.zero_grad()
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * (0.1 + 0.9 * math.cos(math.pi / 2 * i / passes))
        for j, tile in enumerate(tiles):
            weight, wanted = target.weight(level, tile), target.maps(level, tile)
            part = Rect(*(n << octaves for n in tile))
            found = generator(codes[None], level - octaves, [part], noise, names)
            seen = {name: F.avg_pool2d(x, 1 << octaves) * weight for name, x in found.items()}
            losses = [unlikeness(seen[name], wanted[name], scales[name]) * target.weights[name] for name in names]
            (torch.stack(losses).sum() * _share(config.size(level), tile)).backward()
            noise.gather()
            heard((i + (j + 1) / len(tiles)) / passes)
        _whiten(values, plan.white)
        optimiser.step()
        noise.bound()
    for value in values:
        value.grad = None


def _tiles(target: Target, level: int, side: int) -> list[Rect]:
    """Squares that show skin, the last of a row or column smaller; all can be halved ``OCTAVES`` times where the level can."""
    height, width = target.config.size(level)
    rows, columns = range(0, height, side), range(0, width, side)
    tiles = [Rect(top, left, min(top + side, height), min(left + side, width)) for top in rows for left in columns]
    return [tile for tile in tiles if bool((target.weight(level, tile) > 0).any())]


def _share(size: tuple[int, int], tile: Rect) -> float:
    return tile.height * tile.width / (size[0] * size[1])


def _scales(target: Target, level: int, tiles: list[Rect]) -> dict[str, list[Tensor]]:
    """What each octave of the known maps holds: root mean square over the tiles."""
    found: dict[str, list[list[Tensor]]] = {name: [] for name in target.names(level)}
    for tile in tiles:
        for name, x in target.maps(level, tile).items():
            found[name].append([s.square() for s in scales_of(x, OCTAVES)])
    return {name: [torch.stack(part).mean(dim=0).sqrt() for part in zip(*rows, strict=True)] for name, rows in found.items()}


def _whiten(values: list[Tensor], weight: float) -> None:
    """Add to the gradients of noise those of its distance from white noise."""
    for value in values:
        leaf = value.detach().requires_grad_(True)
        away = colour_of(leaf) * weight
        if away.requires_grad:
            away.backward()
            assert leaf.grad is not None
            value.grad = leaf.grad if value.grad is None else value.grad.add_(leaf.grad)
