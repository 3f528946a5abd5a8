"""Faces that stand for people of a store: w's whose coefficients on the identity canvas are those people's."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.canvas import CLAMP, Canvas
from gantlitz_blender.runtime.model.config import ModelConfig
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model.rects import Rect, needed
from gantlitz_blender.runtime.model.resample import upsample2

from .patches import PatchSampler, Person
from .statistics import canvas_channels, octave_energy, presence
from .store import KEPT_TEXELS, Store
from .train_config import FAULT

LOOKED_AT = (1, 5, 6)  # channels: the albedo's green, specular, displacement
SMOOTH = 1.5  # sigma in cells: an octave has few texels in a cell
Strengths = NDArray[np.float32]


def canvas_pictures(generator: Generator, a: Tensor) -> Tensor:
    """a (N, components) -> (N, channels of the canvas, H, W): what the canvas alone shows at its ``component_level``."""
    config, canvas = generator.config, generator.canvas
    rects = needed(Rect(0, 0, *config.size(config.component_level)), config.component_level, config.levels)
    pictures = []
    for modality in config.canvas_modalities:
        whole: Tensor | None = None
        for level in range(config.levels, config.component_level - 1, -1):
            held = canvas.read(a, modality.name, level, rects[level].skip)
            assert held is not None
            whole = held if whole is None else held + upsample2(whole, rects[level + 1].skip, rects[level].skip)
        assert whole is not None
        pictures.append(whole)
    return torch.cat(pictures, dim=1)


def stand_in(canvas: Canvas, w: Tensor, a: Tensor) -> Tensor:
    """w (N, w_dim), moved by the least that gives it the coefficients a (N, components); the rest of it stays."""
    lift = torch.linalg.pinv(canvas.projection)
    return w + (a - (w - canvas.origin) @ canvas.projection.T) @ lift.T


class Strength:
    """Where a person's detail is strong: the logarithm of its energy on the canvas's grid, in the octaves above the components.

    Components are of pictures so small that freckles, pores and fine wrinkles do not show in them; this does.
    """

    def __init__(self, config: ModelConfig, finest: int):
        """finest: the level that it begins at; every store has to have it."""
        self.levels = range(finest, config.component_level)
        self.top, self.grid = config.levels, config.size(config.levels)
        self.size = len(self.levels) * len(LOOKED_AT) * self.grid[0] * self.grid[1]

    def of(self, store: Store, person: Person, sigma: NDArray) -> Strengths:
        """(size,), in natural logarithms of standard deviations; 0 outside the face, and of channels that the person lacks."""
        index, mirrored = person
        inside = store.mask_at(self.top) > 0.5
        there = presence(store, index)
        fields = []
        for level in self.levels:
            for channel in LOOKED_AT:
                field = np.zeros(self.grid, np.float32)
                if there[channel]:
                    energy = octave_energy(store, index, level, channel, self.grid) / sigma[channel] ** 2
                    field = cv2.GaussianBlur((0.5 * np.log(energy + 1e-5)).astype(np.float32), (0, 0), SMOOTH)
                fields.append((field[:, ::-1] if mirrored else field) * inside)
        return np.stack(fields).ravel() if fields else np.zeros(0, np.float32)

    def there(self, store: Store, index: int) -> NDArray[np.bool_]:
        """(size,): what of it a person has."""
        cells = self.grid[0] * self.grid[1]
        return np.repeat(np.tile(presence(store, index)[list(LOOKED_AT)], len(self.levels)), cells)


def _finest_level(config: ModelConfig, sampler: PatchSampler) -> int:
    """The finest level that every store has and keeps in memory. Raises GantlitzError where one lacks the components' level."""
    coarsest = sampler.stores[0]
    if coarsest.level > config.component_level:
        raise GantlitzError(
            f"paired finds people at level {config.component_level}, which the store {coarsest.folder} is too small for.",
            "Leave it out, or choose a larger model.component_level.",
            FAULT,
        )
    kept = (level for level in range(coarsest.level, config.component_level) if np.prod(config.size(level)) <= KEPT_TEXELS)
    return next(kept, config.component_level)


class People(nn.Module):
    """The coefficients of the people that a sampler draws from; each is found when first asked for, by least squares.

    A person's are those with which the canvas shows the person best, and the strength of detail that goes with them in the
    store that the canvas was fitted to (kept here, beside the networks) is nearest to the person's. The canvas must stay as it is.
    """

    mean: Tensor  # (F,) of the strengths
    component: Tensor  # (components, F): how they change with the coefficients
    weight: Tensor  # () of a squared strength beside a squared texel

    def __init__(self, generator: Generator, sampler: PatchSampler):
        super().__init__()
        self._seen = (generator, sampler)  # in a tuple: they are not part of this module's state
        self._strength = Strength(generator.config, _finest_level(generator.config, sampler))
        self._found: dict[tuple[Store, Person], Tensor] = {}
        self._pictures: NDArray | None = None  # of the canvas: the mean, then the components; (1 + components, channels, H, W)
        self.register_buffer("mean", torch.zeros(self._strength.size))
        self.register_buffer("component", torch.zeros(generator.config.components, self._strength.size))
        self.register_buffer("weight", torch.zeros(()))

    def strengths(self, store: Store) -> Strengths:
        """(2 n, F): of every subject of a store and its mirror image, less their mean; for ``statistics.fit_canvas``."""
        sigma = self._seen[1].sigma[:, 0, 0]
        people = [(i, mirrored) for i in range(len(store)) for mirrored in (False, True)]
        found = np.stack([self._strength.of(store, person, sigma) for person in people])
        there = np.stack([self._strength.there(store, i) for i, _ in people])
        mean = found.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        self.mean.copy_(torch.from_numpy(mean.astype(np.float32)))
        return (found - mean) * there

    def keep(self, strengths: Strengths, a: NDArray, weight: float) -> None:
        """Learn how strengths (2 n, F) go with the coefficients a (2 n, components), which are white."""
        self.component[: a.shape[1]] = torch.from_numpy((a.T @ strengths / len(a)).astype(np.float32))
        self.weight.fill_(weight)

    def coefficients(self, level: int, people: list[Person]) -> Tensor:
        """(N, components), within +-``CLAMP``: those of people that a level's patches are of."""
        generator, sampler = self._seen
        store = sampler.store_for(level)
        for person in people:
            if (store, person) not in self._found:
                self._found[store, person] = self._fit(store, person)
        return torch.stack([self._found[store, person] for person in people]).to(generator.w_avg.device)

    def _fit(self, store: Store, person: Person) -> Tensor:
        generator, sampler = self._seen
        config, level = generator.config, generator.config.component_level
        index, mirrored = person
        channels = canvas_channels(config)
        there, mask = presence(store, index)[channels], store.mask_at(level)
        mean, parts = self._basis()
        maps = ((store.subject(index, level, mirrored) - sampler.mean) / sampler.sigma)[channels]
        wanted, columns = ((maps - mean) * mask)[there].ravel(), (parts * mask)[:, there].reshape(len(parts), -1)
        gram, product = columns @ columns.T, columns @ wanted
        detail = self._strength.there(store, index)
        strong = (self._strength.of(store, person, sampler.sigma[:, 0, 0]) - self.mean.cpu().numpy())[detail]
        moved = self.component.cpu().numpy()[:, detail]
        gram, product = gram + float(self.weight) * moved @ moved.T, product + float(self.weight) * moved @ strong
        found = np.linalg.lstsq(gram.astype(np.float64), product.astype(np.float64), rcond=1e-6)[0]
        return torch.from_numpy(found.astype(np.float32)).clamp(-CLAMP, CLAMP)

    @torch.no_grad()
    def _basis(self) -> tuple[NDArray, NDArray]:
        """The canvas's mean (channels, H, W) and its components (components, channels, H, W)."""
        if self._pictures is None:
            generator, count = self._seen[0], self._seen[0].config.components
            asked = torch.cat([torch.zeros(1, count), torch.eye(count)]).to(generator.w_avg.device)
            self._pictures = canvas_pictures(generator, asked).cpu().numpy()
            self._pictures[1:] -= self._pictures[:1]
        return self._pictures[0], self._pictures[1:]
