"""How sure a figure is: the percentile bootstrap (Efron 1979) over faces, never over patches of one face."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

DRAWS, SEED = 1000, 0
COVERAGE = 0.95
Interval = tuple[float, float]


def resamples(count: int, draws: int = DRAWS, seed: int = SEED) -> Iterator[NDArray[np.int64]]:
    """(count,) indices drawn with replacement, ``draws`` times; the same ones for the same seed."""
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield rng.integers(0, count, count)


def interval_of(values: list[float] | NDArray) -> Interval:
    """The middle COVERAGE of bootstrapped values."""
    tail = 50 * (1 - COVERAGE)
    low, high = np.percentile(np.asarray(values, float), (tail, 100 - tail))
    return float(low), float(high)


def mean_interval(values: NDArray, draws: int = DRAWS, seed: int = SEED) -> Interval:
    """Of the mean of one value a face."""
    values = np.asarray(values, float)
    return interval_of([values[rows].mean() for rows in resamples(len(values), draws, seed)])


def ratio_interval(above: NDArray, below: NDArray, draws: int = DRAWS, seed: int = SEED) -> Interval:
    """Of mean(above) / mean(below), each with faces of its own."""
    above, below = np.asarray(above, float), np.asarray(below, float)
    pairs = zip(resamples(len(above), draws, seed), resamples(len(below), draws, seed + 1), strict=True)
    return interval_of([above[i].mean() / below[j].mean() for i, j in pairs])


def two_sample_interval(
    statistic: Callable[[NDArray[np.int64], NDArray[np.int64]], float], a: int, b: int, draws: int = DRAWS, seed: int = SEED
) -> Interval:
    """Of a statistic of rows of two sets of a and b faces."""
    pairs = zip(resamples(a, draws, seed), resamples(b, draws, seed + 1), strict=True)
    return interval_of([statistic(i, j) for i, j in pairs])
