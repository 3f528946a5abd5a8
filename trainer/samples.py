"""Sample grids of a run: what a person looks at while it trains."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.synthesis import Synthesis

from .trainer import Trainer

SHOWN = ("albedo", "normal", "specular", "displacement")  # side by side in every picture
PSI = 0.8
SAMPLE_LEVEL = 3
CROPS = {"cheek": (0.36, 0.52), "lips": (0.5, 0.68), "brow": (0.41, 0.29), "chin": (0.5, 0.78)}  # (u, v) of their centres
CROP = 384  # texels; a smaller canvas is shown up to its shorter side


def write_samples(trainer: Trainer, folder: Path, faces: int = 4) -> list[Path]:
    """``NNNNNN_faces.png``: whole maps of a few seeds at level 3; ``NNNNNN_crops.png``: 1:1 crops of the first one; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    ema, config = trainer.ema, trainer.config.model
    rng = torch.Generator().manual_seed(7)
    with torch.no_grad():
        w = ema.mapping(torch.randn(faces, config.z_dim, generator=rng).to(trainer.device))
        w = torch.lerp(ema.w_avg, w, PSI)
    level = min(SAMPLE_LEVEL, config.levels)
    height, width = config.size(level)
    found = [Synthesis(ema, one[None], HashNoise(i, device=trainer.device), torch.float32, level) for i, one in enumerate(w)]
    rows = [_row(face.maps(Rect(0, 0, height, width))) for face in found]
    paths = [folder / f"{trainer.step:06d}_{kind}.png" for kind in ("faces", "crops")]
    cv2.imwrite(str(paths[0]), np.vstack(rows))
    face = Synthesis(ema, w[:1], HashNoise(0, device=trainer.device), torch.float32, 0)
    crops = []
    side = min(CROP, config.width, config.height)
    for u, v in CROPS.values():
        x, y = (min(max(round(c * n) // 64 * 64 - side // 2, 0), n - side) for c, n in ((u, config.width), (v, config.height)))
        crops.append(_row(face.maps(Rect(y, x, y + side, x + side))))
    cv2.imwrite(str(paths[1]), np.vstack(crops))
    return paths


def _row(maps: torch.Tensor) -> np.ndarray:
    """(8, H, W) in physical units -> the maps ``SHOWN`` side by side, 8-bit BGR."""
    x = maps.cpu().numpy()
    grey = [np.repeat(p[None], 3, axis=0) for p in (x[6], 0.5 + x[7] / 0.4)]
    pictures = [x[:3], 0.5 + 0.5 * x[3:6], *grey]
    return (np.concatenate(pictures, axis=2)[::-1].transpose(1, 2, 0).clip(0, 1) * 255).astype(np.uint8)
