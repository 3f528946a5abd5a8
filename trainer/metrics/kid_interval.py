"""KID with a bootstrap interval: patch_kid's distance, from kernels that are worked out once and resampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics.image.kid import poly_kernel

from .bootstrap import two_sample_interval
from .features import TextureFeatures
from .patch_kid import CLIP, PARTS


@dataclass(frozen=True)
class Scale:
    """What the features are measured in: mean and deviation of each over reference faces and places."""

    mean: Tensor
    spread: Tensor

    @classmethod
    def of(cls, features: Tensor) -> Scale:
        """features: (faces, K, F)."""
        return cls(features.mean(dim=(0, 1)), features.std(dim=(0, 1)) + 1e-6)

    def __call__(self, features: Tensor) -> Tensor:
        return CLIP * torch.tanh((features - self.mean) / self.spread / CLIP)


def kid_with_interval(a: Tensor, b: Tensor, scale: Scale, extractor: TextureFeatures, draws: int) -> dict[str, dict]:
    """{part of PARTS: value and interval} of the distance between two sets of faces, (n, K, F) and (m, K, F) of ``features_of``.

    The estimator and the kernel of ``patch_kid``, of all faces (no subsets). The mean over places of the distance is the
    distance of the mean kernel, so that faces can be resampled cheaply. A face that is drawn twice is never compared with
    itself: that would bias the distance upward.
    """
    x, y = scale(a).double(), scale(b).double()
    out = {}
    for part in PARTS:
        columns = extractor.columns(part)
        xs, ys = (t[:, :, columns].transpose(0, 1) for t in (x, y))
        k_xx, k_yy, k_xy = (
            sum(poly_kernel(p, q) for p, q in zip(left, right, strict=True)).numpy() / len(left)  # type: ignore[union-attr]
            for left, right in ((xs, xs), (ys, ys), (xs, ys))
        )

        def distance(
            i: NDArray[np.int64], j: NDArray[np.int64], xx: NDArray = k_xx, yy: NDArray = k_yy, xy: NDArray = k_xy
        ) -> float:
            return _within(xx, i) + _within(yy, j) - 2 * float(xy[np.ix_(i, j)].mean())

        everyone = np.arange(len(a)), np.arange(len(b))
        out[part] = {"value": distance(*everyone), "interval": two_sample_interval(distance, len(a), len(b), draws)}
    return out


def _within(kernel: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
    """Mean of the kernel over all pairs of different faces."""
    others = rows[:, None] != rows[None, :]
    return float(kernel[np.ix_(rows, rows)][others].mean())
