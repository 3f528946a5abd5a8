"""The trainer's step without what makes it quick: what a benchmark holds the real one against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from gantlitz_blender.runtime.model.generator import NoiseSource
from gantlitz_blender.runtime.model.rects import Rect
from trainer.patches import Batch
from trainer.presets import TrainConfig
from trainer.reading import TENSORS
from trainer.store import Store
from trainer.trainer import Trainer

Stage = Callable[[Tensor, Tensor | None, NoiseSource], Tensor]


class PlainTrainer(Trainer):
    """The same losses, one optimisation after the other left out.

    float32 throughout, weights as they were made, a global stage for every patch, batches read when they are wanted, and an
    optimiser that updates parameter by parameter.
    """

    def __init__(self, config: TrainConfig, stores: list[Store], device: str = "cpu"):
        super().__init__(config, stores, device, torch.float32, fresh=False)
        for network in (self.generator, self.discriminator):
            for p in network.parameters():
                p.data = p.data.contiguous()
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                group.update(fused=False, foreach=False)
        stage = self.generator.global_stage
        stage.forward = partial(unshared, stage.forward, len(self.places))  # type: ignore[method-assign]

    def next_batch(self) -> Batch:
        """This step's batch, read and copied now."""
        batch = self.draw(self.step)
        return replace(batch, **{name: getattr(batch, name).to(self.device) for name in TENSORS})


def unshared(stage: Stage, places: int, w: Tensor, e: Tensor | None, noise: NoiseSource) -> Tensor:
    """The global stage once for every place of every w. The mean of these equal grids stands for them all: it has the same
    value, and the same gradient comes back."""

    def repeated(layer: int, rects: list[Rect], batch: int) -> Tensor:
        return noise(layer, rects, batch // places).repeat(places, 1, 1, 1)

    grids = stage(w.repeat(places, *[1] * (w.dim() - 1)), e, repeated)
    return grids.unflatten(0, (places, len(w))).mean(dim=0)
