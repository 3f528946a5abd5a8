"""Intervals: of faces, the same every time, as wide as they ought to be."""

import numpy as np
import pytest

from trainer.metrics.bootstrap import mean_interval, ratio_interval, two_sample_interval


def test_it_is_the_same_every_time_and_another_with_another_seed():
    values = np.random.default_rng(0).normal(size=30)
    assert mean_interval(values) == mean_interval(values) != mean_interval(values, seed=1)


def test_the_mean_of_a_normal_sample_is_known_to_two_standard_errors():
    values = np.random.default_rng(1).normal(5, 2, 400)
    low, high = mean_interval(values)
    assert low < values.mean() < high
    assert (high - low) / 2 == pytest.approx(1.96 * values.std() / 20, rel=0.1)


def test_nineteen_of_twenty_intervals_hold_the_truth():
    rng = np.random.default_rng(2)
    held = [low < 0 < high for low, high in (mean_interval(rng.normal(size=60), draws=300) for _ in range(200))]
    assert 0.88 < np.mean(held) <= 0.99


def test_a_ratio_of_twice_the_values_is_two():
    values = np.random.default_rng(3).uniform(1, 2, 80)
    low, high = ratio_interval(2 * values, values)
    assert low < 2 < high and high - low < 0.5


def test_both_sets_are_drawn_anew():
    low, high = two_sample_interval(lambda i, j: float(i.mean() - j.mean()), 50, 50)
    assert low < 0 < high
