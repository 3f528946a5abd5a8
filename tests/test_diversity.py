"""Diversity: sets of made-up faces whose answer is known."""

import numpy as np
import pytest

from trainer.metrics.diversity import distances, diversity, modes, nearest, pairs, small, vectors, within_reach

MASK = np.ones((128, 192), np.float32)


def crowd(count: int, seed: int, spread: float = 1.0) -> np.ndarray:
    return (spread * np.random.default_rng(seed).normal(size=(count, 7, 64, 96))).astype(np.float32)


def points(count: int, seed: int, centres: int = 0) -> np.ndarray:
    """Points of four dimensions; in tight clumps where there are centres."""
    rng = np.random.default_rng(seed)
    if not centres:
        return rng.normal(size=(count, 4))
    return 100 * np.eye(4)[np.arange(count) % centres] + 0.01 * rng.normal(size=(count, 4))


def test_a_distance_is_the_root_mean_square_of_what_differs():
    one = np.zeros((1, 7, 64, 96), np.float32)
    a, b = vectors(one, MASK, False), vectors(one + 2, MASK, False)
    assert distances(a, b)[0, 0] == pytest.approx(2, rel=1e-5)


def test_each_map_counts_alike_whatever_its_channels():
    changed = []
    for channels in (slice(0, 3), slice(3, 5), slice(5, 6), slice(6, 7)):
        face = np.zeros((1, 7, 64, 96), np.float32)
        face[:, channels] = 2
        changed.append(distances(vectors(face, MASK, False), vectors(0 * face, MASK, False))[0, 0])
    assert changed == pytest.approx([1.0] * 4, rel=1e-5)


def test_tone_alone_is_no_difference_without_tone():
    one = crowd(1, 0)
    a, b = (vectors(x, MASK, True) for x in (one, one + 3))
    assert distances(a, b)[0, 0] == pytest.approx(0, abs=1e-4)


def test_pairs_are_counted_once_and_a_face_is_not_its_own_neighbour():
    line = np.array([[0.0], [1.0], [10.0]])
    assert sorted(pairs(line)) == [1, 9, 10]
    assert nearest(line).tolist() == [1, 1, 9]
    assert nearest(line, np.array([[2.0]])).tolist() == [2, 1, 8]


@pytest.mark.parametrize("centres", [1, 2, 4])
def test_clumps_are_so_many_modes(centres):
    assert modes(points(24, 0, centres), 5.0) == pytest.approx(centres, rel=0.01)


def test_a_set_reaches_its_like_and_a_clump_in_its_middle_does_not():
    real, like, clump = points(100, 0), points(100, 1), 0.05 * points(100, 1)
    assert within_reach(real, like) > 0.7 and within_reach(like, real) > 0.7
    assert within_reach(real, clump) > 0.9, "what lies in the middle is believable"
    assert within_reach(clump, real) < 0.1, "and is not all there is"


def test_a_model_that_copies_is_too_near_to_its_training_and_one_that_repeats_has_twins():
    train, unseen = crowd(10, 0), crowd(10, 1)
    fair = diversity(train, unseen, crowd(10, 2), MASK, False)
    assert fair["fake_to_training"] == pytest.approx(fair["unseen_to_training"], rel=0.05) and fair["twins"] == 0
    copied = diversity(train, unseen, train + 0.01, MASK, False)
    assert copied["fake_to_training"] < 0.05 * copied["unseen_to_training"]
    repeated = diversity(train, unseen, np.repeat(crowd(5, 3), 2, axis=0), MASK, False)
    assert repeated["twins"] == 5 and repeated["modes_fake"] < 0.75 * fair["modes_fake"]


def test_as_many_faces_of_each_are_compared():
    assert diversity(crowd(12, 0), crowd(9, 1), crowd(30, 2), MASK, True)["faces"] == 9


def test_small_faces_are_standardised():
    planes = np.full((7, 128, 192), 5, np.float32)
    found = small(planes, np.full(7, 3, np.float32), np.full(7, 2, np.float32))
    assert found.shape == (7, 64, 96) and found == pytest.approx(1)
