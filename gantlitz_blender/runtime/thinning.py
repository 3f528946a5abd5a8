"""Fewer channels for a level that is only looked at: some are kept, and the others told from them by least squares.

The channels of a level are far from independent: a few of them tell the rest (channel pruning with reconstruction, He et al. 2017).
Which, and how, is measured once on faces of the model; applying it to a face is arithmetic on its folded weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

Weights = tuple[Tensor, Tensor]  # (out, in, kh, kw) and (out,)
STEP = 8  # channels: what a vector unit takes at once
RIDGE = 1e-6  # of the mean variance: keeps the system solvable where channels are copies of each other


@dataclass(frozen=True)
class Kept:
    """The features after an activation, told from some of them: x is near ``mix @ x[channels] + rest``.

    channels: (k,) indices; mix: (C, k); rest: (C,).
    """

    channels: Tensor
    mix: Tensor
    rest: Tensor

    @classmethod
    def measured(cls, features: Tensor, weight: Tensor, unexplained: float) -> Kept:
        """As many channels as leave no more than that share of the variance unexplained, a multiple of ``STEP``.

        features: (samples, C); weight: (C,), how much an error of each channel matters.
        """
        x = features.double()
        mean = x.mean(dim=0)
        covariance = (x - mean).T @ (x - mean) / len(x)
        chosen = _chosen(covariance * torch.outer(weight, weight).double(), unexplained)
        within = covariance[chosen][:, chosen]
        within = within + RIDGE * within.diagonal().mean() * torch.eye(len(chosen), dtype=within.dtype, device=within.device)
        mix = torch.linalg.solve(within, covariance[chosen]).T
        mix[chosen] = torch.eye(len(chosen), dtype=mix.dtype, device=mix.device)
        return cls(chosen, mix.float(), (mean - mix @ mean[chosen]).float())

    def read_by(self, layer: Weights) -> Weights:
        """A layer that reads all the channels -> one that reads those that are kept."""
        weight, bias = layer
        whole = weight.float()
        thin = torch.einsum("oikl,ij->ojkl", whole, self.mix).to(weight.dtype)
        return thin, bias + (whole.sum(dim=(2, 3)) @ self.rest)[: len(bias)].to(bias.dtype)  # a head has rows of zeros

    def made_by(self, layer: Weights) -> Weights:
        """A layer that makes all the channels -> one that makes those that are kept."""
        weight, bias = layer
        return weight[self.channels], bias[self.channels]


@dataclass(frozen=True)
class Thinning:
    """Of one modality at one level. inner: between the level's two convolutions; outer: after the second."""

    inner: Kept
    outer: Kept


def _chosen(covariance: Tensor, unexplained: float) -> Tensor:
    """The channels that explain most of the variance of all, one after the other, each beside those before it."""
    rest, chosen = covariance.clone(), list[int]()
    whole, smallest = float(covariance.diagonal().sum()), 1e-9 * float(covariance.diagonal().max())
    while len(chosen) < len(covariance):
        variance = rest.diagonal()
        if len(chosen) % STEP == 0 and chosen and float(variance.sum()) <= unexplained * whole:
            break
        gain = torch.where(variance > smallest, rest.square().sum(dim=0) / variance.clamp(min=smallest), -1.0)
        gain[chosen] = -2.0
        best = int(gain.argmax())
        chosen.append(best)
        if gain[best] > 0:
            rest = rest - torch.outer(rest[:, best], rest[best]) / rest[best, best]
    return torch.tensor(chosen, device=covariance.device)
