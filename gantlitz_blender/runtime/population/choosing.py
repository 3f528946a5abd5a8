"""N of many candidates, spread evenly over their labels, and no two too alike. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import GantlitzError

Floats = NDArray[np.float64]
REACH = 1.7  # of a label's standard deviations either way: the range that is covered first; a face in eleven lies beyond
PAIRS = 20_000  # that the usual distance is estimated from


def usual_distance(w: np.ndarray) -> float:
    """The median distance between two of the latents (N, w_dim)."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, len(w), (2, PAIRS))
    return float(np.median(np.linalg.norm(w[a] - w[b], axis=1)[a != b]))


def choose(labels: np.ndarray, w: np.ndarray, count: int, least: float) -> list[int]:
    """Indices of `count` candidates, in the order in which they were chosen: of the same candidates, more begin with the same ones.

    labels: (N, L), whose evenness counts; without any, what lies far apart in w. w: (N, w_dim). least: the smallest distance
    allowed in w. The first is the most usual one, and each next the one whose labels are farthest from all before: that covers the
    range of the labels evenly, where seeds are dense in the middle. Who is beyond REACH in some label comes when no other is left.
    Raises GantlitzError (``too-alike``) where there are not so many.
    """
    measured = labels if labels.shape[1] else w
    scaled = (measured - measured.mean(0)) / np.maximum(measured.std(0), 1e-9)
    usual = (np.abs(scaled) <= REACH).all(1) if labels.shape[1] else np.ones(len(w), bool)
    free = np.ones(len(w), bool)
    far = -(scaled**2).sum(1)  # the most usual one is to be first; then: from the nearest that was chosen
    chosen: list[int] = []
    for n in range(count):
        if not free.any():
            raise GantlitzError(
                f"Only {n} of {len(w):,} candidates are as far from each other as was asked.",
                "Lower --min-distance, raise --candidates, or ask for fewer people.",
                "too-alike",
            )
        taken = int(np.argmax(np.where(free & usual if (free & usual).any() else free, far, -np.inf)))
        chosen.append(taken)
        free &= np.linalg.norm(w - w[taken], axis=1) >= least
        free[taken] = False
        squares = ((scaled - scaled[taken]) ** 2).sum(1)
        far = np.minimum(far, squares) if n else squares
    return chosen


def nearest_others(vectors: np.ndarray) -> Floats:
    """(N,) the distance from each of (N, D) to the nearest other one; infinite for a single one."""
    return nearest(vectors, vectors, itself=True)


def nearest(vectors: np.ndarray, others: np.ndarray, itself: bool = False) -> Floats:
    """(N,) the distance from each of (N, D) to the nearest of (M, D). itself: both are the same, and a vector is not its own."""
    a, b = vectors.astype(np.float64), others.astype(np.float64)
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    if itself:
        np.fill_diagonal(squares, np.inf)
    out: Floats = np.sqrt(np.maximum(squares.min(1), 0))
    return out
