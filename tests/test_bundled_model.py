"""The model that ships: small enough, honest about itself, and true to the contracts at full size."""

import numpy as np
import pytest

from gantlitz_blender.runtime.face_model import BUNDLED, FaceModel
from gantlitz_blender.runtime.recipe import Recipe

RECIPE = Recipe(7)
REGION = (2901, 2607, 3207, 2801)  # the mouth, at odd offsets


@pytest.fixture(scope="module")
def model() -> FaceModel:
    return FaceModel.load(device="cpu", precision="float32")


def test_it_is_under_12_mb_and_says_what_it_is(model: FaceModel) -> None:
    assert BUNDLED.stat().st_size < 12e6
    assert (model.width, model.height) == (6144, 4096)
    assert model.licence
    assert model.provenance["step"] > 1000
    assert model.provenance["seconds"] > 0
    assert all(d["subjects"] > 0 for chapter in model.provenance["history"] for d in chapter["data"])


def test_a_tile_is_the_crop_of_the_whole(model: FaceModel) -> None:
    whole = model.render(RECIPE, region=REGION).stacked()
    tiles = model.render(RECIPE, region=REGION, tile=77, threads=2).stacked()
    np.testing.assert_array_equal(tiles, whole)
    part = model.render(RECIPE, region=(2950, 2650, 3001, 2699)).stacked()
    np.testing.assert_array_equal(part, whole[43:92, 49:100])


def test_bfloat16_stays_within_one_8_bit_level_of_albedo(model: FaceModel) -> None:
    half = FaceModel.load(device="cpu", precision="bfloat16")
    for region in (REGION, (1700, 1900, 2000, 2200)):
        exact, fast = (m.render(RECIPE, region=region).albedo for m in (model, half))
        assert np.abs(exact - fast).max() < 1 / 255


def test_seeds_are_different_people(model: FaceModel) -> None:
    faces = np.stack([model.preview(Recipe(seed, psi=1.0), 96).albedo for seed in range(8)])
    skin = faces[:, 30:34, 30:36].mean(axis=(1, 2, 3))  # a cheek
    assert skin.max() - skin.min() > 0.15, "tones from light to dark"
    assert np.abs(faces[0] - faces[1]).mean() > 0.01


def test_noise_seeds_change_pores_and_not_the_person(model: FaceModel) -> None:
    cheek = (2000, 2000, 2256, 2256)
    a, b = (model.render(Recipe(3, noise_seed=n), region=cheek) for n in (0, 1))
    assert np.abs(a.normal[..., 0] - b.normal[..., 0]).std() > 0.02
    assert abs(a.albedo.mean() - b.albedo.mean()) < 0.02


def test_the_normal_map_agrees_with_the_displacement(model: FaceModel) -> None:
    maps = model.render(RECIPE, region=(2000, 2000, 2512, 2512))
    slope = -np.gradient(maps.displacement, axis=1)[8:-8, 8:-8]
    assert np.corrcoef(slope.ravel(), maps.normal[8:-8, 8:-8, 0].ravel())[0, 1] > 0.95
