"""What a patch looks like, in numbers: texture statistics that need no network and no download."""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gantlitz_blender.runtime.model.config import MODALITIES, channels_of
from gantlitz_blender.runtime.octaves import octaves_of

CHANNELS = sum(m.channels for m in MODALITIES)
GRID = 4  # cells a side at which a patch is blurred for its tones and coarse shapes
COARSEST = 8  # side in texels at which the pyramid ends


class TextureFeatures(nn.Module):
    """Patches (N, 7, P, P), standardised -> (N, F): a descriptor without learnt weights, the same everywhere.

    After the texture statistics of Portilla & Simoncelli 2000, on a Laplacian pyramid (Burt & Adelson 1983) that ends at 8
    texels: tones on a grid of 4 x 4; of every band and channel the logarithm of its gradients' energy across and down in each
    quarter of the patch, its skewness and its kurtosis, how far its magnitude agrees with the next coarser band's, and how
    far it is correlated with every other channel's. ``columns`` tells which of them belong to a modality.
    """

    def __init__(self, side: int):
        super().__init__()
        self.side = side
        self.bands = max(1, (side // COARSEST).bit_length() - 1)
        per_channel = GRID**2 + self.bands * (2 * 4 + 2) + (self.bands - 1)
        self._owner = torch.cat(
            [
                torch.arange(CHANNELS).repeat_interleave(per_channel),
                torch.full((self.bands * len(PAIRS_OF_CHANNELS),), -1),
            ]
        )

    def columns(self, name: str) -> Tensor:
        """Indices of the features of one modality, of ``agreement`` (between channels), or of all (``joint``)."""
        if name == "joint":
            return torch.arange(len(self._owner))
        if name == "agreement":
            return (self._owner < 0).nonzero().flatten()
        channels = channels_of(name)
        return ((self._owner >= channels.start) & (self._owner < channels.stop)).nonzero().flatten()

    @torch.no_grad()
    def forward(self, image: Tensor) -> Tensor:
        single, joint = [F.adaptive_avg_pool2d(image, GRID).flatten(2)], []
        coarser = None
        for band in reversed(octaves_of(image, self.bands)[:-1]):
            single += [_energies(band), _moments(band)]
            magnitude = band.abs()
            if coarser is not None:
                single.append(_correlation(magnitude, F.interpolate(coarser, scale_factor=2, mode="bilinear"))[..., None])
            coarser = magnitude
            a, b = PAIRS_OF_CHANNELS.T
            joint.append(_correlation(band[:, a], band[:, b]))
        return torch.cat([torch.cat(single, dim=2).flatten(1), *joint], dim=1)


PAIRS_OF_CHANNELS = torch.tensor(list(combinations(range(CHANNELS), 2)))


def _energies(band: Tensor) -> Tensor:
    """(N, C, 8): log of the mean square of the differences across and down, in each quarter of the patch."""
    parts = []
    for difference in (band.diff(dim=3), band.diff(dim=2)):
        parts.append((F.adaptive_avg_pool2d(difference.square(), 2) + 1e-6).log().flatten(2))
    return torch.cat(parts, dim=2)


def _moments(band: Tensor) -> Tensor:
    """(N, C, 2): skewness, and the logarithm of kurtosis."""
    centred = band - band.mean(dim=(2, 3), keepdim=True)
    variance = centred.square().mean(dim=(2, 3)) + 1e-6
    skewness = centred.pow(3).mean(dim=(2, 3)) / variance**1.5
    kurtosis = centred.pow(4).mean(dim=(2, 3)) / variance**2
    return torch.stack([skewness, (kurtosis + 0.1).log()], dim=2)


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    """(N, C): Pearson's, of each pair of planes."""
    a, b = (x - x.mean(dim=(2, 3), keepdim=True) for x in (a, b))
    covariance, va, vb = ((x * y).mean(dim=(2, 3)) for x, y in ((a, b), (a, a), (b, b)))
    return covariance / ((va + 1e-6) * (vb + 1e-6)).sqrt()
