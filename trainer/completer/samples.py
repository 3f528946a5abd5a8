"""Pictures of a run: what was estimated from the albedo alone, above the truth."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from gantlitz_blender.runtime.layout import Array

from .trainer import CompleterTrainer

SHOWN = 4  # faces a level
ENLARGED = 2


def write_samples(trainer: CompleterTrainer, folder: Path) -> Path:
    """``NNNNNN.png``: for each level that is trained, patches as albedo, normal, specular, displacement: estimate above truth."""
    folder.mkdir(parents=True, exist_ok=True)
    config = trainer.config
    used = sorted({level for _, weights in config.schedule for level, weight in enumerate(weights) if weight})
    rows = []
    for level in used:
        batch = trainer.batches.at_level(np.random.default_rng([config.seed, 1 << 30]), level, ("albedo",)).to(trainer.device)
        with torch.no_grad():
            found = trainer.estimates(batch, trainer.ema)[level].maps
        rows += [np.hstack([_picture(trainer, m) for m in maps[:SHOWN]]) for maps in (found, batch.target[level])]
    path = folder / f"{trainer.step:06d}.png"
    cv2.imwrite(str(path), np.vstack(rows))
    return path


def _picture(trainer: CompleterTrainer, maps: torch.Tensor) -> Array:
    """(7, h, w) standardised -> normal, specular and displacement beside the albedo, 8-bit BGR."""
    net = trainer.net
    x = (maps * net.sigma[:, None, None] + net.mean[:, None, None]).cpu().numpy()
    spread = 2.5 * maps[6].std().item() * net.sigma[6].item() + 1e-6
    relief = np.clip(0.5 + (x[6] - x[6].mean()) / (2 * spread), 0, 1)
    normal = np.stack([0.5 + 1.5 * x[3], 0.5 + 1.5 * x[4], np.ones_like(x[3])])
    parts = [x[:3], normal, *(np.repeat(p[None], 3, axis=0) for p in (x[5], relief))]
    image = (np.concatenate(parts, axis=2)[::-1].transpose(1, 2, 0).clip(0, 1) * 255).astype(np.uint8)
    return cv2.resize(image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_NEAREST)
