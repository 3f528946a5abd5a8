"""What a completer's training is made of."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from gantlitz_blender.runtime.completion.network import CompleterConfig
from gantlitz_blender.runtime.errors import GantlitzError


@dataclass(frozen=True)
class CompleterTrainConfig:
    """A run. Raises GantlitzError (``bad-config``) for what does not fit together.

    patch: side in texels of what is compared at the finest level of a step; coarser levels are compared on what it depends on.
    schedule: (until this share of the run, probability that a step ends at level 0, 1, 2, ...): coarse levels first.
    """

    net: CompleterConfig = field(default_factory=CompleterConfig)
    steps: int = 12000
    patch: int = 64
    batch: int = 8
    schedule: tuple[tuple[float, tuple[float, ...]], ...] = (
        (0.15, (0.0, 0.0, 0.25, 0.75)),
        (1.0, (0.25, 0.25, 0.25, 0.25)),
    )
    lr: float = 0.0015
    lr_decay: float = 0.3  # over this last share of the run it falls to nothing
    total: float = 0.5  # weight of the error of a level's whole estimate, in sigmas, beside that of its octave
    slope: float = 0.2  # weight of what an estimated normal has beyond the slopes of the displacement
    adversarial: float = 0.0  # weight of the discriminator's opinion; 0: there is none
    d_channels: tuple[int, ...] = (24, 48, 64, 96, 96)
    lr_d: float = 0.001
    r1_gamma: float = 1.0
    r1_every: int = 8
    wear: float = 0.85  # share of faces whose known maps are worn as foreign scans are
    rescan: float = 0.8  # share of worn faces whose truth is another scan's of them
    files: tuple[float, ...] = (0.3, 0.2, 0.25, 0.25)  # chances that a known map's finest texels are those of level 0, 1, 2, ...
    albedo_only: float = 0.45  # share of faces of which only the albedo is known; else any maps
    ema_half_life: int = 300  # steps
    snapshot_every: int = 250
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "patch", "batch", "snapshot_every", "r1_every", "ema_half_life"):
            if getattr(self, name) < 1:
                raise _bad(f"{name} cannot be {getattr(self, name)}.", "Choose 1 or more.")
        for name in ("wear", "rescan", "albedo_only", "lr_decay"):
            if not 0 <= getattr(self, name) <= 1:
                raise _bad(f"{name} cannot be {getattr(self, name)}.", "Choose 0 to 1.")
        if self.patch % (1 << len(self.d_channels)) and self.adversarial:
            raise _bad(f"patch {self.patch} cannot be halved {len(self.d_channels)} times.", "Choose fewer d_channels.")
        if abs(sum(self.files) - 1) > 1e-8 or min(self.files) < 0:
            raise _bad(f"files has probabilities {list(self.files)}.", "Choose numbers of 0 or more that sum to 1.")
        ends = [until for until, _ in self.schedule]
        if not ends or ends != sorted(ends) or ends[-1] != 1:
            raise _bad(f"schedule ends its parts at {ends}.", "Choose shares of the run that rise to 1.")
        for until, weights in self.schedule:
            if abs(sum(weights) - 1) > 1e-8 or min(weights) < 0 or len(weights) > self.net.levels:
                raise _bad(
                    f"schedule until {until} has probabilities {list(weights)}.",
                    f"Choose up to {self.net.levels} numbers of 0 or more that sum to 1.",
                )
            coarsest = max(level for level, weight in enumerate(weights) if weight)
            if self.patch > min(self.net.size(coarsest)):
                raise _bad(f"A patch of {self.patch} texels is larger than level {coarsest}.", "Choose a smaller patch.")

    def learning_rate(self, step: int) -> float:
        """Of a step: constant, then falling."""
        left = 1 - step / self.steps
        return self.lr * min(1.0, left / self.lr_decay + 0.01) if self.lr_decay else self.lr

    def to_dict(self) -> dict:
        return dataclasses.asdict(self)


def configured(settings: list[str]) -> CompleterTrainConfig:
    """The defaults with ``FIELD=VALUE`` settings, values as JSON. Raises GantlitzError for unknown fields and bad values."""
    config = CompleterTrainConfig()
    own: dict[str, Any] = {}
    net: dict[str, Any] = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        of_net = name.startswith("net.")
        target = config.net if of_net else config
        short = name.removeprefix("net.")
        if short not in {f.name for f in dataclasses.fields(target)} or short == "net":
            raise _bad(f"There is no field {name!r}.", "See trainer/completer/config.py.")
        try:
            value = _tuples(json.loads(text))
        except ValueError:
            raise _bad(f"{name} cannot be {text!r}.", "Write a number or a list of numbers.") from None
        if isinstance(value, tuple) != isinstance(getattr(target, short), tuple) or isinstance(value, str):
            raise _bad(f"{name} cannot be {text}.", f"It is now {json.dumps(getattr(target, short))}.")
        (net if of_net else own)[short] = value
    return dataclasses.replace(config, net=dataclasses.replace(config.net, **net), **own)


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _bad(sentence: str, fix: str) -> GantlitzError:
    return GantlitzError(sentence, fix, "bad-config")
