"""The first stage: which codes. The noise stays that of the seed 0: let free here, it explains what the codes should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..model.generator import Generator, NoiseSource
from ..model.rects import Rect
from .likeness import scales_of, unlikeness
from .prior import CodePrior
from .target import Target

COARSE, FINE = 2, 4  # octaves compared at the coarse level and the fine one
Heard = Callable[[float, Tensor], None]  # the share that is done, and the codes so far


@dataclass(frozen=True)
class CodesPlan:
    """alone: steps for one w, one level coarser than the rest; together: steps for a w for each style level.

    near_mean, near_one: weights of what keeps w near the learned distribution, and the w's of one face near each other.
    """

    alone: int = 40
    together: int = 30
    rate: float = 0.1
    near_mean: float = 0.02
    near_one: float = 0.05


def fit_codes(generator: Generator, target: Target, noise: NoiseSource, level: int, plan: CodesPlan, heard: Heard) -> Tensor:
    """-> (config.styles, w_dim): the codes that make the known maps of ``level``, seen whole."""
    config = generator.config
    prior = CodePrior(generator)
    v = torch.zeros(1, config.w_dim, device=generator.w_avg.device, requires_grad=True)
    apart = torch.zeros(config.styles, config.w_dim, device=v.device, requires_grad=True)
    steps = plan.alone + plan.together
    coarse = _Whole(generator, target, min(level + 1, config.levels), COARSE)
    optimiser = torch.optim.Adam([v], plan.rate, betas=(0.9, 0.99))
    for step in range(plan.alone):
        optimiser.zero_grad()
        loss = coarse.unlikeness(prior.w(v), noise) + plan.near_mean * v.square().mean()
        loss.backward()
        optimiser.step()
        heard((step + 1) / steps, prior.w(v).detach().expand(config.styles, -1))
    fine = _Whole(generator, target, level, FINE)
    optimiser = torch.optim.Adam([v, apart], plan.rate / 2, betas=(0.9, 0.99))
    for step in range(plan.together):
        optimiser.zero_grad()
        loss = fine.unlikeness(prior.w(v + apart)[None], noise)
        loss = loss + plan.near_mean * v.square().mean() + plan.near_one * apart.square().mean()
        loss.backward()
        optimiser.step()
        heard((plan.alone + step + 1) / steps, prior.w(v + apart).detach())
    return prior.w(v + apart).detach()


class _Whole:
    """The whole face at one level, beside its target."""

    def __init__(self, generator: Generator, target: Target, level: int, octaves: int):
        self.generator, self.level = generator, level
        self.rect = Rect(0, 0, *generator.config.size(level))
        self.weight = target.weight(level, self.rect)
        self.maps = target.maps(level, self.rect)
        self.scales = {name: scales_of(x, octaves) for name, x in self.maps.items()}
        self.counts = {name: target.weights[name] for name in self.maps}

    def unlikeness(self, w: Tensor, noise: NoiseSource) -> Tensor:
        found = self.generator(w, self.level, [self.rect], noise, list(self.maps))
        parts = [
            unlikeness(found[name] * self.weight, x, self.scales[name]) * self.counts[name] for name, x in self.maps.items()
        ]
        return torch.stack(parts).sum() / sum(self.counts.values())
