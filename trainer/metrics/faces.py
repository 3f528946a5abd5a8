"""Where measured faces come from: people of a store, or a model's seeds. Both answer with the same planes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.recipe import Recipe

from ..store import Store

CHANNELS = [0, 1, 2, 3, 4, 6, 7]  # of a MapSet's eight, those of a store: the normal's z follows from x and y


class Faces(Protocol):
    """Faces that can be looked at one by one."""

    def __len__(self) -> int: ...

    def planes(self, index: int, level: int) -> Array:
        """(7, H, W) float32 of a whole face at a level of the model's canvas, in physical units."""
        ...


@dataclass(frozen=True)
class People:
    """Subjects of a store, every other one as its mirror image: training sees both."""

    store: Store
    chosen: Sequence[int]

    def __len__(self) -> int:
        return len(self.chosen)

    def planes(self, index: int, level: int) -> Array:
        return self.store.subject(self.chosen[index], level, mirrored=index % 2 == 1)


@dataclass(frozen=True)
class Sampled:
    """Faces of seeds first .. first + count - 1, each with noise of its own seed."""

    model: FaceModel
    count: int
    first: int
    psi: float = 1.0

    def __len__(self) -> int:
        return self.count

    def recipe(self, index: int) -> Recipe:
        return Recipe(self.first + index, self.psi, noise_seed=self.first + index)

    def at_psi(self, psi: float, count: int) -> Sampled:
        """The first of the same seeds at another truncation."""
        return replace(self, psi=psi, count=min(count, self.count))

    def planes(self, index: int, level: int) -> Array:
        return planes_of(self.model.render(self.recipe(index), level=level))


def planes_of(maps: MapSet) -> Array:
    """(7, H, W) of maps, as a store has them."""
    return np.ascontiguousarray(np.moveaxis(maps.stacked()[..., CHANNELS], -1, 0))


def maps_of(planes: Array) -> MapSet:
    """The inverse of ``planes_of``; z from the unit length."""
    x, y = planes[3:5]
    normal = np.stack([x, y, np.sqrt(np.maximum(1 - x * x - y * y, 0))], axis=-1)
    parts = (np.moveaxis(planes[:3], 0, -1), normal, planes[5], planes[6])
    return MapSet(*(np.ascontiguousarray(m, np.float32) for m in parts))
