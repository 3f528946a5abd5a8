"""Path-length regularisation: a step in w of a given length should change the picture by a given amount (Karras et al. 2020)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from .distributed import Ranks

DECAY = 0.01  # of the moving average of lengths, as in StyleGAN2


def path_lengths(pictures: Tensor, noise: Tensor, w: Tensor, used: int, ranks: Ranks) -> Tensor:
    """(N,): the length of the gradient of sum(pictures * noise) by w, the sum being over all processes; differentiable once more.

    pictures: any shape, made from the first ``used`` of the style levels of w (N, L, w_dim); noise: of that shape, sigma
    1 / sqrt(texels of one w in all processes), which share their w's. The root of the mean over those levels of the gradient's
    squared norm, as in StyleGAN2.
    """
    (gradient,) = torch.autograd.grad((pictures * noise).sum(), w, create_graph=True)
    square = ranks.summed(gradient)[:, :used].square().sum(dim=2).mean(dim=1)
    return (square + 1e-8).sqrt()  # a generator whose heads are still 0 has length 0, where a root has no slope


@dataclass
class PathLength:
    """The moving averages that lengths are held to, one for each level and set of modalities.

    A patch of a coarse level holds more of the face, and a picture of more channels is longer.
    """

    means: dict[str, Tensor | float] = field(default_factory=dict)  # in double precision, on the device: never waited for

    def penalty(self, lengths: Tensor, level: int, modalities: tuple[str, ...]) -> Tensor:
        """Mean squared distance of lengths (N,) from the average of their kind, which first moves towards their mean."""
        kind = f"{level}: {', '.join(modalities)}"
        mean, before = lengths.detach().mean().double(), self.means.get(kind, 0.0)
        self.means[kind] = before + DECAY * (mean - before)
        return (lengths - self.means[kind]).square().mean()

    def to_dict(self) -> dict[str, float]:
        """What a resumed run goes on with, as JSON holds it exactly."""
        return {kind: float(mean) for kind, mean in self.means.items()}

    def from_dict(self, state: dict[str, Any]) -> None:
        """The inverse of ``to_dict``; averages of an older version, which did not know of modalities, begin anew."""
        self.means = {kind: float(mean) for kind, mean in state.items() if ": " in kind}
