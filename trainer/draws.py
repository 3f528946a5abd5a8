"""The random numbers of a training step: they follow from (seed, step, place), whoever trains which place."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from gantlitz_blender.runtime.model.generator import layer_key
from gantlitz_blender.runtime.model.rects import Rect

from .transfer import send

FIRST_OF_PATCHES = layer_key(0, 0)  # layers before it belong to the global stage, which all places share


class Draws:
    """What all places of a step share is drawn from ``shared``; what is a place's own from its one of ``places``.

    All on the CPU, so that a run is the same on every device. It is also the step's noise (``NoiseSource``), drawn once a layer
    and the same for all modalities.
    """

    def __init__(self, seed: int, step: int, places: Iterable[int], device: torch.device | str = "cpu"):
        self.shared = _seeded(seed, step, 0)
        self.places = [_seeded(seed, step, 1 + place) for place in places]
        self.device = device
        self._noise: dict[int, Tensor] = {}

    def __call__(self, layer: int, rects: list[Rect], batch: int) -> Tensor:
        """Standard normal (len(rects) * batch, 1, h, w): the places in order, or the one whole grid of a global layer."""
        if layer not in self._noise:
            sources = self.places if layer >= FIRST_OF_PATCHES else [self.shared]
            shape = (batch, 1, rects[0].height, rects[0].width)
            drawn = [torch.randn(shape, generator=source) for source, _ in zip(sources, rects, strict=True)]
            self._noise[layer] = send(torch.cat(drawn), self.device)
        return self._noise[layer]


def _seeded(*key: int) -> torch.Generator:
    (seed,) = np.random.SeedSequence(key).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(seed))
