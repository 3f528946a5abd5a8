"""The layout mask: where there is skin. Given as a picture, found from the constant background, or everywhere."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.pictures.decoding import Size, load_grey
from gantlitz_blender.runtime.pictures.reading import Image

# A normal map is as flat in smooth skin as beside it, and a specular map as black in hair.
SHOWN_BY = ("albedo", "displacement")
LEAST_BACKGROUND = 0.01  # of the picture; less is no background
LEAST_AGREEMENT = 0.6  # intersection over union of a subject's background and everybody's
LEAST_BORDER = 0.02  # of the picture's border that a background value takes
JPEG_NOISE = 2  # levels of 255
THIN = 0.006  # of the picture's width: narrower parts of a background are not trusted

Flags = NDArray[np.bool_]


def given_mask(image: Image, size: Size) -> Array:
    """A picture, white where there is skin, as (H, W) in [0, 1]: used as it is, soft edges and all."""
    return np.clip(load_grey(image, size), 0, 1)


def background(image: Image, size: Size) -> Flags:
    """(H, W): texels of a value that is constant along a part of the picture's border, and connected with it.

    Only what is wide counts: a displacement passes through the background's value along thin lines in the skin, too. At
    its edges the background may differ by two levels, as JPEG makes it. All false where too little is found.
    """
    rows, columns = ((np.arange(n) * 2 + 1) * full // (2 * n) for n, full in zip(size[::-1], image.pixels.shape[:2], strict=True))
    pixels = image.pixels[rows[:, None], columns]  # the nearest texels: any mixture would not be constant
    levels = (image.white / 255 if image.path.suffix.lower() in (".jpg", ".jpeg") else 0) * JPEG_NOISE
    wide = np.ones((max(3, round(size[0] * THIN)),) * 2, np.uint8)
    out = np.zeros(pixels.shape[:2], bool)
    for value in _border_values(pixels):
        away = np.zeros(out.shape, np.float32)
        for channel in range(pixels.shape[2]):
            away = np.maximum(away, np.abs(pixels[..., channel] - value[channel]))
        sure = cv2.morphologyEx((away <= levels).astype(np.uint8), cv2.MORPH_OPEN, wide)
        _, labels = cv2.connectedComponents(sure, connectivity=4)
        touching = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
        found = np.isin(labels, touching[touching > 0]).astype(np.uint8)
        out |= (cv2.dilate(found, wide) > 0) & (away <= levels)
    return out if out.mean() >= LEAST_BACKGROUND else np.zeros_like(out)


def seen_behind(backgrounds: Iterable[Flags], size: Size) -> Flags:
    """(H, W): what any map of a subject shows as background: maps are often painted over their borders, but not all are."""
    out = np.zeros(size[::-1], bool)
    for flags in backgrounds:
        out |= flags
    return out


def agreed(backgrounds: Iterable[Flags]) -> Flags | None:
    """What is background in more than half of those subjects that have one; None where none has."""
    votes, count = None, 0
    for flags in backgrounds:
        if flags.any():
            votes = flags.astype(np.uint16) if votes is None else votes + flags
            count += 1
    return None if votes is None else votes * 2 > count


def agreement(one: Flags, all_of_them: Flags) -> float:
    """Intersection over union."""
    return float((one & all_of_them).sum() / max(1, (one | all_of_them).sum()))


def soft_mask(behind: Flags) -> Array:
    """(H, W): 0 on the background, rising to 1 over as many texels inward as in the model's own layout.

    Holes of less than a thousandth of the picture are filled, islands of less than a twentieth (eyes, teeth) left out.
    """
    flags = _large_parts(~_large_parts(behind, 0.001), 0.05)
    width = behind.shape[1]
    edge = max(layout.MASK_EDGE * width / layout.WIDTH, 1.5)
    t = np.clip(cv2.distanceTransform(flags.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / np.float32(edge), 0, 1)
    return t * t * (3 - 2 * t)


def _large_parts(flags: Flags, share: float) -> Flags:
    """The connected parts that take more than a share of the picture."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(flags.astype(np.uint8), connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] > flags.size * share
    large[0] = False
    return large[labels]


def _border_values(pixels: NDArray) -> NDArray:
    """(N, C): the values that take more than LEAST_BORDER of the border, commonest first, float64."""
    ring = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    values, counts = np.unique(ring, axis=0, return_counts=True)
    order = np.argsort(-counts)[:8]
    return values[order][counts[order] >= LEAST_BORDER * len(ring)].astype(np.float64)
