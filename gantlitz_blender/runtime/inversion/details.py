"""The second stage: codes held, the noise of one level after another tuned, patch by patch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..model.generator import Generator
from ..model.rects import Rect
from .codes import whiten
from .likeness import scales_of, unlikeness
from .target import Target
from .variables import NoiseVariables, layers_of

OCTAVES = 3


@dataclass(frozen=True)
class DetailsPlan:
    """passes: over the whole face at each level, finest first; white: weight of what keeps the noise white."""

    passes: tuple[int, ...] = (6, 8, 12, 16)
    rate: float = 0.3
    white: float = 0.02
    tile: int = 512

    def of(self, level: int) -> int:
        """Passes at a level."""
        return self.passes[min(level, len(self.passes) - 1)]


def fit_details(
    generator: Generator, target: Target, noise: NoiseVariables, codes: Tensor, level: int, plan: DetailsPlan, heard: Callable[[float], None]
) -> None:
    """Tune the noise of a level and of the next coarser one until the known maps of that level are met."""
    config = generator.config
    names = target.names(level)
    height, width = config.size(level)
    tiles = [
        Rect(top, left, min(top + plan.tile, height), min(left + plan.tile, width))
        for top in range(0, height, plan.tile)
        for left in range(0, width, plan.tile)
    ]
    tiles = [tile for tile in tiles if bool((target.weight(level, tile) > 0).any())]
    scales = _scales(target, level, tiles)
    values = noise.unlock([layer for lv in range(level, min(level + 2, config.levels)) for layer in layers_of(lv)])
    optimiser = torch.optim.Adam(values, plan.rate, betas=(0.7, 0.9))
    passes = plan.of(level)
    for i in range(passes):
        optimiser.zero_grad()
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * (0.1 + 0.9 * math.cos(math.pi / 2 * i / passes))
        for j, tile in enumerate(tiles):
            weight, wanted = target.weight(level, tile), target.maps(level, tile)
            found = generator(codes[None], level, [tile], noise, names)
            loss = sum(unlikeness(found[n] * weight, wanted[n], scales[n]) * target.weights[n] for n in names)
            assert isinstance(loss, Tensor)
            (loss * (tile.height * tile.width / (height * width))).backward()
            noise.gather()
            heard((i + (j + 1) / len(tiles)) / passes)
        whiten(values, plan.white)
        optimiser.step()
        noise.bound()
    for value in values:
        value.grad = None


def _scales(target: Target, level: int, tiles: list[Rect]) -> dict[str, list[Tensor]]:
    """What each octave of the known maps holds: root mean square over the tiles."""
    found: dict[str, list[list[Tensor]]] = {name: [] for name in target.names(level)}
    for tile in tiles:
        for name, x in target.maps(level, tile).items():
            found[name].append([s.square() for s in scales_of(x, OCTAVES)])
    return {name: [torch.stack(part).mean(dim=0).sqrt() for part in zip(*rows, strict=True)] for name, rows in found.items()}
