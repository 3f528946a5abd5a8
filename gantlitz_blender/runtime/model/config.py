"""Every size of a model in one place, as frozen dataclasses that travel in the checkpoint's header."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..errors import GantlitzError

FORMAT_VERSION = 2  # the newest that is read: 2 has directions, and older versions refuse it
MAY_BE_ZERO = ("margin", "fourier_bands", "mean_level", "component_level", "components", "mask_level")
LARGEST_VALUE = 1 << 16  # of any number in a config; what is larger is damage
TEXELS_PER_MM = 18.5  # of the 6144-texel-wide layout (skin facts: about 54 um a texel)


@dataclass(frozen=True)
class Modality:
    """One kind of map. channels: what the generator emits (a normal is its x and y; z follows from unit length)."""

    name: str
    channels: int


MODALITIES = (Modality("albedo", 3), Modality("normal", 2), Modality("specular", 1), Modality("displacement", 1))


def channels_of(name: str) -> slice:
    """Where a modality lies among the channels of all, in the order of MODALITIES."""
    before = 0
    for m in MODALITIES:
        if m.name == name:
            return slice(before, before + m.channels)
        before += m.channels
    raise KeyError(name)


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the dual-style generator.

    width, height: the canvas in texels. Level l is the texture at 1/2^l; the patch stage makes levels ``levels - 1`` .. 0
    (``channels``, coarsest first); the global stage ends at level ``levels`` on a grid extended by ``margin`` cells a side.
    """

    plan: str = "XS"
    width: int = 6144
    height: int = 4096
    levels: int = 6
    margin: int = 4
    channels: tuple[int, ...] = (64, 64, 64, 32, 32, 16)
    global_channels: tuple[int, ...] = (64, 64, 48, 48)
    z_dim: int = 128
    w_dim: int = 128
    embed_dim: int = 16
    mapping_layers: int = 4
    fourier_bands: int = 4
    mean_level: int = 3  # the finest level at which the canvas holds a mean
    component_level: int = 5  # the finest level at which it holds identity components
    components: int = 12  # 0: a plain canvas
    mask_level: int = 3
    noise_maps: bool = True  # noise strength depends on the place
    structural_normal: bool = True  # the normal is a residual on the displacement's finite differences
    dual_style: bool = True  # False: StyleGAN2's blocks; the modalities share all features and differ by their heads alone

    def __post_init__(self) -> None:
        cell = 1 << self.levels
        grid_w, grid_h = self.width // cell + 2 * self.margin, self.height // cell + 2 * self.margin
        start = 1 << (len(self.global_channels) - 1)
        if self.width % cell or self.height % cell or grid_w % start or grid_h % start:
            raise GantlitzError(
                f"A canvas of {self.width} x {self.height} does not fit {self.levels} levels and a margin of {self.margin}.",
                f"Choose multiples of {cell} whose extended grid is a multiple of {start}.",
            )
        if len(self.channels) != self.levels:
            raise GantlitzError(
                f"config.channels has {len(self.channels)} entries for {self.levels} levels.",
                "Give one entry for each level.",
            )

    @property
    def styles(self) -> int:
        """How many w's a face can be mixed of: one for each resolution of the global stage, one for each level after it."""
        return len(self.global_channels) + self.levels

    def style_of(self, level: int) -> int:
        """Which of the w's, coarsest first, makes a level 0 .. ``levels``; the global stage's last one makes level ``levels``."""
        return self.styles - 1 - level

    def styles_of(self, band: str) -> slice:
        """The w's of one of recipe_parts.BANDS: the global stage's, then the coarser and the finer half of the levels after it."""
        stage = len(self.global_channels)
        half = stage + (self.levels + 1) // 2
        return {"coarse": slice(0, stage), "middle": slice(stage, half), "fine": slice(half, self.styles)}[band]

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of the extended grid at level ``levels``."""
        return self.height // (1 << self.levels) + 2 * self.margin, self.width // (1 << self.levels) + 2 * self.margin

    @property
    def canvas_modalities(self) -> tuple[Modality, ...]:
        """The modalities that the canvas holds: a structural normal follows from the displacement's canvas."""
        return tuple(m for m in MODALITIES if not (self.structural_normal and m.name == "normal"))

    def size(self, level: int) -> tuple[int, int]:
        """(height, width) in texels at a level."""
        return self.height >> level, self.width >> level

    def texel_mm(self, level: int) -> float:
        """The side of one texel in millimetres; other canvas widths cover the same face."""
        return (6144 / self.width) * (1 << level) / TEXELS_PER_MM

    def to_dict(self) -> dict:
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, fields: dict) -> ModelConfig:
        """The inverse of ``to_dict``, also after a trip through JSON. Raises GantlitzError for unknown or bad fields."""
        if not isinstance(fields, dict):
            raise GantlitzError(f"A config is an object, not {fields!r}.", "Export the model again.", "model-broken")
        known = {f.name: f.default for f in dataclasses.fields(cls)}
        unknown = sorted(set(fields) - set(known))
        if unknown:
            raise GantlitzError(
                f"The model's config has fields this version does not know: {', '.join(unknown)}.",
                "Update GANtlitz Face Maps.",
                "model-newer",
            )
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        for name, value in values.items():
            if not _is_like(value, known[name], 0 if name in MAY_BE_ZERO else 1):
                raise GantlitzError(f"config.{name} cannot be {value!r}.", "Export the model again.", "model-broken")
        return cls(**values)


def _is_like(value: object, default: object, least: int) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, tuple) and 0 < len(value) <= 16 and all(_is_like(v, default[0], 1) for v in value)
    if type(value) is not type(default):
        return False
    return not isinstance(value, int) or isinstance(value, bool) or least <= value <= LARGEST_VALUE


PLANS = {
    "XS": ModelConfig(),
    "S": ModelConfig(
        plan="S",
        channels=(256, 256, 128, 64, 32, 16),
        global_channels=(256, 256, 256, 128),
        z_dim=256,
        w_dim=256,
        embed_dim=32,
    ),
    "L": ModelConfig(
        plan="L",
        channels=(512, 512, 256, 128, 64, 32),
        global_channels=(512, 512, 512, 256),
        z_dim=512,
        w_dim=512,
        embed_dim=64,
    ),
}
