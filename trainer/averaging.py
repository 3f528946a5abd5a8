"""How slowly the averaged generator follows the one that learns."""

from __future__ import annotations


def ema_decay(images: int, batch: int, half_life_kimg: float, rampup: float) -> float:
    """What the average keeps of itself in a step of ``batch`` patches, after ``images`` of them (StyleGAN2-ADA's rule).

    0.5 ** (batch / half-life), the half-life being ``half_life_kimg`` thousand patches, but no more than ``rampup`` times those
    seen so far: the first networks are forgotten at once. rampup 0: no ramp.
    """
    half_life = 1000 * half_life_kimg
    if rampup:
        half_life = min(half_life, rampup * images)
    return 0.5 ** (batch / half_life) if half_life else 0.0
