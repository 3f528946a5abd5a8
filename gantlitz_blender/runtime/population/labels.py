"""The labels of faces, from their latents: what directions.py moves along, read the other way.

A label is l = g . (w - w_avg), in standard deviations over the model's faces. A model keeps C G^T alone (``spread``), so G is found
with the covariance C of many of its latents. What is no label's is left out of g: C is nearly singular.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..face_model import FaceModel
from ..recipe import Recipe

SAMPLES = 4096  # latents that C is estimated from
SMALLEST_EIGENVALUE = 1e-4  # of C, relative to the largest: what varies less is no measure of anything


class Labels:
    """Reads labels. names: the model's, in their order."""

    def __init__(self, model: FaceModel):
        self.names = model.directions.labels
        self._mean = latents(model, [0], 0.0)[0]
        sampled = latents(model, range(SAMPLES), 1.0).double() - self._mean.double()
        covariance = sampled.T @ sampled / SAMPLES
        inverse = torch.linalg.pinv(covariance, rtol=SMALLEST_EIGENVALUE, hermitian=True)
        self._rows = (inverse @ model.directions.spread.double()).float()

    def of(self, w: Tensor) -> Tensor:
        """(N, L) labels of latents (N, w_dim), in standard deviations of faces without truncation."""
        return (w - self._mean) @ self._rows


def latents(model: FaceModel, seeds: range | list[int], psi: float) -> Tensor:
    """(N, w_dim) of seeds, truncated, on the CPU."""
    return torch.cat([model.w(Recipe(seed, psi)).cpu() for seed in seeds])
