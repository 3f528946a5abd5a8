"""Real beside fake, shuffled, for a person who tries to tell them apart."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import Array

from ..capture.report import picture
from ..metrics.faces import Faces, maps_of

WIDE = 240  # texels of a whole face
CLOSE = 224  # texels of a piece at 1:1
ABOUT = (0.5, 0.6)  # (u, v) of its centre: nose and mouth


@dataclass(frozen=True)
class Shown:
    """One face: its whole albedo, a piece of all maps at 1:1, both (H, W, 3) in [0, 1], and the answer."""

    whole: Array
    close: Array
    real: bool


def shuffled(real: Faces, fake: Faces, level: int, each: int, seed: int) -> list[Shown]:
    """``each`` of either kind, the first ones, in an order drawn with the seed."""
    sides = ((real, True), (fake, False))
    found = [_shown(faces.planes(i, level), is_real) for faces, is_real in sides for i in range(min(each, len(faces)))]
    return [found[i] for i in np.random.default_rng(seed).permutation(len(found))]


def _shown(planes: Array, real: bool) -> Shown:
    height, width = planes.shape[1:]
    whole: Array = np.moveaxis(planes[:3], 0, -1)
    if width > WIDE:
        whole = np.asarray(cv2.resize(whole, (WIDE, WIDE * height // width), interpolation=cv2.INTER_AREA), np.float32)
    side = min(CLOSE, height // 2)
    left, top = round(ABOUT[0] * width) - side // 2, round(ABOUT[1] * height) - side // 2
    return Shown(whole, picture(maps_of(planes[:, top : top + side, left : left + side])), real)


def data_uri(image: Array) -> str:
    """(H, W, 3) in [0, 1] as a JPEG inside a link."""
    pixels = np.round(np.clip(image[..., ::-1], 0, 1) * 255).astype(np.uint8)
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert done, "a picture in memory can be encoded"
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode()
