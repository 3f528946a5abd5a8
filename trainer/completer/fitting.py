"""What a completer's network starts from: constants, the average face, and how much each octave adds."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from gantlitz_blender.runtime.completion.network import CHANNELS, NORMAL, CompletionNet, channel_flags

from ..statistics import presence, spread_outward
from ..store import Store
from .batches import Batches

BATCHES = 12  # of each level, by which octaves are measured
LEAST = 1e-3  # sigma: an octave that holds nothing is not magnified beyond it


def fit(net: CompletionNet, batches: Batches, stores: list[Store]) -> None:
    """Fill the network's buffers from the stores."""
    c = net.config
    net.mean.copy_(torch.from_numpy(batches.mean[:, 0, 0]))
    net.sigma.copy_(torch.from_numpy(batches.sigma[:, 0, 0]))
    net.mask.copy_(torch.from_numpy(batches.sampler.mask(c.mask_level)))
    store = max(stores, key=len)
    total, count = np.zeros((CHANNELS, *c.size(c.levels))), np.zeros(CHANNELS)
    for i in range(len(store)):
        there = presence(store, i)
        for mirrored in (False, True):
            total += (store.subject(i, c.levels, mirrored) - batches.mean) / batches.sigma * there[:, None, None]
            count += there
    average = (total / np.maximum(count, 1)[:, None, None]).astype(np.float32)
    net.average.copy_(torch.from_numpy(spread_outward(average, store.mask_at(c.levels))))
    used = {level for _, weights in batches.config.schedule for level, weight in enumerate(weights) if weight}
    for level in range(min(used), c.levels):
        net.band[level] = _octave(batches, level)


def _octave(batches: Batches, level: int) -> torch.Tensor:
    """(7,): root mean square of what texels differ from the average of their block of four, enlarged again."""
    energy, weight = torch.zeros(CHANNELS), torch.zeros(CHANNELS)
    for i in range(BATCHES):
        at = _drawable(batches, level)
        batch = batches.at_level(np.random.default_rng([batches.config.seed, i, 1 << 20]), at)
        height, width = (n // 2 * 2 for n in batch.target[level].shape[-2:])
        maps = batch.target[level][..., :height, :width]
        added = maps - F.interpolate(F.avg_pool2d(maps, 2), scale_factor=2, mode="bilinear", align_corners=False)
        inside = batch.mask[level][..., :height, :width].repeat(1, CHANNELS, 1, 1)
        inside = inside * channel_flags(batch.there)
        energy += (added.square() * inside).sum(dim=(0, 2, 3))
        weight += inside.sum(dim=(0, 2, 3))
    found = (energy / weight.clamp(min=1)).sqrt().clamp(min=LEAST)
    found[NORMAL] = found[NORMAL].square().mean().sqrt()
    return found


def _drawable(batches: Batches, level: int) -> int:
    """The level at which a patch fits that reads this one: itself, or a finer one."""
    c = batches.config
    while c.patch > min(c.net.size(level)):
        level -= 1
    return level
