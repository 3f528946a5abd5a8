"""The noise of a fit while it is being found."""

from __future__ import annotations

import torch
from torch import Tensor

from ..model.config import ModelConfig
from ..model.generator import layer_key
from ..model.noise import LARGEST, HashNoise, hash_noise
from ..model.rects import Rect
from .fit import STEP, Fit, quantised


def level_of(layer: int) -> int:
    """The level of a noisy layer, as ``layer_key`` numbers them: those of the global stage are -1, -2, ..."""
    return layer // 2 - 16


def layers_of(level: int) -> list[int]:
    """The noisy layers of a level."""
    return [layer_key(level, conv) for conv in (0, 1)]


def area_of(config: ModelConfig, layer: int) -> Rect:
    """Where a layer's noise is fitted: the canvas, or the whole grid of a step of the global stage."""
    level = level_of(layer)
    if level >= 0:
        return Rect(0, 0, *config.size(level))
    octaves = len(config.global_channels) + level  # of the grid, down to this step: -1 is the coarsest
    return Rect(0, 0, config.grid[0] >> octaves, config.grid[1] >> octaves)


class NoiseVariables:
    """Noise that is a source for the generator, and whose gradients are gathered tile by tile.

    Each call makes leaves of what it reads; ``gather`` adds their gradients to those of the whole, so that a tile costs what it
    reads. Begins as the noise of the seed 0; beyond its area that noise goes on.
    """

    def __init__(self, config: ModelConfig, device: torch.device | str, begun: Fit | None = None):
        self.config, self.device = config, device
        self.values: dict[int, Tensor] = {}
        for layer, held in (begun.noise if begun else {}).items():
            self.values[layer] = held.to(device).float()[None, None] * STEP
        self.open: set[int] = set()
        self._elsewhere = HashNoise(0, device=device)
        self._leaves: list[tuple[int, Rect, Tensor]] = []

    def unlock(self, layers: list[int]) -> list[Tensor]:
        """Let these layers change, and no others; their values, (1, 1, H, W), as an optimiser takes them."""
        self.open = set(layers)
        for layer in layers:
            if layer not in self.values:
                self.values[layer] = hash_noise(0, layer, area_of(self.config, layer), self.device)
        return [self.values[layer] for layer in layers]

    def __call__(self, layer: int, rects: list[Rect], batch: int) -> Tensor:
        """As of ``HashNoise``; one place at a time, for one face."""
        drawn = self._elsewhere(layer, rects, batch)
        if layer not in self.values:
            return drawn
        both = area_of(self.config, layer).common(rects[0])
        if both.height > 0 and both.width > 0:
            drawn[(..., *rects[0].slices_of(both))] = self.values[layer][(..., *area_of(self.config, layer).slices_of(both))]
            if layer in self.open:
                drawn.requires_grad_(True)
                self._leaves.append((layer, rects[0], drawn))
        return drawn

    def gather(self) -> None:
        """Add the gradients of all that was read since the last time to those of the values."""
        for layer, rect, leaf in self._leaves:
            if leaf.grad is None:
                continue
            whole, area = self.values[layer], area_of(self.config, layer)
            if whole.grad is None:
                whole.grad = torch.zeros_like(whole)
            both = area.common(rect)
            whole.grad[(..., *area.slices_of(both))] += leaf.grad[(..., *rect.slices_of(both))]
        self._leaves.clear()

    @torch.no_grad()
    def bound(self) -> None:
        """Keep what changes within what can be drawn."""
        for layer in self.open:
            self.values[layer].clamp_(-LARGEST, LARGEST)

    def settle(self) -> None:
        """Round all to what a Fit keeps, so that going on from a file is going on."""
        self.values = {layer: held.to(self.device).float()[None, None] * STEP for layer, held in self.fitted().items()}

    def fitted(self) -> dict[int, Tensor]:
        """As a Fit keeps it."""
        return {layer: quantised(values[0, 0]).cpu() for layer, values in self.values.items()}
