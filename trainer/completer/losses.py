"""How far an estimate is from the truth, level by level."""

from __future__ import annotations

import torch
from torch import Tensor

from gantlitz_blender.runtime.completion.network import NORMAL, CompletionNet, Estimate
from gantlitz_blender.runtime.model.resample import crop_clamped, upsample2

from .batches import Batch


def reconstruction(net: CompletionNet, estimates: dict[int, Estimate], batch: Batch) -> dict[str, Tensor]:
    """``octave``: mean L1 of what each level adds, in units of how much an octave adds there; ``total``: of the whole estimate of
    maps known at no level, in sigmas; ``slope``: of what an estimated normal has beyond the displacement's slopes.

    Each the mean over the levels. ``octave`` also judges what is added to a map known only at coarser levels.
    """
    octaves, totals, slopes = [], [], []
    whole = max(estimates)
    error = estimates[whole].maps - batch.target[whole]
    totals.append(_mean(error, batch.unknown() * batch.mask[whole]))
    for level in sorted(batch.rects, reverse=True):
        request = batch.rects[level].request
        if level + 1 == whole:  # of the whole face, what each patch reads
            error = torch.stack([crop_clamped(e, r) for e, r in zip(error, batch.starts, strict=True)])
            have = batch.starts[0]
        else:
            have = batch.rects[level + 1].request
        coarser = error
        error = estimates[level].maps - batch.target[level]
        mask, band = batch.mask[level], net.band[level][:, None, None]
        octaves.append(_mean((error - upsample2(coarser, have, request)) / band, batch.missing(level) * mask))
        totals.append(_mean(error, batch.unknown() * mask))
        rest = estimates[level].state[:, NORMAL] / band[NORMAL]
        slopes.append(_mean(rest, batch.unknown()[:, NORMAL] * mask))
    return {name: torch.stack(x).mean() for name, x in (("octave", octaves), ("total", totals), ("slope", slopes))}


def _mean(error: Tensor, weight: Tensor) -> Tensor:
    """Mean magnitude where there is weight; 0 where there is none."""
    weight = weight.expand_as(error)
    return (error.abs() * weight).sum() / weight.sum().clamp(min=1)
