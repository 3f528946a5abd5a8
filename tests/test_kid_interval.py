"""The kernel distance with its interval: patch_kid's own figure, and known degradations in their order, beyond doubt."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch

from trainer.metrics.features import TextureFeatures
from trainer.metrics.kid_interval import Scale, kid_with_interval
from trainer.metrics.patch_kid import PARTS, features_of, grid_places, patch_kid
from trainer.statistics import normalisation
from trainer.store import Store

WIDTH, HEIGHT, PEOPLE, SIDE, DRAWS = 192, 128, 20, 32, 50  # size and people: of, and among, those of people_store


@pytest.fixture(scope="module")
def people(people_store):
    return Store(people_store, WIDTH)


@pytest.fixture(scope="module")
def judge(people):
    """faces -> {patches or whole: {part: value and interval}} of (7, H, W) maps beside the first half of the people."""
    constants, places = normalisation([people]), grid_places(people.mask_at(0), SIDE)

    def looked(faces):
        patches = [np.stack([p[:, r.top : r.bottom, r.left : r.right] for r in places]) for p in faces]
        of_patches, of_wholes = TextureFeatures(SIDE), TextureFeatures(HEIGHT)
        return {
            "patches": (features_of(patches, of_patches, *constants), of_patches),
            "whole": (features_of([p[None] for p in faces], of_wholes, *constants), of_wholes),
        }

    real = looked([people.subject(i, 0, i % 2 == 1) for i in range(PEOPLE // 2)])

    def distances(faces):
        return {
            kind: kid_with_interval(real[kind][0], found, Scale.of(real[kind][0]), extractor, DRAWS)
            for kind, (found, extractor) in looked(faces).items()
        }

    distances.sigma = constants[1].astype(np.float32)[:, None, None]
    return distances


@pytest.fixture(scope="module")
def others(people):
    return [people.subject(i, 0, i % 2 == 1) for i in range(PEOPLE // 2, PEOPLE)]


@pytest.fixture(scope="module")
def undisturbed(judge, others):
    return judge(others)


def blurred(faces, radius):
    return [np.stack([cv2.GaussianBlur(c, (0, 0), radius) for c in p]) for p in faces]


def noisy(faces, sigma, amount):
    rng = np.random.default_rng(0)
    return [p + amount * sigma * rng.normal(size=p.shape).astype(np.float32) for p in faces]


def shuffled(faces):
    channels = ((0, slice(0, 3)), (3, slice(3, 5)), (5, slice(5, 6)), (7, slice(6, 7)))
    n = len(faces)
    return [np.concatenate([faces[(i + other) % n][c] for other, c in channels]) for i in range(n)]


def test_the_value_is_that_of_patch_kid():
    rng = torch.Generator().manual_seed(0)
    extractor = TextureFeatures(16)
    real, fake = (torch.randn(8, 3, len(extractor.columns("joint")), generator=rng) * s for s in (1, 1.2))
    found = kid_with_interval(real, fake, Scale.of(real), extractor, 10)
    assert {p: found[p]["value"] for p in PARTS} == pytest.approx(patch_kid(real, fake, extractor), rel=1e-3)


KINDS = ("patches", "whole")


def test_people_of_one_kind_are_not_told_apart(undisturbed):
    assert all(undisturbed[kind][part]["interval"][0] < 0.6 for kind in KINDS for part in PARTS)


def test_blur_is_further_away_the_more_there_is(judge, others, undisturbed):
    values = [undisturbed, judge(blurred(others, 0.6)), judge(blurred(others, 1.5))]
    assert_ordered(values, KINDS, ("joint", "albedo", "normal", "specular", "displacement"))


def test_noise_is_further_away_the_more_there_is(judge, others, undisturbed):
    values = [undisturbed, judge(noisy(others, judge.sigma, 0.05)), judge(noisy(others, judge.sigma, 0.3))]
    assert_ordered(values, KINDS, ("joint", "albedo", "specular"))


def test_a_shift_of_colour_shows_in_the_albedo_and_nowhere_else(judge, others, undisturbed):
    shift = judge.sigma * np.array([1, 1, 1, 0, 0, 0, 0], np.float32)[:, None, None]
    values = [undisturbed, judge([p + shift for p in others]), judge([p + 2 * shift for p in others])]
    assert_ordered(values, KINDS, ("albedo",))
    for kind in KINDS:
        assert values[2][kind]["specular"]["value"] == pytest.approx(undisturbed[kind]["specular"]["value"], abs=1e-3)


def test_maps_of_different_people_show_in_their_agreement_and_nowhere_else(judge, others, undisturbed):
    values = [undisturbed, judge(shuffled(others))]
    assert_ordered(values, ("patches",), ("agreement",))
    for kind in KINDS:
        assert values[1][kind]["albedo"]["value"] == pytest.approx(values[0][kind]["albedo"]["value"], abs=1e-3)


def test_the_wrong_place_is_far_away(judge, others, undisturbed):
    assert_ordered([undisturbed, judge([p[:, ::-1].copy() for p in others])], KINDS, ("joint", "albedo", "displacement"))


def assert_ordered(values, kinds, parts):
    """Each further than the one before, the last one beyond doubt."""
    for kind in kinds:
        for part in parts:
            found = [v[kind][part] for v in values]
            assert all(nearer["value"] < further["value"] for nearer, further in pairwise(found))
            assert found[0]["value"] < found[-1]["interval"][0]
