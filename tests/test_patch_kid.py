"""Patch KID: zero for subjects of one kind, and the larger the further a set of patches is from them."""

import cv2
import numpy as np
import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from trainer.metrics.features import TextureFeatures
from trainer.metrics.patch_kid import PARTS, features_of, grid_places, patch_kid, sampled_patches, store_patches
from trainer.statistics import normalisation
from trainer.store import Store

SIDE, WIDTH, HEIGHT, PEOPLE = 32, 192, 128, 20
SINGLE = ("albedo", "normal", "specular", "displacement")


@pytest.fixture(scope="module")
def people(people_store):
    """(constants, places, patches of one half of the captured people, features of the other half)."""
    store = Store(people_store, WIDTH)
    places, constants = grid_places(store.mask_at(0), SIDE), normalisation([store])
    everyone = list(store_patches(store, 0, places))
    half = PEOPLE // 2
    return constants, places, everyone[half:], features_of(everyone[:half], TextureFeatures(SIDE), *constants)


@pytest.fixture(scope="module")
def distance(people):
    constants, _, _, real = people
    extractor = TextureFeatures(SIDE)
    return lambda patches: patch_kid(real, features_of(patches, extractor, *constants), extractor)


@pytest.fixture(scope="module")
def undisturbed(people, distance):
    return distance(people[2])


def noisy(patches, sigma, amount):
    rng = np.random.default_rng(0)
    return [p + amount * sigma[:, None, None].astype(np.float32) * rng.normal(size=p.shape).astype(np.float32) for p in patches]


def blurred(patches, radius):
    return [np.stack([np.stack([cv2.GaussianBlur(c, (0, 0), radius) for c in patch]) for patch in p]) for p in patches]


def test_the_estimator_is_the_unbiased_one_with_a_cubic_kernel():
    rng = torch.Generator().manual_seed(0)
    extractor = TextureFeatures(16)
    width = len(extractor.columns("joint"))
    real = torch.randn(6, 1, width, generator=rng)
    fake = torch.randn(6, 1, width, generator=rng) * 1.2
    mean, spread = real.mean(dim=(0, 1)), real.std(dim=(0, 1)) + 1e-6
    a, b = ((4 * torch.tanh((x[:, 0] - mean) / spread / 4)).double() for x in (real, fake))
    within = [
        np.mean([((x[i] @ x[j]) / width + 1).item() ** 3 for i in range(6) for j in range(6) if i != j]) for x in (a, b)
    ]
    between = np.mean([((x @ y) / width + 1).item() ** 3 for x in a for y in b])
    assert patch_kid(real, fake, extractor)["joint"] == pytest.approx(sum(within) - 2 * between, rel=1e-4)


def test_people_of_one_kind_are_near_each_other(undisturbed):
    assert all(abs(undisturbed[part]) < 1.0 for part in PARTS)


def test_more_noise_is_further_away(people, distance, undisturbed):
    values = [undisturbed] + [distance(noisy(people[2], people[0][1], amount)) for amount in (0.05, 0.2)]
    for part in ("joint", *SINGLE):
        assert values[0][part] < values[1][part] < values[2][part]


def test_more_blur_is_further_away(people, distance, undisturbed):
    values = [undisturbed] + [distance(blurred(people[2], radius)) for radius in (0.6, 1.5)]
    for part in ("joint", *SINGLE):
        assert values[0][part] < values[1][part] < values[2][part]


def test_a_shift_of_colour_is_seen_in_the_albedo_alone(people, distance, undisturbed):
    shift = (2 * people[0][1] * np.array([1, 1, 1, 0, 0, 0, 0]))[:, None, None].astype(np.float32)
    moved = distance([p + shift for p in people[2]])
    assert moved["albedo"] > undisturbed["albedo"] + 1 and moved["joint"] > undisturbed["joint"]
    assert all(moved[part] == pytest.approx(undisturbed[part], abs=1e-4) for part in SINGLE[1:])


def test_maps_of_different_people_are_told_by_their_agreement_alone(people, distance, undisturbed):
    patches, n = people[2], len(people[2])
    channels = ((0, slice(0, 3)), (3, slice(3, 5)), (5, slice(5, 6)), (7, slice(6, 7)))
    mixed = [np.concatenate([patches[(i + other) % n][:, c] for other, c in channels], axis=1) for i in range(n)]
    found = distance(mixed)
    assert found["agreement"] > undisturbed["agreement"] + 1 and found["joint"] > undisturbed["joint"]
    assert all(found[part] == pytest.approx(undisturbed[part], abs=1e-3) for part in SINGLE)


def test_the_right_skin_at_the_wrong_place_is_far_away(people, distance, undisturbed):
    elsewhere = distance([p[::-1].copy() for p in people[2]])
    for part in ("joint", *SINGLE):
        assert elsewhere[part] > undisturbed[part] + 1


def test_places_lie_inside_the_face_and_do_not_overlap(people):
    seen = np.zeros((HEIGHT, WIDTH), int)
    for place in people[1]:
        seen[place.top : place.bottom, place.left : place.right] += 1
    assert len(people[1]) >= 4 and seen.max() == 1


def test_a_patch_larger_than_the_face_is_refused():
    with pytest.raises(GantlitzError, match="64 texels"):
        grid_places(np.zeros((128, 192), np.float32), 64)


def test_sampled_patches_are_crops_of_the_whole_face(tiny_model_path):
    from gantlitz_blender.runtime.model import checkpoint
    from gantlitz_blender.runtime.model.rects import Rect

    generator, _ = checkpoint.load(tiny_model_path)
    places = [Rect(64, 128, 96, 160), Rect(100, 200, 132, 232)]
    (some,) = sampled_patches(generator, 1, places, [5])
    (whole,) = sampled_patches(generator, 1, [Rect(0, 0, *generator.config.size(1))], [5])
    for place, patch in zip(places, some, strict=True):
        assert np.allclose(patch, whole[0][:, place.top : place.bottom, place.left : place.right], atol=1e-5)
