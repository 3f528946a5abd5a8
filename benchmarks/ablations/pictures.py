"""What the variants look like: three albedos and a normal map each, under people whom no run has seen."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.generator import Generator
from trainer.metrics.patch_kid import sampled_patches
from trainer.store import Store

from .measure import FIRST_SEED, whole_of, wholes

FACES = 3
RELIEF = 4.0


def strip(name: str, faces: Iterable[Array]) -> Array:
    """(H, 4 W, 3) 8-bit BGR of (1, 7, H, W) maps, with the name in its corner."""
    found = [planes for (planes,) in islice(faces, FACES)]
    x, y = found[0][3:5]
    normal = np.stack([RELIEF * x, RELIEF * y, np.ones_like(x)])  # more than there is, to be seen at this size
    planes = np.concatenate([*(f[:3] for f in found), 0.5 + 0.5 * normal], axis=2)
    picture = np.ascontiguousarray((planes[::-1].transpose(1, 2, 0).clip(0, 1) * 255).astype(np.uint8))
    cv2.putText(picture, name, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 255, 255), 1, cv2.LINE_AA)
    return picture


def write_pictures(path: Path, store: Store, generators: Iterable[tuple[str, Generator]]) -> None:
    """One strip under another: captured people first."""
    seeds = range(FIRST_SEED, FIRST_SEED + FACES)
    strips = [strip("captured", wholes(store))]
    strips += [strip(name, sampled_patches(g, 0, [whole_of(store)], seeds)) for name, g in generators]
    if not cv2.imwrite(str(path), np.vstack(strips), [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise SystemExit(f"{path} could not be written; is there a folder for it, and room?")
