"""Labels read from features: ridge regression, its penalty chosen by leaving out each subject in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PENALTIES = np.logspace(-4, 2, 19)  # relative to the mean eigenvalue


@dataclass(frozen=True)
class Reader:
    """features (N, F) -> labels (N, L), linear."""

    mean: Array
    scale: Array
    weights: Array
    bias: Array

    def __call__(self, features: Array) -> Array:
        return (features - self.mean) / self.scale @ self.weights + self.bias


def fit_reader(features: Array, labels: Array) -> Reader:
    """The ridge regression of (N, L) on (N, F), with a penalty for each label that leave-one-out errors choose."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    bias = labels.mean(axis=0)
    x, y = (features - mean) / scale, labels - bias
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    kept = s > s[0] * 1e-6
    u, s, vt = u[:, kept], s[kept], vt[kept]
    projected = u.T @ y
    errors = []
    for penalty in PENALTIES:
        shrink = s**2 / (s**2 + penalty * np.mean(s**2))
        leverage = 1 / len(x) + np.square(u) @ shrink
        residual = (y - u @ (shrink[:, None] * projected)) / np.maximum(1 - leverage, 1e-3)[:, None]
        errors.append(np.square(residual).mean(axis=0))
    best = PENALTIES[np.argmin(errors, axis=0)]
    shrink = s[:, None] / (s[:, None] ** 2 + best * np.mean(s**2))
    return Reader(mean, scale, vt.T @ (shrink * projected), bias)


def held_out(features: Array, labels: Array, folds: int = 5) -> Array:
    """(L,): how much of the labels a reader explains of samples that it has not seen, each of ``folds`` parts in turn."""
    read = np.empty_like(labels)
    part = np.arange(len(labels)) % folds
    for fold in range(folds):
        read[part == fold] = fit_reader(features[part != fold], labels[part != fold])(features[part == fold])
    return explained(labels, read)


MOST_SHIFTED, LEAST_SPREAD, MOST_SPREAD = 0.6, 0.5, 2.0


def alike(people: Array, faces: Array) -> NDArray[np.bool_]:
    """(F,): which features a model's faces have as people have them, by mean and spread.

    What is read from others is the model's failings rather than its faces' labels.
    """
    deviation = people.std(axis=0) + 1e-9
    shift, spread = (faces.mean(axis=0) - people.mean(axis=0)) / deviation, faces.std(axis=0) / deviation
    return (np.abs(shift) < MOST_SHIFTED) & (spread > LEAST_SPREAD) & (spread < MOST_SPREAD)


BEYOND = 0.5  # standard deviations past the last person


def within(people: Array, readings: Array) -> Array:
    """(N, L): readings of faces, none far beyond what ``people``'s labels (M, L) range over.

    There a reader extrapolates: one face that it takes for the palest ever would bend a direction more than a hundred others.
    """
    margin = BEYOND * people.std(axis=0)
    return np.clip(readings, people.min(axis=0) - margin, people.max(axis=0) + margin)


def explained(truth: Array, read: Array) -> Array:
    """(L,): R2, the share of each label's variance that was read; 1 is all, below 0 is worse than its mean."""
    return 1 - np.square(truth - read).sum(axis=0) / np.square(truth - truth.mean(axis=0)).sum(axis=0)
