"""Are the faces different people, and as many kinds of people as the data has?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array

SIZE = (96, 64)  # width, height of the faces that are compared
TWIN = 0.1  # two faces nearer than this part of the data's median nearest distance are one face twice
NEIGHBOURS = 3


def small(planes: Array, mean: Array, sigma: Array) -> Array:
    """(7, 64, 96): a face's standardised planes (7, H, W), area-averaged."""
    standard = (planes - mean[:, None, None]) / sigma[:, None, None]
    return np.stack([cv2.resize(p.astype(np.float32), SIZE, interpolation=cv2.INTER_AREA) for p in standard])


def vectors(smalls: Array, mask: Array, toneless: bool) -> NDArray[np.float64]:
    """(faces, N) of (faces, 7, 64, 96), scaled so that a Euclidean distance is the root mean square difference of two faces in the
    channels' deviations, each map counting alike. toneless: without each channel's mean over the face: features alone."""
    inside = cv2.resize(mask, SIZE, interpolation=cv2.INTER_AREA) > 0.99
    x = smalls[:, :, inside].astype(np.float64)
    if toneless:
        x = x - x.mean(axis=2, keepdims=True)
    weight = np.sqrt(np.array([1 / 3, 1 / 3, 1 / 3, 1 / 2, 1 / 2, 1, 1]) / 4)
    return (x * weight[:, None]).reshape(len(x), -1) / np.sqrt(inside.sum())


def distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, m): Euclidean."""
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T
    return np.sqrt(np.maximum(square, 0))


def pairs(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distance of each pair of a set, once."""
    return distances(a, a)[np.triu_indices(len(a), 1)]


def nearest(a: NDArray[np.float64], b: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """(n,): how far each of a is from the nearest of b, or from the nearest other of a."""
    if b is not None:
        return distances(a, b).min(axis=1)
    d = distances(a, a)
    np.fill_diagonal(d, np.inf)
    return d.min(axis=1)


def modes(a: NDArray[np.float64], width: float) -> float:
    """The effective number of different faces: the Vendi score (Friedman & Dieng 2022), exp of the entropy of the similarities'
    eigenvalues, with a Gaussian similarity exp(-d^2 / (2 width^2)). 1: all alike; n: all different at this width."""
    similar = np.exp(-(distances(a, a) ** 2) / (2 * width**2))
    values = np.linalg.eigvalsh(similar / len(a))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def within_reach(of: NDArray[np.float64], points: NDArray[np.float64]) -> float:
    """The share of points that lie no farther from one of a set than that one's third nearest of its own (Kynkaanniemi 2019).

    Of fakes about reals it is their precision, of reals about fakes the recall: low where the fakes are less various.
    """
    d = np.sort(distances(of, of), axis=1)
    radius = d[:, min(NEIGHBOURS, len(of) - 1)]  # column 0 is the face itself
    return float((distances(points, of) <= radius[None]).any(axis=1).mean())


def diversity(train: Array, unseen: Array, fake: Array, mask: Array, toneless: bool) -> dict[str, float | int]:
    """Figures of (n, 7, 64, 96) each; as many faces of each as the smallest set has, because some of the figures grow with them."""
    n = min(len(train), len(unseen), len(fake))
    t, u, f = (vectors(x[:n], mask, toneless) for x in (train, unseen, fake))
    usual = float(np.median(nearest(t)))
    width = float(np.median(pairs(t))) / 2
    return {
        "faces": n,
        "pairwise_real": float(pairs(t).mean()),
        "pairwise_fake": float(pairs(f).mean()),
        "nearest_real": usual,
        "nearest_fake": float(np.median(nearest(f))),
        "fake_to_training": float(np.median(nearest(f, t))),
        "unseen_to_training": float(np.median(nearest(u, t))),
        "closest_fake_to_training": float(nearest(f, t).min()),
        "closest_fakes": float(nearest(f).min()),
        "twins": int((pairs(f) < TWIN * usual).sum()),
        "modes_real": modes(t, width),
        "modes_fake": modes(f, width),
        "precision": within_reach(u, f),
        "recall": within_reach(f, u),
        "recall_of_training": within_reach(t, u),
    }
