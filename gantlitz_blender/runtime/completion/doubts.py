"""What a scan, once it lies in our layout, shows that the models have not learnt: said, so that nobody wonders at the result.

Each figure is compared with what 100 captured faces that no model was trained on show; the thresholds lie well outside (the table
is in docs/alignment.md).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .. import layout
from ..layout import Array
from .refinement import HEIGHT, WIDTH, distance, log_luminance

STRANGE = 0.92  # distance to the mean face, the mean of that of luminance and of redness
LEAST_OPENING = 0.25  # how much darker, in log-luminance, it is between the lids than on the cheeks
BEARD = 0.3  # how much darker the beard's region is
BEARD_HAIRS = 0.6  # and its darkest tenth
ROUGE = 0.42  # how much redder (log red/green) the lips are than the cheeks
LID_COLOUR, LID_DARK = 0.22, 0.75  # the same of the lids, and how much darker


def doubts(albedo: Array, mean_albedo: Array) -> list[str]:
    """Sentences for a person, none where all is as the models know it.

    albedo, mean_albedo: (H, W, 3) in our layout, sRGB-encoded [0, 1], at least 384 wide; neutral grey outside the mask.
    A picture that resembles no face is only said to be that.
    """
    seen, mean = (
        np.asarray(cv2.resize(a, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float32) for a in (albedo, mean_albedo)
    )
    light, red = log_luminance(seen), _redness(seen)
    mask = np.asarray(cv2.erode((layout.mask(WIDTH, HEIGHT) > 0).astype(np.float32), np.ones((5, 5))), np.float32)
    apart = [distance(log_luminance(mean), light, mask)]
    if red[mask > 0].std() > 1e-3:  # a grey picture has no redness to compare
        apart.append(distance(_redness(mean), red, mask))
    if np.mean(apart) > STRANGE:
        return ["What lies under the points hardly resembles a face: look whether they are on the right picture, and upright."]

    cheek, lips, lids, eyes = (_where(name) for name in ("cheek", "lips", "lids", "eye_socket"))
    beard = _where("beard") & ~lips

    def darker(part: NDArray[np.bool_], share: float = 0.5) -> float:
        return float(np.median(light[cheek]) - np.quantile(light[part], share))

    def redder(part: NDArray[np.bool_]) -> float:
        return float(np.median(red[part]) - np.median(red[cheek]))

    out = []
    if darker(eyes) < LEAST_OPENING:
        out.append("No dark opening lies between the lids (closed eyes, or eyes painted over): relief around them is a guess.")
    if darker(beard) > BEARD or darker(beard, 0.1) > BEARD_HAIRS:
        out.append(
            "The lower face is much darker than the cheeks, as by a beard: the models know shaven skin, relief there is a guess."
        )
    if redder(lips) > ROUGE or redder(lids) > LID_COLOUR or darker(lids) > LID_DARK:
        out.append("Lips or lids are coloured more than skin is, as by make-up: its edges may come out as relief.")
    return out


def _redness(albedo: Array) -> Array:
    floor = np.float32(0.02)
    return np.log(np.maximum(albedo[..., 0], floor) / np.maximum(albedo[..., 1], floor))


def _where(name: str) -> NDArray[np.bool_]:
    return layout.region(name, *layout.uv_grid(WIDTH, HEIGHT)) > 0.5
