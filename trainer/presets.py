"""One table of training presets. Every field can be set from the command line."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import PLANS, ModelConfig

AUGMENT = ("none", "fixed", "adaptive")
FILTER = ("off", "constant", "adaptive")


@dataclass(frozen=True)
class TrainConfig:
    """A run: what is trained, on which patches, for how long.

    patch: side in texels at every level. subjects, places: a batch is ``subjects`` w's at ``places`` shared places.
    schedule: (until this share of the run, probability of levels 0, 1, 2, ...): coarse levels first.
    augment: rate of the geometric transforms: ``none``, ``fixed`` at augment_p, or ``adaptive`` (``adaptive.AdaptiveRate``).
    filter: rate of the mid-band filter: ``off``, ``constant`` at filter_p (paper: 0.85) or ``adaptive``, the same one.
    r1_gamma: of standardised 64-texel patches.
    """

    model: ModelConfig
    steps: int = 3600
    patch: int = 64
    subjects: int = 4
    places: int = 4
    schedule: tuple[tuple[float, tuple[float, ...]], ...] = (
        (0.1, (0.0, 0.0, 0.5, 0.3, 0.2)),
        (0.3, (0.0, 0.4, 0.35, 0.2, 0.05)),
        (1.0, (0.25, 0.2, 0.2, 0.2, 0.15)),
    )
    lr_g: float = 0.002
    lr_d: float = 0.002
    canvas_lr: float = 0.1  # of canvas and noise maps, times lr_g; 0 keeps them as fitted, which saves a tenth of a step
    r1_gamma: float = 0.5
    r1_every: int = 8
    ema: float = 0.997
    augment: str = "none"
    augment_p: float = 0.5
    augment_target: float = 0.6
    augment_adjust_kimg: float = 500.0
    augment_cap: float = 0.85  # above it transforms begin to leak into what is generated
    filter: str = "constant"
    filter_p: float = 0.85
    band_loss: float = 0.0  # weight of ``losses.band_statistics_loss``; not in the paper
    anchor_loss: float = 0.0  # weight of ``losses.anchor_loss``; not in the paper
    all_modalities_p: float = 0.5  # else one of the pairs of ``patches.PAIRS``
    d_channels: tuple[int, ...] = (32, 64, 96, 128, 128)
    seed: int = 0
    snapshot_every: int = 100

    def __post_init__(self) -> None:
        for field, choices in (("augment", AUGMENT), ("filter", FILTER)):
            if getattr(self, field) not in choices:
                raise GantlitzError(f"{field} cannot be {getattr(self, field)!r}.", f"Choose one of {', '.join(choices)}.")
        for field in ("augment_p", "augment_cap", "filter_p"):
            if not 0 <= getattr(self, field) <= 1:
                raise GantlitzError(f"{field} cannot be {getattr(self, field)}.", "It is a probability: choose 0 to 1.")
        if self.augment_adjust_kimg <= 0:
            raise GantlitzError(
                f"augment_adjust_kimg cannot be {self.augment_adjust_kimg}.", "It counts thousands of patches: choose above 0."
            )
        for _, weights in self.schedule:
            for level, weight in enumerate(weights):
                if weight and self.patch > min(self.model.size(level)):
                    raise GantlitzError(
                        f"A patch of {self.patch} texels is larger than level {level} of the canvas ({self.model.size(level)}).",
                        "Choose a smaller patch, or a schedule without that level.",
                    )


# Patches of 512 texels fit level 3 and finer.
FINE = ((0.1, (0.0, 0.0, 0.5, 0.5)), (0.3, (0.0, 0.4, 0.4, 0.2)), (1.0, (0.4, 0.2, 0.2, 0.2)))

PRESETS = {
    "XS": TrainConfig(PLANS["XS"], band_loss=1.0, anchor_loss=4.0, canvas_lr=0.0),
    "S": TrainConfig(
        PLANS["S"], steps=50_000, patch=256, d_channels=(64, 128, 256, 512, 512, 512, 512), r1_gamma=2.0, augment="adaptive"
    ),
    "L": TrainConfig(
        PLANS["L"],
        steps=100_000,
        patch=512,
        d_channels=(64, 128, 256, 512, 512, 512, 512, 512),
        r1_gamma=8.0,
        augment="adaptive",
        schedule=FINE,
    ),
}


def configured(preset: str, settings: list[str]) -> TrainConfig:
    """A preset with ``field=value`` settings; values are JSON. Fields of the model are named ``model.field``.

    Raises GantlitzError for an unknown preset or field, or a value of the wrong kind.
    """
    if preset not in PRESETS:
        raise GantlitzError(f"There is no preset {preset!r}.", f"Choose one of {', '.join(PRESETS)}.")
    config = PRESETS[preset]
    changes: dict[str, Any]
    for setting in settings:
        name, _, text = setting.partition("=")
        owner, field = (config.model, name[6:]) if name.startswith("model.") else (config, name)
        if field not in {f.name for f in dataclasses.fields(owner)} or field == "model":
            raise GantlitzError(f"--set {setting}: there is no field {name!r}.", "See trainer/presets.py for the fields.")
        try:
            value = _tuples(json.loads(text))
        except ValueError:
            raise GantlitzError(f"--set {setting}: {text!r} is not JSON.", "Write for instance --set lr_g=0.001.") from None
        if not isinstance(value, _kinds(getattr(owner, field))):
            raise GantlitzError(f"--set {setting}: {field} cannot be {text}.", f"It is {getattr(owner, field)!r} now.")
        changes = {field: value}
        if owner is config.model:
            changes = {"model": dataclasses.replace(config.model, **changes)}
        config = dataclasses.replace(config, **changes)
    return config


def _tuples(value: object) -> object:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _kinds(value: object) -> tuple[type, ...]:
    return (int, float) if isinstance(value, float) else (type(value),)
