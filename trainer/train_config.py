"""What a training run is made of, and which of it fits together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import ModelConfig

from .discriminator import LOCATION_CHANNELS, Discriminator, block_widths

CHOICES = {
    "augment": ("none", "fixed", "adaptive"),
    "filter": ("off", "constant", "adaptive"),
    "d_location": tuple(LOCATION_CHANNELS),
}
PROBABILITIES = ("augment_p", "augment_cap", "filter_p", "all_modalities_p", "style_mixing", "ema_rampup", "paired")
COUNTS = ("steps", "patch", "subjects", "places", "r1_every", "path_every", "path_shrink", "snapshot_every")
AMOUNTS = ("augment_adjust_kimg", "lr_g", "lr_d", "ema_kimg")  # above 0
WEIGHTS = ("canvas_lr", "band_loss", "likeness", "path_weight", "seed")  # 0 or more
FAULT = "bad-config"


@dataclass(frozen=True)
class TrainConfig:
    """A run: what is trained, on which patches, for how long. Raises GantlitzError for what does not fit together.

    patch: side in texels at every level. subjects, places: a batch is ``subjects`` w's at ``places`` shared places.
    schedule: (until this share of the run, probability of levels 0, 1, 2, ...): coarse levels first.
    importance: where patches are drawn: empty for evenly, ``detail`` or a picture (``importance.importance_map``).
    augment: rate of the geometric transforms: ``none``, ``fixed`` at augment_p, or ``adaptive`` (``adaptive.AdaptiveRate``).
    filter: rate of the mid-band filter: ``off``, ``constant`` at filter_p (paper: 0.85) or ``adaptive``, the same one.
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
    importance: str = ""
    lr_g: float = 0.002
    lr_d: float = 0.002
    canvas_lr: float = 0.1  # of canvas and noise maps, times lr_g; 0 keeps them as fitted, which saves a tenth of a step
    r1_gamma: float | None = None  # null: the rule of ``gamma``
    r1_every: int = 8
    path_weight: float = 0.0  # of path-length regularisation; StyleGAN2's is 2
    path_every: int = 4
    path_shrink: int = 2  # it takes one in so many of the subjects
    ema_kimg: float = 3.6912  # half-life of the average in thousands of patches
    ema_rampup: float = 0.077  # it is no more than this share of the patches seen; 0: no ramp
    style_mixing: float = 0.0  # probability that a face is made of two w's
    augment: str = "none"
    augment_p: float = 0.5
    augment_target: float = 0.6
    augment_adjust_kimg: float = 500.0
    augment_cap: float = 0.85  # above it transforms begin to leak into what is generated
    filter: str = "constant"
    filter_p: float = 0.85
    band_loss: float = 0.0  # weight of ``losses.band_statistics_loss``; not in the paper
    paired: float = 0.0  # share of the steps whose faces stand for the people that they are compared with (``pairing``)
    likeness: float = 1.0  # weight of ``losses.likeness_loss`` in them; neither is in the paper
    all_modalities_p: float = 0.5  # else one of the pairs of ``patches.PAIRS``
    d_channels: tuple[int, ...] = (32, 64, 96, 128, 128)  # the last one repeats, see ``discriminator.block_widths``
    d_location: str = "sinusoidal"  # or uv, or none: how it is told the place
    d_late: bool = True  # the place enters behind every block; false: beside the image, where it enters the first layer
    d_presence: bool = True  # it is told which modalities are there
    d_slopes: bool = True  # it is shown the displacement's finite differences
    stddev_group: int | None = None  # patches that it compares; null: all subjects of a place
    freeze_d: int = 0  # how many of its stages, from the image on, stay as they began (Freeze-D, Mo et al. 2020); with --init RUN
    seed: int = 0
    snapshot_every: int = 100

    @property
    def batch(self) -> int:
        """Patches a step."""
        return self.subjects * self.places

    @property
    def group(self) -> int:
        """Patches of one place that the minibatch standard deviation compares."""
        return self.stddev_group or self.subjects

    @property
    def gamma(self) -> float:
        """R1's gamma: as set, else StyleGAN2-ADA's starting point 0.0002 * side^2 / batch, the side being the patch's.

        The penalty sums over texels, so that it must weigh less on small patches. A starting point: our maps are standardised
        (sigma 1 where pictures in [-1, 1] have about 0.5) and 7 channels deep, and 0.3 to 10 times this is worth trying.
        """
        return 0.0002 * self.patch**2 / self.batch if self.r1_gamma is None else self.r1_gamma

    def discriminator(self) -> Discriminator:
        """The one that these settings ask for, with random weights from torch's generator."""
        shows = (self.d_location, self.d_presence, self.d_slopes, self.d_late)
        return Discriminator(self.d_channels, self.patch, self.group, self.model.levels, *shows)

    def __post_init__(self) -> None:
        for sentence, fix in chain(self._ranges(), self._sizes(), self._levels()):
            raise GantlitzError(sentence, fix, FAULT)  # the first: what follows may make no sense after it

    def _ranges(self) -> Iterator[tuple[str, str]]:
        """What is wrong with single fields: (sentence, fix). No number is in no range: JSON as Python reads it knows NaN."""
        for names, good, fix in (
            (PROBABILITIES, lambda v: 0 <= v <= 1, "Choose 0 to 1."),
            (COUNTS, lambda v: v >= 1, "Choose 1 or more."),
            (AMOUNTS, lambda v: 0 < v < math.inf, "Choose a number above 0."),
            (WEIGHTS, lambda v: 0 <= v < math.inf, "Choose 0 or more."),
            (("augment_target",), lambda v: -1 <= v <= 1, "Choose -1 to 1: it is a mean of signs."),
        ):
            for name in names:
                if not good(getattr(self, name)):
                    yield f"{name} cannot be {getattr(self, name)}.", fix
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                yield f"{name} cannot be {getattr(self, name)!r}.", f"Choose one of {', '.join(choices)}."
        if self.r1_gamma is not None and not 0 <= self.r1_gamma < math.inf:
            yield f"r1_gamma cannot be {self.r1_gamma}.", "Choose 0 or more, or null for the rule."
        if not self.d_channels or min(self.d_channels) < 1:
            yield f"d_channels cannot be {list(self.d_channels)}.", "Choose one number or more, each 1 or more."

    def _sizes(self) -> Iterator[tuple[str, str]]:
        """What does not divide."""
        if not 1 <= self.group <= self.subjects or self.subjects % self.group:
            yield (
                f"stddev_group {self.stddev_group} does not divide the {self.subjects} subjects of a place.",
                "Choose a divisor of subjects, or null for all of them.",
            )
        halvings = len(block_widths(self.d_channels, self.patch)) - 1
        if not 0 <= self.freeze_d <= halvings + 1:
            yield (
                f"freeze_d cannot be {self.freeze_d}: the discriminator has {halvings + 1} stages.",
                f"Choose 0 to {halvings + 1}.",
            )
        if self.patch % (1 << halvings):
            yield (
                f"patch {self.patch} cannot be halved {halvings} times for d_channels of {len(self.d_channels)} entries.",
                f"Choose a multiple of {1 << halvings}, or fewer entries.",
            )
        for name in ("band_loss", "paired"):
            if getattr(self, name) and self.patch % 8:
                yield f"patch {self.patch} cannot be halved 3 times for {name}.", f"Choose a multiple of 8, or {name} 0."
        if self.paired and not (self.model.components and self.canvas_lr == 0):
            yield (
                "paired finds people by the identity canvas, which this run lacks or would change.",
                "Choose model.components of 1 or more and canvas_lr 0, or paired 0.",
            )
        if self.paired and self.model.mean_level > self.model.component_level:
            yield (
                f"paired needs the canvas's mean at level {self.model.component_level}, and it ends at {self.model.mean_level}.",
                "Choose a model.mean_level of no more than model.component_level, or paired 0.",
            )
        if self.path_weight and self.path_shrink > self.subjects:
            yield (
                f"path_shrink {self.path_shrink} leaves none of the {self.subjects} subjects.",
                "Choose no more than there are subjects.",
            )

    def _levels(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the schedule, patches larger than its levels, and a canvas coarser than the model."""
        for name in ("mean_level", "component_level") if self.model.components else ("mean_level",):
            if getattr(self.model, name) > self.model.levels:
                yield (
                    f"model.{name} {getattr(self.model, name)} is coarser than the {self.model.levels} levels of the model.",
                    f"Choose {self.model.levels} or less.",
                )
        ends = [until for until, _ in self.schedule]
        rising = all(a <= b for a, b in zip([0, *ends], ends, strict=False))
        if not ends or not rising or ends[0] == 0 or ends[-1] != 1:
            yield f"schedule ends its parts at {ends}.", "Choose shares of the run that rise to 1."
        for until, weights in self.schedule:
            if not abs(sum(weights) - 1) <= 1e-8 or min(weights) < 0:
                yield f"schedule until {until} has probabilities {list(weights)}.", "Choose numbers of 0 or more that sum to 1."
            for level, weight in enumerate(weights):
                if weight and level > self.model.levels:
                    yield f"schedule draws level {level} of a model of {self.model.levels} levels.", "Give it probability 0."
                elif weight and self.patch > min(self.model.size(level)):
                    yield (
                        f"A patch of {self.patch} texels is larger than level {level} of the canvas ({self.model.size(level)}).",
                        "Choose a smaller patch, or a schedule without that level.",
                    )
