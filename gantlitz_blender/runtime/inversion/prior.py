"""How likely a w is: the mapping's own distribution, whitened."""

from __future__ import annotations

import torch
from torch import Tensor

from ..model.generator import Generator

SAMPLES = 8192
LEAST = 0.02  # of the largest deviation: directions in which the mapping hardly moves are not stretched without end


class CodePrior:
    """w = mean + v @ spread: v is about standard normal for the w's that the mapping makes, as in the P-space of Zhu et al.
    ("Improved StyleGAN Embedding", 2020), so that a step of one length is equally likely in all directions.
    """

    @torch.no_grad()
    def __init__(self, generator: Generator):
        rng = torch.Generator().manual_seed(0)
        z = torch.randn(SAMPLES, generator.config.z_dim, generator=rng).to(generator.w_avg.device)
        w = generator.mapping(z)
        self.mean = w.mean(dim=0)
        variance, directions = torch.linalg.eigh(torch.cov(w.T))
        deviation = variance.clamp(min=0).sqrt()
        self.spread = deviation.clamp(min=LEAST * float(deviation.max()))[:, None] * directions.T

    def w(self, v: Tensor) -> Tensor:
        """(..., w_dim) -> (..., w_dim)."""
        return self.mean + v @ self.spread
