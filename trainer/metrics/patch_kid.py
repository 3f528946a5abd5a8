"""Kernel inception distance of patches, place by place: are the fakes of a place what the reals of that place are?"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torchmetrics.image.kid import KernelInceptionDistance

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import MODALITIES
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.synthesis import Synthesis

from ..store import Store
from .features import TextureFeatures

PARTS = ("joint", "agreement", *(m.name for m in MODALITIES))
STORED = [0, 1, 2, 3, 4, 6, 7]  # of the eight channels that synthesis gives: a store holds no normal's z
CLIP = 4.0  # standard deviations beyond which a feature says no more: the cubic kernel would hear nothing else


def grid_places(mask: np.ndarray, side: int, least: float = 0.9) -> list[Rect]:
    """Squares side by side over a mask (H, W), centred; those of which at least this share lies inside."""
    height, width = mask.shape
    tops = range(height % side // 2, height - side + 1, side)
    lefts = range(width % side // 2, width - side + 1, side)
    squares = [Rect(t, x, t + side, x + side) for t in tops for x in lefts]
    found = [r for r in squares if mask[r.top : r.bottom, r.left : r.right].mean() >= least]
    if not found:
        raise GantlitzError(f"No patch of {side} texels lies inside the face.", "Choose a smaller patch.", "bad-request")
    return found


def store_patches(store: Store, level: int, places: list[Rect]) -> Iterator[np.ndarray]:
    """(K, 7, P, P) of each subject at all places, every other one as its mirror image: training sees both."""
    for i in range(len(store)):
        yield np.stack([store.read(i, level, place, mirrored=i % 2 == 1) for place in places])


@torch.no_grad()
def sampled_patches(generator: Generator, level: int, places: list[Rect], seeds: Iterable[int]) -> Iterator[np.ndarray]:
    """(K, 7, P, P) of each seed's face at all places, without truncation, each with pores of its own."""
    around = Rect(*(min(p[i] for p in places) for i in (0, 1)), *(max(p[i] for p in places) for i in (2, 3)))
    for seed in seeds:
        z = np.random.RandomState(seed).standard_normal((1, generator.config.z_dim))  # as ``FaceModel`` draws it
        w = generator.mapping(torch.from_numpy(z).float())
        maps = Synthesis(generator, w, HashNoise(seed), torch.float32, level).maps(around).numpy()
        planes = maps[STORED]
        yield np.stack([planes[:, *around.slices_of(place)] for place in places])


def features_of(patches: Iterable[np.ndarray], extractor: TextureFeatures, mean: np.ndarray, sigma: np.ndarray) -> Tensor:
    """(subjects, K, F) of standardised patches; mean, sigma: of the seven channels (``statistics.normalisation``)."""
    shift, scale = (x.astype(np.float32)[:, None, None] for x in (mean, sigma))
    return torch.stack([extractor(torch.from_numpy((patch - shift) / scale)) for patch in patches])


def patch_kid(real: Tensor, fake: Tensor, extractor: TextureFeatures, subset: int | None = None) -> dict[str, float]:
    """KID for each of PARTS: 0 (or a little below: the estimator is unbiased) where both are alike.

    real, fake: (subjects, K, F) of ``features_of``. Every feature is standardised by the reals and clipped softly. At each
    place the squared maximum mean discrepancy with a cubic kernel (Binkowski et al. 2018), of ``subset`` subjects of either
    (all of the fewer); then the mean over places. A place is never compared with another.
    """
    mean, spread = real.mean(dim=(0, 1)), real.std(dim=(0, 1)) + 1e-6
    real, fake = (CLIP * torch.tanh((x - mean) / spread / CLIP) for x in (real, fake))
    subset = subset or min(len(real), len(fake))
    out = {}
    for part in PARTS:
        columns = extractor.columns(part)
        values = [_kid(real[:, k][:, columns], fake[:, k][:, columns], subset) for k in range(real.shape[1])]
        out[part] = float(np.mean(values))
    return out


def _kid(real: Tensor, fake: Tensor, subset: int) -> float:
    with warnings.catch_warnings(), torch.random.fork_rng():
        warnings.simplefilter("ignore")  # it warns of the memory that features of millions of pictures would take
        torch.manual_seed(0)  # of its subsets
        metric = KernelInceptionDistance(feature=nn.Identity(), subsets=1, subset_size=subset)
        metric.update(real, real=True)
        metric.update(fake, real=False)
        return float(metric.compute()[0])
