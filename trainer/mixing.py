"""Style mixing: faces of two w's, one for the coarse levels and one for the fine ones."""

from __future__ import annotations

import torch
from torch import Tensor

from .transfer import send


def draw_crossovers(n: int, p: float, used: int, rng: torch.Generator) -> Tensor:
    """(n,) int64: the style level from which each face takes its second w; ``used``, which is none, but with probability p.

    used: how many style levels the face is made of. A crossover is uniform in 1 .. used - 1: both w's have a level at least.
    """
    mixed = torch.rand(n, generator=rng) < p
    at = torch.randint(1, max(used, 2), (n,), generator=rng)
    return torch.where(mixed & (used > 1), at, used)


def mix_styles(first: Tensor, second: Tensor, crossovers: Tensor, styles: int) -> Tensor:
    """first, second (N, w_dim), crossovers (N,) -> (N, styles, w_dim), coarsest first: second from its crossover on."""
    index = torch.arange(styles, device=first.device)[None, :, None]
    return torch.where(index < send(crossovers, first.device)[:, None, None], first[:, None], second[:, None])
