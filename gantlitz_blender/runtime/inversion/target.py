"""What a rendering is compared with: known maps of a face, standardised, where there is skin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ..completion.known import KnownMaps, mask_at
from ..model.config import MODALITIES, ModelConfig, channels_of
from ..model.generator import Generator
from ..model.rects import Rect


@dataclass(frozen=True, eq=False)
class Trusted:
    """A generator's standardised space, its mask less what is not trusted."""

    config: ModelConfig
    mean: Tensor
    sigma: Tensor
    mask: Tensor


class Target:
    """Known maps in the model's layout, to be fitted.

    maps: as of ``Completer.complete``. trust: (H, W) in [0, 1] of any size, where they show skin; None is the whole mask.
    weights: how much each map counts, 1 where not said. Raises GantlitzError (``bad-maps``).
    """

    def __init__(
        self,
        generator: Generator,
        maps: Mapping[str, np.ndarray],
        trust: np.ndarray | None = None,
        weights: Mapping[str, float] | None = None,
    ):
        self.config, mask = generator.config, generator.mask
        if trust is not None:
            size = (mask.shape[1], mask.shape[0])
            smaller = cv2.resize(np.asarray(trust, np.float32), size, interpolation=cv2.INTER_AREA)
            mask = mask * torch.from_numpy(smaller).to(mask.device)
        self._trusted = Trusted(generator.config, generator.std_mean, generator.std_sigma, mask)
        self._known = KnownMaps(maps, self._trusted)
        self.weights = {name: (weights or {}).get(name, 1.0) for name in maps}
        self.finest = min(self._known.finest.values())

    def names(self, level: int) -> list[str]:
        """The maps that are known at a level, in the order of MODALITIES."""
        return [m.name for m in MODALITIES if self._known.finest.get(m.name, self.config.levels + 1) <= level]

    def weight(self, level: int, rect: Rect) -> Tensor:
        """(1, 1, h, w): 1 where a texel counts, 0 outside the face."""
        return mask_at(self._trusted, level, rect)[None]

    def maps(self, level: int, rect: Rect) -> dict[str, Tensor]:
        """{name: (1, C, h, w)} of the maps known at a level, standardised, times ``weight``."""
        planes = self._known.seen(level, rect).maps * self.weight(level, rect)
        return {name: planes[:, channels_of(name)] for name in self.names(level)}
