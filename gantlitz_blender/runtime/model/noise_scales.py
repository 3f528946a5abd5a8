"""A recipe's noise, scale by scale: blotches, wrinkles and pores each with a strength and, if wanted, a seed of their own."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..recipe_parts import SCALES, Grain
from .config import ModelConfig
from .generator import NoiseSource, level_of_key
from .noise import HashNoise
from .rects import Rect

# The finest wavelength of a level's noise is two of its texels: 0.11 mm at level 0 of 6144 x 4096.
WRINKLES_FROM_MM, BLOTCHES_FROM_MM = 0.4, 1.7


def scale_of(config: ModelConfig, level: int) -> str:
    """Which of recipe_parts.SCALES the noise of a level of the patch stage belongs to, by its finest wavelength."""
    wavelength = 2 * config.texel_mm(level)
    blotches, wrinkles, pores = SCALES
    return pores if wavelength < WRINKLES_FROM_MM else wrinkles if wavelength < BLOTCHES_FROM_MM else blotches


class ScaledNoise:
    """`base` where a scale says nothing else. strength: of the recipe, for noise of another seed than its own.

    The global stage's noise is part of who the face is, and stays as it is.
    """

    def __init__(
        self, base: NoiseSource, grain: Mapping[str, Grain], config: ModelConfig, strength: float, device: torch.device | str
    ):
        self._base, self._grain, self._config = base, grain, config
        self._other = {
            scale: HashNoise(part.seed, strength, device) for scale, part in grain.items() if part.seed is not None
        }

    def __call__(self, layer: int, rects: list[Rect], batch: int) -> Tensor:
        """As of ``HashNoise``."""
        level = level_of_key(layer)
        scale = scale_of(self._config, level) if level >= 0 else ""
        drawn = self._other.get(scale, self._base)(layer, rects, batch)
        return drawn * self._grain[scale].strength if scale in self._grain else drawn
