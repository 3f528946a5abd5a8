"""One table of training presets. Every field can be set from the command line."""

from __future__ import annotations

from dataclasses import dataclass

from gantlitz_blender.runtime.model.config import PLANS, ModelConfig


@dataclass(frozen=True)
class TrainConfig:
    """A run: what is trained, on which patches, for how long.

    patch: side in texels at every level. subjects, places: a batch is ``subjects`` w's at ``places`` shared places.
    schedule: (until this share of the run, probability of levels 0, 1, 2, ...): coarse levels first.
    filter_p: constant probability of the mid-band filter (paper: 0.85). r1_gamma: of standardised 64-texel patches.
    """

    model: ModelConfig
    steps: int = 1500
    patch: int = 64
    subjects: int = 4
    places: int = 4
    schedule: tuple[tuple[float, tuple[float, ...]], ...] = (
        (0.2, (0.0, 0.0, 0.3, 0.4, 0.3)),
        (0.45, (0.0, 0.4, 0.3, 0.2, 0.1)),
        (1.0, (0.4, 0.3, 0.15, 0.1, 0.05)),
    )
    lr_g: float = 0.002
    lr_d: float = 0.002
    canvas_lr: float = 0.1  # times lr_g
    r1_gamma: float = 0.5
    r1_every: int = 8
    ema: float = 0.997
    filter_p: float = 0.85
    all_modalities_p: float = 0.5  # else one of the pairs of ``patches.PAIRS``
    d_channels: tuple[int, ...] = (32, 64, 96, 128, 128)
    seed: int = 0
    snapshot_every: int = 100


PRESETS = {
    "XS": TrainConfig(PLANS["XS"]),
    "S": TrainConfig(PLANS["S"], steps=50_000, patch=256, d_channels=(64, 128, 256, 512, 512, 512, 512), r1_gamma=2.0),
    "L": TrainConfig(
        PLANS["L"], steps=100_000, patch=512, d_channels=(64, 128, 256, 512, 512, 512, 512, 512), r1_gamma=8.0
    ),
}
