"""A picture taken apart into octaves of detail."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def octaves_of(x: Tensor, octaves: int) -> list[Tensor]:
    """(N, C, h, w) -> its octaves, finest first, and last what is left; fewer where it cannot be halved so often.

    An octave is a picture less its area average at half the size, enlarged again (a Laplacian pyramid: Burt and Adelson 1983).
    """
    found = []
    for _ in range(octaves):
        if min(x.shape[-2:]) < 2:
            break
        coarse = F.avg_pool2d(x, 2)
        found.append(x - F.interpolate(coarse, size=x.shape[-2:], mode="bilinear", align_corners=False))
        x = coarse
    return [*found, x]
