"""The light and camera of a scan against those of the faces the model knows: a smooth gain, found by the mean face.

A scan's colour differs from the mean face's because of its light and camera, and because it is somebody else. Only the first is
taken out. The ratio of the two is fitted by a gain and a light that changes slowly over the face; of each of these the part is
kept that lights and cameras are known to make, as against people: they differ widely in how dark they are, and hardly in
what is left or in which side of the face is brighter.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import GantlitzError
from ..layout import Array

WIDTH = 192  # texels at which it is fitted
DARKEST = 1 / 32  # encoded: below it ratios are noise
FOUND = 0.02  # of the picture that must be known
ROUNDS = 12
OUTLIER = 0.12  # of a logarithm: what differs more, such as lips, hair and make-up, counts in inverse proportion
# Of log albedo (encoded, red green blue): how people's mean colour varies, and lights' and cameras'.
PEOPLE = np.array([[0.0703, 0.0914, 0.1072], [0.0914, 0.1215, 0.1429], [0.1072, 0.1429, 0.1703]])
LIGHTS = 0.1**2 * np.ones((3, 3)) + 0.1**2 * np.eye(3)
# Standard deviations of the slow changes over 1, u, v, u^2, uv, v^2 (u and v from -1 to 1), beside those of the mean.
PEOPLES_CHANGE = np.array([1.0, 0.006, 0.07, 0.36, 0.014, 0.25])
LIGHTS_CHANGE = np.array([1.0, 0.6, 0.6, 0.6, 0.4, 0.6])


@dataclass(frozen=True)
class ColourTransform:
    """log(scan) = log(model) + a polynomial of the place. coefficients: (6, 3), of 1, u, v, u^2, uv, v^2 in each channel."""

    coefficients: NDArray[np.float64]

    @classmethod
    def fit(cls, albedo: Array, mean_albedo: Array, weight: Array) -> ColourTransform:
        """From a scan's albedo in the model's layout and the mean face's, (H, W, 3) in [0, 1], sRGB-encoded, sizes of any.

        weight: (h, w), 0 where the scan shows no skin. Raises GantlitzError (``bad-maps``) where hardly anything is known.
        """
        size = (WIDTH, round(WIDTH * weight.shape[0] / weight.shape[1]))
        here, mean, known = (cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in (albedo, mean_albedo, weight))
        inside = (known > 0.99) & (here.min(axis=2) > DARKEST) & (mean.min(axis=2) > DARKEST)
        if inside.mean() < FOUND:
            raise GantlitzError(
                f"The albedo shows skin on {inside.mean():.1%} of the layout.", "Check the points and the picture.", "bad-maps"
            )
        ratio = (np.log(here[inside]) - np.log(mean[inside])).astype(np.float64)
        basis = _basis(*size[::-1])[inside].astype(np.float64)
        found = np.zeros((basis.shape[1], 3))
        trust = np.ones(len(ratio))
        for _ in range(ROUNDS):
            weighted = basis * trust[:, None]
            found = np.linalg.solve(weighted.T @ basis, weighted.T @ ratio)
            trust = 1 / np.maximum(np.linalg.norm(ratio - basis @ found, axis=1) / OUTLIER, 1)
        return cls(np.stack([_of_lights(row, i) for i, row in enumerate(found)]))

    def to_model(self, albedo: Array) -> Array:
        """A scan's albedo (H, W, 3) in the model's layout as if lit and taken like the model's faces; clipped to [0, 1]."""
        return np.clip(albedo / self._gain(albedo), 0, 1)

    def to_scan(self, albedo: Array) -> Array:
        """The inverse, but for what was clipped: what the model made, in the light of the scan."""
        return np.clip(albedo * self._gain(albedo), 0, 1)

    def _gain(self, albedo: Array) -> Array:
        height, width = albedo.shape[:2]
        return np.exp(_basis(height, width) @ self.coefficients.astype(np.float32))


def _of_lights(coefficients: NDArray[np.float64], which: int) -> NDArray[np.float64]:
    """The expected part of (3,) coefficients that is due to light and camera."""
    people, lights = PEOPLE * PEOPLES_CHANGE[which] ** 2, LIGHTS * LIGHTS_CHANGE[which] ** 2
    return np.asarray(lights @ np.linalg.solve(people + lights, coefficients))


def _basis(height: int, width: int) -> Array:
    """(H, W, 6): 1, u, v, u^2, uv, v^2 of texel centres, u and v from -1 to 1."""
    u = np.linspace(1 / width - 1, 1 - 1 / width, width, dtype=np.float32)[None, :]
    v = np.linspace(1 / height - 1, 1 - 1 / height, height, dtype=np.float32)[:, None]
    return np.stack(np.broadcast_arrays(np.float32(1), u, v, u * u, u * v, v * v), axis=2)
