"""The adversarial objective, and what tells how it goes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from gantlitz_blender.runtime.model.config import channels_of
from gantlitz_blender.runtime.octaves import octaves_of

Judge = Callable[[Tensor, Tensor, Tensor], Tensor]  # (image, present, box) as of ``Discriminator`` -> logits


def generator_loss(fake_logits: Tensor) -> Tensor:
    """Non-saturating logistic loss (Goodfellow et al. 2014)."""
    return F.softplus(-fake_logits).mean()


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Logistic loss; 2 log 2 = 1.386 where the discriminator knows nothing."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def r1_penalty(discriminator: Judge, real: Tensor, present: Tensor, box: Tensor) -> Tensor:
    """Squared gradient norm at real patches, with respect to the image alone (Mescheder et al. 2018).

    Sum over texels and channels, mean over patches; times gamma / 2 (``TrainConfig.gamma``) and the steps between two of them.
    """
    real = real.detach().requires_grad_(True)
    logits = discriminator(real, present, box)
    (gradient,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()


def band_statistics_loss(fake: Tensor, real: Tensor, group: int, bands: int = 3) -> Tensor:
    """How far the statistics of the finest octaves are apart, group by group.

    fake, real: (groups * group, 7, P, P), patches of one group adjacent: those of a place, or one person's alone. In each
    octave (a picture minus its x2 down- and upsampled self) and in each group, over texels and patches: mean absolute
    difference of the logarithms of the mean magnitudes plus that of the 7 x 7 correlations. It asks for the right strength of
    detail, where it belongs and agreeing across the maps; what the detail looks like is left to the discriminator. Mean
    magnitudes rather than standard deviations: edges of lids and lips are few and strong, and squared they would be asked of
    the noise around them. Not in the paper.
    """
    loss = fake.new_zeros(())
    for octave in zip(octaves_of(fake, bands)[:-1], octaves_of(real, bands)[:-1], strict=True):
        pairs = []
        for band in octave:
            flat = band.view(-1, group, *band.shape[1:]).transpose(1, 2).flatten(2)
            covariance = flat @ flat.transpose(1, 2) / flat.shape[2]
            sd = (covariance.diagonal(dim1=1, dim2=2) + 1e-6).sqrt()
            pairs.append(((flat.abs().mean(dim=2) + 1e-3).log(), covariance / (sd[:, :, None] * sd[:, None, :])))
        (fake_size, fake_corr), (real_size, real_corr) = pairs
        loss = loss + (fake_size - real_size).abs().mean() + (fake_corr - real_corr).abs().mean()
    return loss / bands


def likeness_loss(fake: Tensor, real: Tensor, bands: int = 3) -> Tensor:
    """How far patches are from those of the people that their w's stand for; (N, 7, P, P) each.

    One less the correlation in each of the finest octaves, and the mean absolute difference of what is left below them. The
    correlation's gradient does not pass through the strength of the part of a fake octave that is unlike the person: noise, which
    is like nobody, would be pressed down by it. So what follows from the person is learnt, and how strong the rest is stays with
    ``band_statistics_loss``. Where a real channel is flat (absent, or outside the face) its octave costs nothing. Not in the paper.
    """
    *made, low = octaves_of(fake, bands)
    *there, low_real = octaves_of(real, bands)
    loss = (low - low_real).abs().mean()
    for a, b in zip(made, there, strict=True):
        product, strength = (a * b).mean(dim=(2, 3)), b.square().mean(dim=(2, 3))
        alike = product.square() / (strength + 1e-8)
        other = (a.square().mean(dim=(2, 3)) - alike).clamp_min(0).detach()
        correlation = product / ((other + alike) * strength + 1e-12).sqrt()
        loss = loss + ((1 - correlation) * (strength > 0)).mean() / bands
    return loss


def spreads(fake: Tensor, real: Tensor, modalities: tuple[str, ...]) -> dict[str, Tensor]:
    """``spread_NAME`` of each modality: the standard deviation of fake patches (N, 7, P, P) over that of real ones; for the log.

    1 where they vary alike; near 0 where the generator makes one thing of everything.
    """
    found = {}
    for name in modalities:
        channels = channels_of(name)
        made, there = (image[:, channels].std() + 1e-6 for image in (fake, real))  # 1 where no subject of the batch has it
        found[f"spread_{name}"] = made / there
    return found
