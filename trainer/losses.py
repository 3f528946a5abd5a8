"""The adversarial objective."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .discriminator import Discriminator


def generator_loss(fake_logits: Tensor) -> Tensor:
    """Non-saturating logistic loss (Goodfellow et al. 2014)."""
    return F.softplus(-fake_logits).mean()


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Logistic loss; 2 log 2 = 1.386 where the discriminator knows nothing."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def r1_penalty(discriminator: Discriminator, real: Tensor, present: Tensor, box: Tensor) -> Tensor:
    """Squared gradient norm at real patches, with respect to the image alone (Mescheder et al. 2018)."""
    real = real.detach().requires_grad_(True)
    logits = discriminator(real, present, box)
    (gradient,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()
