"""How much memory a training step needs, before there is none left.

Both networks run on torch's meta device, where tensors have sizes and no contents; autograd tells which of them it keeps for the
backward pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from torch import Tensor, nn

from gantlitz_blender.runtime.model.config import MODALITIES
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model.rects import Rect

from .losses import r1_penalty
from .patches import ALL
from .store import KEPT_BYTES
from .store_format import CHANNELS
from .train_config import TrainConfig

BASE = {"cpu": 450e6, "cuda": 700e6}  # torch and its libraries; measured on a CPU, assumed on a GPU
# What lives for a moment beside what is kept for the backward pass, as factors of it; R1's is gone through twice. With preset XS,
# patches of 64 texels and one to four modalities, estimates are 0.91 to 1.05 of what benchmarks.training_memory measures on a CPU.
MAKING, JUDGING = 1.95, 2.75


@dataclass(frozen=True)
class Need:
    """Bytes. networks: weights, their average, gradients and Adam's moments; step: its largest phase;
    data: what is kept of the stores, which small ones do not fill, and what fitting to them takes beyond a step; base: torch
    itself; state: one on the disk.
    """

    networks: float
    step: float
    data: float
    base: float
    state: float

    @property
    def total(self) -> float:
        return self.networks + self.step + self.data + self.base


def estimate(
    config: TrainConfig, device: str, dtype: torch.dtype, ranks: int = 1, modalities: tuple[str, ...] = ALL, stores: int = 1
) -> Need:
    """What the costliest step of a run needs: the finest level of its schedule, R1, and all modalities or those given.

    stores: how many are read. Of a GPU's run it is the GPU's memory, which holds nothing of them.
    """
    least = without_step(config, device, stores)
    step = _step(config, max(1, config.places // ranks), dtype, modalities)
    fitting = 4 * CHANNELS * config.model.width * config.model.height  # a whole subject at once, before the first step
    data = least.data + max(0.0, fitting - step) if device == "cpu" else 0.0
    return replace(least, step=step, data=data)


def without_step(config: TrainConfig, device: str, stores: int = 1) -> Need:
    """What a run needs at any rate, known at once."""
    with torch.device("meta"):
        g, d = _bytes(Generator(config.model)), _bytes(config.discriminator())
    data = stores * KEPT_BYTES if device == "cpu" else 0.0
    return Need(5 * g + 4 * d, 0.0, data, BASE[device], 4 * g + 3 * d)


@lru_cache(maxsize=64)  # each takes seconds, and a doctor asks for some again
def _step(config: TrainConfig, places: int, dtype: torch.dtype, modalities: tuple[str, ...]) -> float:
    """Bytes of a step's largest phase, beyond the networks."""
    level = min(i for _, weights in config.schedule for i, weight in enumerate(weights) if weight)
    n = places * config.subjects
    with torch.device("meta"):
        generator = Generator(config.model)
        discriminator = config.discriminator()
        generator.global_stage.dtype = dtype
        present, box = torch.empty(n, len(MODALITIES)), torch.empty(n, 4)
        real = torch.empty(n, CHANNELS, config.patch, config.patch)
        rects = [Rect(0, 0, config.patch, config.patch)] * places

        def noise(layer: int, areas: list[Rect], batch: int) -> Tensor:
            return torch.empty(len(areas) * batch, 1, areas[0].height, areas[0].width)

        discriminator.requires_grad_(False)
        with kept(generator, discriminator) as making:
            w = generator.mapping(torch.empty(config.subjects, config.model.z_dim))
            maps = generator(w, level, rects, noise, modalities)
            fake = torch.cat([maps.get(m.name, torch.empty(n, m.channels, *real.shape[2:])) for m in MODALITIES], dim=1)
            made = discriminator(fake, present, box, dtype)
        discriminator.requires_grad_(True)
        with kept(generator, discriminator) as judging:
            logits = [discriminator(image, present, box, dtype) for image in (real, fake.detach())]
            penalty = r1_penalty(discriminator, real, present, box)
        del made, logits, penalty
    return max(MAKING * making[0], JUDGING * judging[0])


def _bytes(network: nn.Module) -> float:
    return sum(p.numel() for p in network.parameters()) * 4


@contextmanager
def kept(*networks: nn.Module) -> Iterator[list[int]]:
    """The bytes of all tensors that autograd keeps within, but for parameters; one number in a list."""
    storages = {p.untyped_storage()._cdata: p.untyped_storage() for network in networks for p in network.parameters()}
    total = [0]

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in storages:
            storages[storage._cdata] = storage
            total[0] += storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        yield total
