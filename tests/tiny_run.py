"""The smallest run that goes through everything, for tests that start, stop and kill whole processes."""

import os
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np

from gantlitz_blender.runtime import layout
from tests.tiny_model import TINY
from trainer.presets import PRESETS, TrainConfig
from trainer.store import Store
from trainer.store_writer import StoreWriter

WIDTH, HEIGHT = 192, 128
CONFIG = TrainConfig(
    replace(
        TINY, width=WIDTH, height=HEIGHT, levels=2, channels=(16, 16), global_channels=(16, 16), mean_level=2,
        component_level=2, components=2, mask_level=2,
    ),
    steps=15, patch=32, subjects=2, places=2, schedule=((1.0, (0.6, 0.4)),), d_channels=(16, 16, 16), r1_every=2,
    band_loss=1.0, snapshot_every=3,
    augment="adaptive", augment_adjust_kimg=0.1, augment_target=-0.5, path_weight=1.0, path_every=2, style_mixing=0.5,
)  # fmt: skip


def make_store(folder: Path, subjects: int = 3, licence: str = "CC0-1.0", level: int = 0) -> Store:
    """A store of waves and noise, at a level of the canvas."""
    rng = np.random.default_rng(0)
    width, height = WIDTH >> level, HEIGHT >> level
    mask = layout.mask(width, height)
    writer = StoreWriter(folder, width, height, mask, {"maker": "test"})
    for i in range(subjects):
        wave = np.sin(np.arange(width) / 9 + rng.uniform(0, 6))[None, :] * np.cos(np.arange(height) / 7)[:, None]
        grain = rng.normal(0, 0.02, (height, width, 3))
        slope = 0.1 * np.stack([wave, wave], axis=-1) + grain[..., :2]
        maps = {
            "albedo": 0.5 + 0.1 * wave[..., None] * rng.uniform(0.5, 1, 3) + grain,
            "normal": np.concatenate([slope, np.sqrt(1 - np.square(slope).sum(axis=-1, keepdims=True))], axis=-1),
            "specular": 0.3 + 0.1 * wave + grain[..., 0],
            "displacement": 0.05 * wave + grain[..., 1],
        }
        writer.write(str(i), {kind: m.astype(np.float32) for kind, m in maps.items()}, {}, licence)
    return Store(folder, canvas_width=WIDTH)


def command(store: Path, run: Path, *more: str) -> None:
    """``python -m trainer train`` on this config in a process of its own; what it says goes to RUN.txt."""
    import torch

    from trainer.__main__ import main

    torch.set_num_threads(1)
    PRESETS["tiny"] = CONFIG
    with open(run.with_suffix(".txt"), "a") as said, redirect_stdout(said), redirect_stderr(said):
        code = main(["train", str(store), "--outdir", str(run), "--preset", "tiny", "--device", "cpu", *more])
    os._exit(code)  # as a program ends; multiprocessing would wait for the reader
