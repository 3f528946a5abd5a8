"""From the standardised space of the networks to the units of maps."""

from __future__ import annotations

import torch
from torch import Tensor

from .config import channels_of


def physical(maps: Tensor, mean: Tensor, sigma: Tensor, mask: Tensor) -> Tensor:
    """(7, h, w) standardised -> (8, h, w): albedo, unit normal, specular, displacement in mm; mask: (1, h, w).

    Outside the mask: mid grey, a flat normal, 0 mm.
    """
    x = maps * sigma[:, None, None] + mean[:, None, None]
    grey = 0.5 * (1 - mask)
    xy = x[channels_of("normal")] * mask
    xy = xy / xy.square().sum(dim=0).sqrt().div(0.99).clamp(min=1.0)  # a slope beyond 82 degrees has no unit normal
    z = (1 - xy.square().sum(dim=0, keepdim=True)).sqrt()
    albedo, specular = (x[channels_of(name)].clamp(0, 1) * mask + grey for name in ("albedo", "specular"))
    return torch.cat([albedo, xy, z, specular, x[channels_of("displacement")] * mask])
