"""The mid-band filter: random bands of frequencies are weakened or strengthened."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..transfer import send


def band_gain(size: int, centre: Tensor, gain: Tensor, device: torch.device) -> Tensor:
    """The mid-band filter's gain on the half spectrum of a size x size patch: (N, size, size // 2 + 1).

    1 + (g - 1) exp(-(log2 f - c)^2 / (2 * 0.6^2)), f in cycles a patch; 1 at zero frequency, so that the mean is kept.
    """
    fy = torch.fft.fftfreq(size, 1 / size, device=device)[:, None]
    fx = torch.fft.rfftfreq(size, 1 / size, device=device)[None, :]
    f = (fy.square() + fx.square()).sqrt()
    octave = f.clamp(min=1e-6).log2()[None]
    bell = torch.exp(-(octave - centre[:, None, None]).square() / (2 * 0.6**2))
    return torch.where(f[None] > 0, 1 + (gain[:, None, None] - 1) * bell, torch.ones_like(bell))


def band_filter(images: Tensor, p: float, rngs: Sequence[torch.Generator]) -> Tensor:
    """Each patch of (N, C, P, P), with probability p, loses or gains a random band of frequencies; p = 0 draws nothing.

    The discriminator must then look at all frequencies (GANtlitz: p = 0.85, constant; an adaptive rate loses wrinkles). The gain is
    uniform in (0, 1.5) and p below 1, so that no frequency is ever hidden on average: it cannot leak into the generator.
    rngs: one for each of N's equal shares, such as the patches of a place, in order.
    """
    if not p:
        return images
    n, size = len(images), images.shape[-1]
    on, centre, gain = send(torch.cat([torch.rand(3, n // len(rngs), generator=rng) for rng in rngs], dim=1), images.device)
    octaves = torch.tensor(size / 2).log2().item()
    gain = torch.where(on < p, gain * 1.5, torch.ones_like(gain))
    spectrum = torch.fft.rfft2(images)
    spectrum = spectrum * band_gain(size, centre * octaves, gain, images.device)[:, None]
    return torch.fft.irfft2(spectrum, s=(size, size))
