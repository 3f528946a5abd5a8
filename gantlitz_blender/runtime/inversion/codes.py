"""The first stage: which codes, with the coarse noise along with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..model.generator import Generator
from ..model.rects import Rect
from .likeness import colour_of, scales_of, unlikeness
from .prior import CodePrior
from .target import Target
from .variables import NoiseVariables, layers_of

COARSE, FINE = 2, 4  # octaves compared at the coarse level and the fine one
Heard = Callable[[float, Tensor], None]  # the share that is done, and the codes so far


@dataclass(frozen=True)
class CodesPlan:
    """alone: steps for one w, one level coarser; together: steps for a w a style level and the coarse noise.

    near_mean, near_one, white: weights of what keeps w near the learned distribution, the styles' w's near each other, and the
    noise white.
    """

    alone: int = 60
    together: int = 60
    rate: float = 0.1
    near_mean: float = 0.02
    near_one: float = 0.05
    white: float = 0.3
    free: bool = True


def fit_codes(generator: Generator, target: Target, noise: NoiseVariables, level: int, plan: CodesPlan, heard: Heard) -> Tensor:
    """-> (config.styles, w_dim): the codes that make the known maps at ``level``, whole. Changes the coarse layers of ``noise``."""
    config = generator.config
    prior = CodePrior(generator)
    v = torch.zeros(1, config.w_dim, device=generator.w_avg.device, requires_grad=True)
    apart = torch.zeros(config.styles, config.w_dim, device=v.device, requires_grad=True)
    steps = plan.alone + plan.together
    noise.unlock([])
    coarse = _Whole(generator, target, min(level + 1, config.levels), COARSE)
    optimiser = torch.optim.Adam([v], plan.rate, betas=(0.9, 0.99))
    for step in range(plan.alone):
        optimiser.zero_grad()
        loss = coarse.unlikeness(prior.w(v), noise) + plan.near_mean * v.square().mean()
        loss.backward()
        optimiser.step()
        heard((step + 1) / steps, prior.w(v).detach().expand(config.styles, -1))
    values = noise.unlock([layer for lv in range(level, config.levels) for layer in layers_of(lv)] if plan.free else [])
    fine = _Whole(generator, target, level, FINE)
    optimiser = torch.optim.Adam([{"params": [v, apart], "lr": plan.rate / 2}] + [{"params": x} for x in values], plan.rate, betas=(0.9, 0.99))
    for step in range(plan.together):
        optimiser.zero_grad()
        loss = fine.unlikeness(prior.w(v + apart)[None], noise)
        loss = loss + plan.near_mean * v.square().mean() + plan.near_one * apart.square().mean()
        loss.backward()
        noise.gather()
        whiten(values, plan.white)
        optimiser.step()
        noise.bound()
        heard((plan.alone + step + 1) / steps, prior.w(v + apart).detach())
    return prior.w(v + apart).detach()


def whiten(values: list[Tensor], weight: float) -> None:
    """Add to the gradients of noise those of its distance from white noise."""
    for value in values:
        leaf = value.detach().requires_grad_(True)
        away = colour_of(leaf) * weight
        if away.requires_grad:
            away.backward()
            assert leaf.grad is not None
            value.grad = leaf.grad if value.grad is None else value.grad.add_(leaf.grad)


class _Whole:
    """The whole face at one level, beside its target."""

    def __init__(self, generator: Generator, target: Target, level: int, octaves: int):
        self.generator, self.target, self.level = generator, target, level
        self.rect = Rect(0, 0, *generator.config.size(level))
        self.weight = target.weight(level, self.rect)
        self.maps = target.maps(level, self.rect)
        self.scales = {name: scales_of(x, octaves) for name, x in self.maps.items()}

    def unlikeness(self, w: Tensor, noise: NoiseVariables) -> Tensor:
        found = self.generator(w, self.level, [self.rect], noise, list(self.maps))
        parts = [
            unlikeness(found[name] * self.weight, self.maps[name], self.scales[name]) * self.target.weights[name] for name in self.maps
        ]
        return torch.stack(parts).sum() / sum(self.target.weights[name] for name in self.maps)
