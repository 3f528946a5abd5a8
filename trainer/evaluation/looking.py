"""One look at each face: everything that the figures need of it, so that no face is made or read twice."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.rects import Rect

from ..metrics.agreement import detail_map, slope_agreement
from ..metrics.diversity import small
from ..metrics.faces import Faces
from ..metrics.features import TextureFeatures
from ..metrics.patch_kid import features_of, grid_places
from ..metrics.skin import figures_of, windows_at

WHOLE = 384  # texels of width at which whole textures are compared


@dataclass(frozen=True)
class Looked:
    """What was seen of n faces.

    skin: (n, regions, figures); slopes: (n,) agreement of normals and displacement over the whole face; detail: (n, 7, h, w);
    patches: (n, K, F) and whole: (n, 1, F) texture features; smalls: (n, 7, 64, 96).
    """

    skin: NDArray[np.float64]
    slopes: NDArray[np.float64]
    detail: Array
    patches: Tensor
    whole: Tensor
    smalls: Array

    def first(self, count: int) -> Looked:
        return Looked(*(getattr(self, name)[:count] for name in self.__dataclass_fields__))


class Onlooker:
    """Looks at faces of one size. level: of the model's canvas; texel: in millimetres; mask: (H, W) of the face; mean, sigma: of
    the seven channels; side: of the patches; places: at most so many of them, drawn with a fixed seed from a grid on the face."""

    def __init__(self, level: int, texel: float, mask: Array, mean: Array, sigma: Array, side: int, places: int, seed: int):
        self.level, self.texel, self.mask = level, texel, mask
        self.mean, self.sigma = mean.astype(np.float32), sigma.astype(np.float32)
        self.windows = windows_at(mask.shape[1], mask.shape[0])
        found = grid_places(mask, side)
        kept = np.sort(np.random.default_rng(seed).permutation(len(found))[:places])
        self.places: list[Rect] = [found[i] for i in kept]
        self._shrink = max(1, mask.shape[1] // WHOLE)
        self.of_patches = TextureFeatures(side)
        self.of_wholes = TextureFeatures(mask.shape[0] // self._shrink)

    def look(self, faces: Faces, what: str) -> Looked:
        """All of the faces; ``what`` they are is said beside the progress."""
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # faces are made and read on threads of their own
        try:
            with ThreadPoolExecutor(threads) as pool:
                found = pool.map(lambda i: self._one(faces.planes(i, self.level)), range(len(faces)))
                seen = list(tqdm(found, what, len(faces), unit="face"))
        finally:
            torch.set_num_threads(threads)
        parts: Sequence = list(zip(*seen, strict=True))
        skin, slopes, detail, patches, whole, smalls = parts
        stacked = (np.stack(skin), np.array(slopes), np.stack(detail), torch.cat(patches), torch.cat(whole), np.stack(smalls))
        return Looked(*stacked)

    def _one(self, planes: Array) -> tuple:
        patches = np.stack([planes[:, r.top : r.bottom, r.left : r.right] for r in self.places])
        size = planes.shape[2] // self._shrink, planes.shape[1] // self._shrink
        whole = np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in planes])
        return (
            figures_of(planes, self.windows),
            slope_agreement(planes, self.texel, self.mask),
            detail_map(planes),
            features_of([patches], self.of_patches, self.mean, self.sigma),
            features_of([whole[None]], self.of_wholes, self.mean, self.sigma),
            small(planes, self.mean, self.sigma),
        )
