"""What one trained variant is worth beside subjects that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch

from gantlitz_blender.runtime.layout import WIDTH as LAYOUT_WIDTH
from gantlitz_blender.runtime.model.config import TEXELS_PER_MM
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model.rects import Rect
from trainer.metrics.agreement import detail_map, position_correlation, slope_agreement
from trainer.metrics.features import TextureFeatures
from trainer.metrics.patch_kid import features_of, grid_places, patch_kid, sampled_patches, store_patches
from trainer.statistics import normalisation
from trainer.store import Store
from trainer.train_config import TrainConfig
from trainer.trainer import Trainer

SIDE = 32
FIRST_SEED = 50_000


def whole_of(store: Store) -> Rect:
    return Rect(0, 0, store.height, store.width)


def wholes(store: Store) -> Iterable[np.ndarray]:
    """(1, 7, H, W) of each subject, every other one mirrored."""
    return store_patches(store, 0, [whole_of(store)])


def untrained(config: TrainConfig, store: Store) -> Generator:
    """What training starts from: the network as it is drawn, the canvas as it is fitted."""
    trainer = Trainer(config, [store])
    trainer.track_w_avg()
    return trainer.ema


@dataclass
class Judge:
    """Figures of maps at a store's size, as a store's subjects have them: features, agreement, where detail lies."""

    store: Store
    where: Callable[[Rect], bool] = lambda place: True  # which of the places count

    def __post_init__(self) -> None:
        self.extractor = TextureFeatures(SIDE)
        self.mask = self.store.mask_at(0)
        self.places = [place for place in grid_places(self.mask, SIDE) if self.where(place)]
        self.constants = normalisation([self.store])
        self.real, self.detail, self.agreement = self._seen(wholes(self.store))


    def figures(self, found: Iterable[np.ndarray]) -> dict[str, float]:
        """KIDs, ``slopes`` (agreement of normals with displacement) and ``position`` of whole maps, (1, 7, H, W) each."""
        features, detail, agreement = self._seen(found)
        kids = patch_kid(self.real, features, self.extractor)
        return kids | {"slopes": agreement, "position": position_correlation(self.detail, detail, self.mask)}

    def of(self, generator: Generator, faces: int) -> dict[str, float]:
        return self.figures(sampled_patches(generator, 0, [whole_of(self.store)], range(FIRST_SEED, FIRST_SEED + faces)))

    def _seen(self, found: Iterable[np.ndarray]) -> tuple[torch.Tensor, np.ndarray, float]:
        details, agreements = [], []
        texel = LAYOUT_WIDTH / self.store.width / TEXELS_PER_MM

        def patches() -> Iterable[np.ndarray]:
            for (planes,) in found:
                details.append(detail_map(planes))
                agreements.append(slope_agreement(planes, texel, self.mask))
                yield np.stack([planes[:, *whole_of(self.store).slices_of(place)] for place in self.places])

        features = features_of(patches(), self.extractor, *self.constants)
        return features, np.mean(details, axis=0), float(np.mean(agreements))
