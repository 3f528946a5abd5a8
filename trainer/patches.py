"""Batches of real patches and the places they come from."""

from __future__ import annotations

from dataclasses import dataclass
from threading import RLock

import cv2
import numpy as np
import torch
from torch import Tensor

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import MODALITIES, ModelConfig
from gantlitz_blender.runtime.model.rects import Rect

from .store import Store

ALL = tuple(m.name for m in MODALITIES)
Person = tuple[int, bool]  # a store's subject, and whether its mirror image
PAIRS = (("normal", "displacement"), ("albedo", "specular"))  # normal and displacement stay together: they must agree


@dataclass
class Batch:
    """One step's places and what the dataset holds there.

    real: (places * subjects, 7, P, P) standardised and masked; mask: (places * subjects, 1, P, P); box: (N, 4) for the
    discriminator; present: (N, 4) of 0 and 1, the modalities that are both drawn and in the subject, others being 0 in
    ``real``; patches of one place are adjacent. people: those that all places share; empty where each place has its own.
    """

    level: int
    places: list[Rect]
    modalities: tuple[str, ...]
    real: Tensor
    mask: Tensor
    box: Tensor
    present: Tensor
    people: list[Person]


class PatchSampler:
    """Draws places uniformly over the masked area, on the lattice of the coarsest cells, and reads random subjects there.

    importance: (h, w) of the whole canvas at any size; where it is twice as high, twice as many patches lie.
    """

    def __init__(
        self,
        stores: list[Store],
        model: ModelConfig,
        patch: int,
        standardise: tuple[np.ndarray, np.ndarray],
        importance: np.ndarray | None = None,
    ):
        self.importance = importance
        self.stores = sorted(stores, key=lambda s: -s.level)
        self.model, self.patch = model, patch
        self.mean, self.sigma = (x.astype(np.float32)[:, None, None] for x in standardise)
        self._computing = RLock()  # of masks and origins: several threads draw, and integrals of a fine level take 0.6 GB
        self._masks: dict[int, np.ndarray] = {}
        self._origins: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def store_for(self, level: int) -> Store:
        """The coarsest store that has this level: coarse levels are cheap to draw many subjects of."""
        found = next((s for s in self.stores if s.level <= level), None)
        if found is None:
            raise GantlitzError(
                f"No store has level {level}: the finest is {self.stores[-1].folder}, {self.stores[-1].width} texels wide.",
                f"Add one that is {self.model.width >> level} wide, or schedule coarser levels only.",
            )
        return found

    def mask(self, level: int) -> np.ndarray:
        with self._computing:
            if level not in self._masks:
                self._masks[level] = self.store_for(level).mask_at(level)
            return self._masks[level]

    def origins(self, level: int) -> tuple[np.ndarray, np.ndarray]:
        """Possible (top, left) at a level, (K, 2), and their probabilities: the share of the patch inside the mask.

        With an importance, its sum inside the mask instead. Raises GantlitzError where it is 0 all over the face.
        """
        with self._computing:
            if level not in self._origins:
                self._origins[level] = self._make_origins(level)
            return self._origins[level]

    def _make_origins(self, level: int) -> tuple[np.ndarray, np.ndarray]:
        height, width = self.model.size(level)
        step = 1 << (self.model.levels - level)
        tops = np.arange(0, height - self.patch + 1, step)
        lefts = np.arange(0, width - self.patch + 1, step)
        corners = np.stack([x.ravel() for x in np.meshgrid(tops, lefts, indexing="ij")], axis=1)
        share = _box_means(self.mask(level), corners, self.patch)
        weight = share if self.importance is None else _box_means(self._importance_at(level), corners, self.patch)
        weight = np.where(share > 0.1, weight, 0.0)
        if not weight.any():
            raise GantlitzError(
                f"The importance is 0 on the whole face at level {level}.", "Make it brighter where patches shall be drawn."
            )
        keep = weight > 0
        return corners[keep], weight[keep] / weight[keep].sum()

    def _importance_at(self, level: int) -> np.ndarray:
        """(H, W) at a level, inside the mask."""
        assert self.importance is not None
        height, width = self.model.size(level)
        how = cv2.INTER_AREA if width < self.importance.shape[1] else cv2.INTER_LINEAR
        return cv2.resize(self.importance, (width, height), interpolation=how) * self.mask(level)

    def draw(
        self,
        rng: np.random.Generator,
        level: int,
        places: int,
        subjects: int,
        modalities: tuple[str, ...],
        part: range | None = None,
        same_people: bool = False,
    ) -> Batch:
        """places times subjects patches of a level, of subjects that have one of the modalities (or of all, if none has).

        part: which of the places are read and returned (all); what is drawn does not depend on it.
        same_people: the subjects of the first place at every place.
        """
        store, p = self.store_for(level), self.patch
        eligible = [i for i in range(len(store)) if set(modalities) & set(store.modalities(i))]
        if not eligible:
            modalities, eligible = ALL, list(range(len(store)))
        lattice, weight = self.origins(level)
        rects = [Rect(t, x, t + p, x + p) for t, x in lattice[rng.choice(len(lattice), places, p=weight)].tolist()]
        height, width = self.model.size(level)
        real, masks, boxes, present = [], [], [], []
        rows = [rng.choice(eligible, subjects, replace=len(eligible) < subjects).tolist() for _ in rects]
        turned = rng.integers(2, size=(places, subjects)).astype(bool)
        people = list(zip(rows[0], turned[0].tolist(), strict=True)) if same_people else []
        mine = range(places) if part is None else part
        for place in mine:
            rect = rects[place]
            mask = self.mask(level)[rect.top : rect.bottom, rect.left : rect.right]
            for index, mirrored in people or zip(rows[place], turned[place].tolist(), strict=True):
                maps = store.read(index, level, rect, mirrored=mirrored)
                real.append((maps - self.mean) / self.sigma * mask)
                masks.append(mask[None])
                boxes.append((rect.left / width, rect.top / height, p / width, p / height))
                there = set(modalities) & set(store.modalities(index))
                present.append([float(name in there) for name in ALL])
        flags = torch.tensor(present)
        image = torch.from_numpy(np.stack(real)) * channel_presence(flags)
        mask_stack = torch.from_numpy(np.stack(masks))
        return Batch(level, [rects[i] for i in mine], modalities, image, mask_stack, torch.tensor(boxes), flags, people)


def _box_means(field: np.ndarray, corners: np.ndarray, side: int) -> np.ndarray:
    """(K,): the mean of a field (H, W) over squares with these (top, left) corners, (K, 2)."""
    integral = np.pad(field.cumsum(0, dtype=np.float64).cumsum(1), ((1, 0), (1, 0)))
    t, left = corners.T
    b, r = t + side, left + side
    return np.maximum(integral[b, r] - integral[t, r] - integral[b, left] + integral[t, left], 0.0) / side**2


def channel_presence(present: Tensor) -> Tensor:
    """(N, 4) flags -> (N, 7, 1, 1), one a channel."""
    counts = torch.tensor([m.channels for m in MODALITIES])
    return present.repeat_interleave(counts, dim=1)[:, :, None, None]
