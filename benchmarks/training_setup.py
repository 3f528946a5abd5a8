"""What the benchmarks of training train: a preset on stores of one's own, or on a small capture drawn for the purpose."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from trainer.capture.dataset import capture_dataset
from trainer.presets import configured
from trainer.store import Store
from trainer.train_config import TrainConfig

WIDTH, HEIGHT, SUBJECTS = 768, 512, 4  # of the small capture


def add_arguments(parser: argparse.ArgumentParser, preset: str = "XS") -> None:
    """Stores, preset and settings as ``python -m trainer train`` takes them."""
    parser.add_argument("stores", type=Path, nargs="*", help=f"stores (none: {SUBJECTS} subjects at {WIDTH} x {HEIGHT} are drawn)")
    parser.add_argument("--preset", default=preset)
    parser.add_argument("--patch", type=int, help="side of the patches in texels (default: the preset's)")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="any field of the preset")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--small", action="store_true", help="the stores are as small as that: without the finest levels")
    parser.add_argument("--json", type=Path, help="write the figures here too")


def setup(options: argparse.Namespace, scratch: Path) -> tuple[TrainConfig, list[Store]]:
    """The config, with the last and longest part of its schedule alone, and the stores."""
    config = configured(options.preset, options.set)
    if options.small or not options.stores:
        config = coarse_part(config)
    patch = options.patch or config.patch
    config = replace(config, patch=patch, schedule=((1.0, fitting(config, patch)),))
    folders = options.stores or [capture_dataset(scratch / "store", SUBJECTS, WIDTH, HEIGHT, workers=1, progress=False)]
    return config, [Store(folder, config.model.width) for folder in folders]


def coarse_part(config: TrainConfig, width: int = WIDTH) -> TrainConfig:
    """The same network without its finest levels, on a canvas ``width`` texels wide; trained at its own finest level."""
    model = config.model
    cut = (model.width // width).bit_length() - 1
    levels = model.levels - cut
    model = replace(
        model,
        width=model.width >> cut,
        height=model.height >> cut,
        levels=levels,
        channels=model.channels[:levels],
        **{name: max(0, getattr(model, name) - cut) for name in ("mean_level", "component_level", "mask_level")},
    )
    return replace(config, model=model, schedule=((1.0, (1.0,)),))


def fitting(config: TrainConfig, patch: int) -> tuple[float, ...]:
    """Probabilities of the levels in the schedule's last part, without the levels that are smaller than a patch."""
    _, weights = config.schedule[-1]
    kept = [w * (patch <= min(config.model.size(level))) for level, w in enumerate(weights)]
    return tuple(w / sum(kept) for w in kept) if any(kept) else weights
