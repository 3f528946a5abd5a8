"""Where on the face patches are drawn more often than elsewhere."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import ModelConfig

from .statistics import octave_energy, presence
from .store import Store

DETAIL = "detail"
CHANNELS = (1, 6)  # the albedo's green, the displacement
RANGE = (0.25, 4.0)  # of the importance of detail: every place is still drawn


def importance_map(kind: str, store: Store, config: ModelConfig, sigma: np.ndarray) -> np.ndarray | None:
    """(h, w) float32, at least 0, of the whole canvas at any size; None where all places count alike.

    kind: empty for none, ``detail`` for where the store's maps have fine detail, or the path of a picture, bright where it
    matters and black where nothing is ever drawn. Raises GantlitzError for a picture that cannot be read or is all black.
    """
    if not kind:
        return None
    return _of_detail(store, config, sigma) if kind == DETAIL else _of_picture(Path(kind))


def _of_detail(store: Store, config: ModelConfig, sigma: np.ndarray, subjects: int = 4) -> np.ndarray:
    """Root of the median energy of each octave, in units of each channel's sigma, summed; on the canvas's grid, 1 on average."""
    grid = config.size(config.levels)
    total = np.zeros(grid)
    for channel in CHANNELS:
        having = [i for i in range(len(store)) if presence(store, i)[channel]][:subjects]
        for level in range(store.level, config.levels) if having else ():
            energies = [octave_energy(store, i, level, channel, grid) for i in having]
            total += np.sqrt(np.median(energies, axis=0)) / sigma[channel]
    inside = store.mask_at(config.levels) > 0.5
    mean = total[inside].mean()
    return np.clip(total / mean, *RANGE).astype(np.float32) if mean else np.ones(grid, np.float32)


def _of_picture(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise GantlitzError(
            f"importance: {path} cannot be read as a picture.", f"Name a picture of the layout, or {DETAIL}, or nothing."
        )
    if not picture.any():
        raise GantlitzError(f"importance: {path} is black everywhere.", "Make it brighter where patches shall be drawn.")
    return picture.astype(np.float32) / 255
