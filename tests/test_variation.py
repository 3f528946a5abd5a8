"""Mixing faces, noise by scale, and the way from one look to another, as FaceModel renders them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.model.config import PLANS
from gantlitz_blender.runtime.model.generator import layer_key
from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.noise_scales import ScaledNoise, scale_of
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.recipe_parts import BANDS, SCALES, Grain, Mix

CANVAS = PLANS["XS"]
PLACE = [Rect(0, 0, 8, 8)]


@pytest.fixture(scope="module")
def model(tiny_model_path: Path) -> FaceModel:
    return FaceModel.load(tiny_model_path, device="cpu", precision="float32")


def maps(model: FaceModel, recipe: Recipe, level: int = 2) -> np.ndarray:
    return model.render(recipe, level=level).stacked()


def test_mixing_all_bands_in_full_gives_the_other_face(model: FaceModel) -> None:
    mixed = Recipe(1, mix={band: Mix(2) for band in BANDS})
    np.testing.assert_allclose(maps(model, mixed), maps(model, Recipe(2)), atol=1e-5)


def test_bands_differ_and_a_half_lies_between(model: FaceModel) -> None:
    plain = maps(model, Recipe(1), 0)
    coarse, fine = (maps(model, Recipe(1, mix={band: Mix(2)}), 0) for band in ("coarse", "fine"))
    assert min(np.abs(a - b).mean() for a, b in ((coarse, fine), (coarse, plain), (fine, plain))) > 1e-3
    whole, half = (model.w(Recipe(1, mix={"middle": Mix(2, amount)})) for amount in (1.0, 0.5))
    torch.testing.assert_close(half, (whole + model.w(Recipe(1))[:, None]) / 2)


def test_bands_share_the_styles_out(model: FaceModel) -> None:
    for config in (model.config, CANVAS):
        styles = [index for band in BANDS for index in range(*config.styles_of(band).indices(config.styles))]
        assert styles == list(range(config.styles))


def test_every_scale_has_levels_of_the_full_canvas() -> None:
    scales = [scale_of(CANVAS, level) for level in range(CANVAS.levels)]
    assert scales == ["pores", "pores", "wrinkles", "wrinkles", "blotches", "blotches"]


def test_a_scale_has_a_strength_and_a_seed_of_its_own() -> None:
    base = HashNoise(3, 0.8)
    noise = ScaledNoise(base, {"pores": Grain(0.0), "wrinkles": Grain(0.5, 9)}, CANVAS, 0.8, "cpu")
    pores, wrinkles, blotches, global_stage = (layer_key(level, 1) for level in (0, 2, 5, -2))
    assert not noise(pores, PLACE, 1).any()
    assert torch.equal(noise(wrinkles, PLACE, 1), 0.5 * HashNoise(9, 0.8)(wrinkles, PLACE, 1))
    for untouched in (blotches, global_stage):
        assert torch.equal(noise(untouched, PLACE, 1), base(untouched, PLACE, 1))


def test_noise_whose_every_scale_is_silent_leaves_no_seed_to_see(model: FaceModel) -> None:
    silent = {scale: Grain(0.0) for scale in SCALES}
    a, b = (Recipe(1, grain={scale: replace(g, seed=seed) for scale, g in silent.items()}) for seed in (4, 5))
    np.testing.assert_array_equal(maps(model, a), maps(model, b))
    assert np.abs(maps(model, a) - maps(model, Recipe(1))).max() > 1e-3


def test_another_seed_of_one_scale_is_another_picture_of_the_same_face(model: FaceModel) -> None:
    scale = scale_of(model.config, 2)  # the tiny model's texels are eight times as large
    plain, other = maps(model, Recipe(1)), maps(model, Recipe(1, grain={scale: Grain(1.0, 77)}))
    assert np.abs(plain - other).max() > 1e-3
    assert torch.equal(model.w(Recipe(1)), model.w(Recipe(1, grain={scale: Grain(1.0, 77)})))
    np.testing.assert_array_equal(maps(model, Recipe(1, grain={scale: Grain(1.0, 0)})), plain)


def test_the_ends_of_a_crossfade_are_the_two_looks(model: FaceModel) -> None:
    a, b = Recipe(1, 0.9, noise_seed=5), Recipe(2, 0.4, noise_seed=5)
    for amount, end in ((0.0, a), (1.0, b)):
        np.testing.assert_allclose(maps(model, replace(a, towards=b, amount=amount)), maps(model, end), atol=1e-5)


def test_half_way_lies_between_and_the_noise_is_held(model: FaceModel) -> None:
    a, b = Recipe(1, noise_seed=5), Recipe(2, noise_seed=6)
    half = replace(a, towards=b, amount=0.5)
    torch.testing.assert_close(model.w(half), (model.w(a) + model.w(b)) / 2)
    np.testing.assert_array_equal(maps(model, half), maps(model, replace(half, towards=replace(b, noise_seed=99))))
    assert np.abs(maps(model, half) - maps(model, replace(half, noise_seed=6))).max() > 1e-3


def test_a_mixed_face_can_go_towards_a_plain_one(model: FaceModel) -> None:
    mixed = Recipe(1, mix={"fine": Mix(3)}, towards=Recipe(2), amount=1.0)
    assert model.w(mixed).shape == (1, model.config.styles, model.config.w_dim)
    np.testing.assert_allclose(maps(model, mixed), maps(model, Recipe(2)), atol=1e-5)
