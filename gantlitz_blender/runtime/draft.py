"""What makes a draft quick: its finest levels keep a part of their channels. Which, is measured on faces of the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from .errors import Cancelled
from .model.generator import Generator
from .model.noise import HashNoise
from .model.rects import Rect
from .synthesis import FoldedModality, Synthesis
from .thinning import Kept, Thinning

LEVELS = 2  # the finest ones of a draft, where the work is
INNER, OUTER = 0.05, 0.01  # of the features' variance, left unexplained: between a level's convolutions and after them
FACES = 3  # of several tones, so that it holds for others too
PSI = 0.7
PLACES = 2  # of a face
SIDE = 64  # texels


@torch.no_grad()
def measure(generator: Generator, level: int, cancelled: Callable[[], bool] | None = None) -> dict[str, dict[int, Thinning]]:
    """{modality: {level: its Thinning}} for drafts of a level; nothing for the coarsest one, which is not convolved.

    Takes as long as some drafts, and says the same for the same model. Raises Cancelled.
    """
    rng, thinned = np.random.RandomState(0), range(level, min(level + LEVELS, generator.config.levels))
    seen: dict[str, dict[int, list[tuple[Tensor, Tensor]]]] = {}
    for face in range(FACES):
        z = torch.from_numpy(rng.standard_normal((1, generator.config.z_dim))).float().to(generator.w_avg.device)
        w = torch.lerp(generator.w_avg[None], generator.mapping(z), PSI)
        synthesis = Synthesis(generator, w, HashNoise(face, device=w.device), torch.float32, level, level)
        for place in _places(generator, level, rng):
            if cancelled and cancelled():
                raise Cancelled
            for name, features in synthesis.features(place).items():
                for lv in thinned:
                    seen.setdefault(name, {}).setdefault(lv, []).append(features[lv])
    return {
        name: {lv: _thinning(synthesis.modalities[name], lv, samples) for lv, samples in found.items()}
        for name, found in seen.items()
    }


def _thinning(folded: FoldedModality, level: int, samples: Sequence[tuple[Tensor, Tensor]]) -> Thinning:
    """samples: the features between and after a level's convolutions, at several places."""
    inner, outer = (torch.cat([x[0].flatten(1).T for x in kind]) for kind in zip(*samples, strict=True))
    here, finer = folded.levels[level], folded.levels.get(level - 1)
    reader = finer.conv0 if finer is not None else here.head
    assert here.conv1 is not None and reader is not None, "a level of the patch stage"
    return Thinning(Kept.measured(inner, _loudness(here.conv1[0]), INNER), Kept.measured(outer, _loudness(reader[0]), OUTER))


def _loudness(weight: Tensor) -> Tensor:
    """(in,): how much each channel counts for the layer (out, in, kh, kw) that reads it."""
    return weight.square().sum(dim=(0, 2, 3)).sqrt()


def _places(generator: Generator, level: int, rng: np.random.RandomState) -> list[Rect]:
    """Squares of a level that lie on the face."""
    height, width = generator.config.size(level)
    side = min(SIDE, height, width)
    found: list[Rect] = []
    for _ in range(100):
        top, left = int(rng.randint(0, height - side + 1)), int(rng.randint(0, width - side + 1))
        place = Rect(top, left, top + side, left + side)
        if len(found) < PLACES and generator.mask_at(level, place).mean() > 0.9:
            found.append(place)
    return found or [Rect(0, 0, side, side)]
