"""What truncation costs and brings: the distance from the data, and how different the faces are, over psi."""

from __future__ import annotations

from torch import Tensor

from gantlitz_blender.runtime.layout import Array

from .bootstrap import DRAWS
from .diversity import pairs, vectors
from .features import TextureFeatures
from .kid_interval import Scale, kid_with_interval

PSIS = (0.0, 0.35, 0.7, 1.0, 1.3)


def truncation_row(
    psi: float, real: Tensor, fake: Tensor, scale: Scale, extractor: TextureFeatures, smalls: Array, mask: Array, draws: int = DRAWS
) -> dict:
    """One psi: ``kid`` (joint, of patches, with interval) and mean ``pairwise`` distance, with tones and without.

    real, fake: (faces, K, F) of ``features_of``; smalls: (faces, 7, 64, 96) of the fakes.
    """
    return {
        "psi": psi,
        "kid": kid_with_interval(real, fake, scale, extractor, draws)["joint"],
        "pairwise": float(pairs(vectors(smalls, mask, toneless=False)).mean()),
        "pairwise_toneless": float(pairs(vectors(smalls, mask, toneless=True)).mean()),
    }
