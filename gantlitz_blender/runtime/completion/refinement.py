"""An alignment drawn closer to the model's mean face: the features of both are laid on each other, where there are any.

At every landmark of the layout a window of the mean face is looked for nearby in the scan (normalised correlation of
log-luminance, so that neither complexion nor light counts), in ever smaller windows. A thin plate is fitted to the shifts
found, each with the weight of its likeness and of what there is to see in it, and of how well its neighbours agree with it.
What the mean face does not show, such as a bare cheek, follows its surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from .. import layout
from ..errors import GantlitzError
from ..layout import Array
from .alignment import SHIFT_COLUMNS, SHIFT_ROWS, SHIFT_UNIT, Alignment
from .resampling import Resampling
from .warp import Floats

WIDTH, HEIGHT = 384, 256  # at which faces are compared: pores and stubble, which no two share, are not in it
FARTHEST = 0.025  # of the layout's width: no place is shifted by more
ROUNDS = ((0.12, 0.024), (0.09, 0.014), (0.06, 0.010))  # half sides of the windows, and how far they look, in widths
STIFFNESS = 1e-4  # of the thin plate between the shifts
LEAST_LIKENESS = 0.35  # a correlation below this says nothing
LEAST_VOICES = 6
DISAGREEMENT = 0.006  # of the width: a shift this far from its neighbours' has half its weight
LEAST_GAIN = 0.2  # of the distance: less may be the person's own features bent towards the mean's
FACE = 0.7  # a distance beyond this is no face, or none that lies where the points say


@dataclass(frozen=True, eq=False)
class Refinement:
    """alignment: the better one of the two. before, after: the distance to the mean face of the given and the tried one.

    A distance is 1 - r, r the correlation of what is seen when colour, light and contrast have been evened out within
    some 3 % of the width, over the mask; outliers are clipped. 0 is the mean face itself, 1 a picture that has nothing
    to do with it.
    """

    alignment: Alignment
    before: float
    after: float
    kept: bool


def refine(alignment: Alignment, albedo: Array, mean_albedo: Array) -> Refinement:
    """Refine a clicked alignment; where that is no clear gain, the given alignment is what comes back.

    albedo: the scan's, (H, W, 3). mean_albedo: the mean face's in our layout, (h, w, 3), at least 384 wide; both
    sRGB-encoded [0, 1]. Raises GantlitzError (``bad-maps``) for a mean face of another shape or smaller.
    """
    if mean_albedo.ndim != 3 or mean_albedo.shape[0] * 3 != mean_albedo.shape[1] * 2 or mean_albedo.shape[1] < WIDTH:
        raise GantlitzError(
            f"The mean face has the shape {mean_albedo.shape}.", f"Give a 3:2 albedo at least {WIDTH} wide.", "bad-maps"
        )
    mean = log_luminance(np.asarray(cv2.resize(mean_albedo, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)))
    scan = log_luminance(albedo)
    tried = alignment
    for window, reach in ROUNDS:
        seen, mask = _seen(tried, scan)
        shifts = _round(tried.shifts, mean, seen, mask, round(window * WIDTH), round(reach * WIDTH) + 1)
        if shifts is None:
            break
        try:
            tried = replace(alignment, shifts=shifts)
        except GantlitzError:  # it folds
            break
    before, after = (distance(mean, *_seen(a, scan)) for a in (alignment, tried))
    kept = after < FACE and after < (1 - LEAST_GAIN) * before
    return Refinement(tried if kept else alignment, before, after, kept)


def log_luminance(albedo: Array) -> Array:
    """(H, W) of a sRGB-encoded albedo (H, W, 3)."""
    return np.log(np.maximum(albedo @ np.array((0.3, 0.59, 0.11), np.float32), np.float32(0.02)))


def _seen(alignment: Alignment, scan: Array) -> tuple[Array, Array]:
    """The scan's plane in our layout, and 1 where it is wholly known."""
    face = layout.mask(WIDTH, HEIGHT) > 0
    look = Resampling(alignment.warp, (WIDTH, HEIGHT), face)
    return look.plane(scan), np.asarray(cv2.erode((look.where & face).astype(np.float32), np.ones((5, 5))), np.float32)


def _round(
    before: NDArray[np.int16] | None, mean: Array, seen: Array, mask: Array, half: int, reach: int
) -> NDArray[np.int16] | None:
    """All shifts anew, from what is seen under those before; None where too little is like the mean face."""
    if before is None:
        before = np.zeros((SHIFT_ROWS, SHIFT_COLUMNS, 2), np.int16)
    template = np.pad(_without_shade(mean, mask), half)
    field = np.pad(_without_shade(seen, mask), half + reach)
    places, found, weights = [], [], []
    for u, v in layout.LANDMARKS.values():
        x, y = int(u * WIDTH), int(v * HEIGHT)
        if not mask[y, x]:
            continue
        window = template[y : y + 2 * half + 1, x : x + 2 * half + 1]
        around = field[y : y + 2 * (half + reach) + 1, x : x + 2 * (half + reach) + 1]
        dx, dy, likeness = _peak(cv2.matchTemplate(around, window, cv2.TM_CCOEFF_NORMED))
        weight = max(0.0, likeness - LEAST_LIKENESS) * float(window.std()) * 10
        if weight > 0.01:
            old = before[round(v * (SHIFT_ROWS - 1)), round(u * (SHIFT_COLUMNS - 1))] * (SHIFT_UNIT / layout.WIDTH)
            places.append((u, v * HEIGHT / WIDTH))
            found.append(((dx - reach) / WIDTH + old[0], (dy - reach) / WIDTH + old[1]))
            weights.append(weight)
    if len(places) < LEAST_VOICES:
        return None
    return _quantised(_fitted(np.array(places), np.array(found), np.array(weights)))


def _without_shade(plane: Array, mask: Array) -> Array:
    """What is left of a plane without what is broader than a twentieth of it; 0 outside the mask."""
    return mask * (plane - _mean_around(plane, mask, WIDTH / 19))


def _mean_around(plane: Array, mask: Array, sigma: float) -> Array:
    weighted, weight = (cv2.GaussianBlur(p, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101) for p in (plane * mask, mask))
    return np.asarray(weighted / (weight + np.float32(1e-3)), np.float32)


def _peak(response: NDArray[Any]) -> tuple[float, float, float]:
    """Column, row and height of the highest place, between the texels by parabolas; at the border a fifth of its worth.

    A peak at the border is the flank of one beyond it.
    """
    row, column = (int(i) for i in np.unravel_index(np.argmax(response), response.shape))
    best = float(response[row, column])
    if not (0 < row < response.shape[0] - 1 and 0 < column < response.shape[1] - 1):
        return float(column), float(row), LEAST_LIKENESS + 0.2 * (best - LEAST_LIKENESS)
    dx = _vertex(*response[row, column - 1 : column + 2])
    dy = _vertex(*response[row - 1 : row + 2, column])
    return column + dx, row + dy, best


def _vertex(left: float, middle: float, right: float) -> float:
    bend = left - 2 * middle + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _fitted(places: Floats, found: Floats, weights: Floats) -> Floats:
    """(33, 49, 2) shifts as shares of the width; those that their neighbours contradict lose their say."""
    voices = weights
    for _ in range(4):
        plate = RBFInterpolator(places, found, smoothing=STIFFNESS / np.maximum(voices, 1e-3), kernel="thin_plate_spline", degree=1)
        apart = np.linalg.norm(plate(places) - found, axis=1)
        voices = weights / (1 + (apart / DISAGREEMENT) ** 2)
    u, v = np.meshgrid(np.linspace(0, 1, SHIFT_COLUMNS), np.linspace(0, HEIGHT / WIDTH, SHIFT_ROWS))
    return plate(np.stack([u.ravel(), v.ravel()], 1)).reshape(SHIFT_ROWS, SHIFT_COLUMNS, 2)


def _quantised(shifts: Floats) -> NDArray[np.int16]:
    length = np.linalg.norm(shifts, axis=-1, keepdims=True)
    shifts = shifts * np.minimum(1, FARTHEST / np.maximum(length, 1e-9))
    return np.round(shifts * (layout.WIDTH / SHIFT_UNIT)).astype(np.int16)


def distance(mean: Array, seen: Array, mask: Array) -> float:
    """Of two planes (256, 384) over a mask, as ``Refinement`` says it; 1 where one of them shows nothing."""
    a, b = (_evened(plane, mask)[mask > 0] for plane in (mean, seen))
    a, b = a - a.mean(), b - b.mean()
    return float(1 - a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-9))


def _evened(plane: Array, mask: Array) -> Array:
    """Of mean 0 and deviation 1 around every place, clipped where it stands out by more than two deviations."""
    sigma = WIDTH / 32
    rest = (plane - _mean_around(plane, mask, sigma)) * mask
    return np.clip(rest / (np.sqrt(_mean_around(rest * rest, mask, sigma)) + np.float32(0.03)), -2, 2)
