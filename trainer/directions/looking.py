"""Features of captured subjects, and of faces that a model makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import MODALITIES, ModelConfig
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect

from ..store import Store
from .features import FAR, NEAR, View

LOOKED_AT = ("albedo", "specular", "displacement")


def level_to_look_at(config: ModelConfig, store: Store) -> int:
    """The level of the places: NEAR texels wide, or the widest that both the model and the store have.

    Raises GantlitzError (``bad-store``) where that is too coarse for the whole face to be FAR times smaller still.
    """
    level = max(store.level, 0)
    while config.size(level)[1] > NEAR:
        level += 1
    if level + FAR.bit_length() - 1 > config.levels:
        raise GantlitzError(
            f"The store {store.folder} is too small to see wrinkles and freckles in.", "Capture it 768x512 or larger.", "bad-store"
        )
    return level


class Beholder:
    """Looks at subjects and faces in the same way. level: of the places, counted from the model's canvas."""

    def __init__(self, config: ModelConfig, level: int):
        height, width = config.size(level)
        self.view, self._level, self._far = View(width, height), level, level + FAR.bit_length() - 1
        self._whole = Rect(0, 0, *config.size(self._far))

    def of_subjects(self, store: Store, threads: int) -> NDArray[np.float64]:
        """(N, F): of all subjects of a store; on Python threads."""

        def look(index: int) -> Tensor:
            places = np.stack([store.read(index, self._level, rect) for rect in self.view.places])
            return self.view.features(torch.from_numpy(store.subject(index, self._far)), torch.from_numpy(places))

        return _looked(look, range(len(store)), threads, "subjects")

    def of_faces(self, generator: Generator, ws: Tensor, threads: int, what: str) -> NDArray[np.float64]:
        """(N, F): of the faces of (N, w_dim), all with the same noise: what differs is who they are."""
        noise = HashNoise(0, device=ws.device)

        def made(w: Tensor, level: int, places: list[Rect]) -> Tensor:
            maps = generator(w, level, places, noise, LOOKED_AT)
            blank = maps["specular"].new_zeros(len(maps["specular"]), 2, *maps["specular"].shape[2:])
            x = torch.cat([maps.get(m.name, blank) for m in MODALITIES], dim=1)
            return (x * generator.std_sigma[:, None, None] + generator.std_mean[:, None, None]).cpu()

        @torch.no_grad()
        def look(w: Tensor) -> Tensor:
            return self.view.features(made(w, self._far, [self._whole])[0], made(w, self._level, self.view.places))

        return _looked(look, ws.split(1), threads, what)


def _looked(look: Callable[..., Tensor], items: Sequence, threads: int, what: str) -> NDArray[np.float64]:
    with ThreadPoolExecutor(threads) as pool:
        return torch.stack(list(tqdm(pool.map(look, items), what, len(items)))).numpy()
