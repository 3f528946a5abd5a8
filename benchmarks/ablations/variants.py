"""What is compared: the paper's recipe at a size that two cores carry, with one thing changed at a time.

The canvas is 384 x 256 with three levels, patches are 32 texels (a twelfth of the width, as 512 are of 6144) and a batch is 16.
What belongs to the length of a run is scaled with it: the adaptive rate may go from 0 to 1 within 5,000 patches.
"""

from __future__ import annotations

from dataclasses import replace

from gantlitz_blender.runtime.model.rects import Rect
from trainer.presets import PRESETS
from trainer.store import Store
from trainer.train_config import TrainConfig

WIDTH, HEIGHT = 384, 256
COARSE_FIRST = ((0.1, (0.0, 0.0, 0.5, 0.5)), (0.3, (0.0, 0.6, 0.4)), (1.0, (0.5, 0.3, 0.2)))


def _small(config: TrainConfig) -> TrainConfig:
    """A preset of the paper's family at the size of the comparison."""
    model = replace(
        config.model,
        **{"plan": "XS", "width": WIDTH, "height": HEIGHT, "levels": 3, "channels": (32, 16, 16)},
        **{"global_channels": (32, 32, 32, 32), "z_dim": 64, "w_dim": 64, "embed_dim": 16},
        **{"mean_level": 3, "mask_level": 0},
    )
    return replace(
        config, model=model, patch=32, subjects=4, places=4, d_channels=(16, 32, 48), r1_gamma=0.1, augment_adjust_kimg=5.0
    )


BASE = _small(PRESETS["paper"])
PAPERS = ("no-aug", "adaptive-frequency", "small-no-drop", "no-pos-disc", "uv-disc", "single-style")

# Ours: what each changes of the model, and of the rest.
PARTS: dict[str, tuple[dict, dict]] = {
    "identity canvas": ({"components": 12, "mean_level": 1, "component_level": 2}, {}),
    "noise maps": ({"noise_maps": True}, {}),
    "structural normal": ({"structural_normal": True}, {}),
    "slopes shown": ({}, {"d_slopes": True}),
    "band loss": ({}, {"band_loss": 1.0}),
    "coarse first": ({}, {"schedule": COARSE_FIRST}),
}


def _with(*parts: str) -> TrainConfig:
    model = {field: value for part in parts for field, value in PARTS[part][0].items()}
    rest = {field: value for part in parts for field, value in PARTS[part][1].items()}
    return replace(BASE, model=replace(BASE.model, **model), **rest)


EXTRAS = {part: _with(part) for part in PARTS} | {"canvas of features": replace(BASE, model=replace(BASE.model, mean_level=1))}
ALL = {"all of these": _with(*PARTS)} | {f"all but {part}": _with(*(p for p in PARTS if p != part)) for part in PARTS}
# Pairing needs a canvas that stays; beside it the same without pairing.
KEPT = replace(ALL["all of these"], canvas_lr=0.0)
PAIRED = {"all, canvas as fitted": KEPT, "all, half of the steps paired": replace(KEPT, paired=0.5)}
VARIANTS = {"paper": BASE} | {name: _small(PRESETS[name]) for name in PAPERS} | EXTRAS | ALL | PAIRED
WRONG_PLACE = "wrong place"  # a control, not a recipe: ``paper`` on real patches of other places than the discriminator is told


def upside_down(place: Rect, height: int) -> Rect:
    """The place as far below the middle row as this one lies above it."""
    return Rect(height - place.bottom, place.left, height - place.top, place.right)


class UpsideDown(Store):
    """A store whose patches come from the mirrored place: chins where foreheads are asked for.

    For 16 % of the face that lies outside it, where there is no skin.
    """

    def read(self, index, level, rect, mirrored=False):
        place = upside_down(rect, self._sizes[level - self.level][0])
        return super().read(index, level, place, mirrored)
