"""Walks and crossfades: which recipe is where, and that the rendered latents are there."""

from dataclasses import replace

import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.recipe_parts import Grain, Mix
from gantlitz_blender.walk import crossfade, even_keys, recipe_at

from .tiny_model import save_tiny_model

A = Recipe(1, noise_seed=5, noise_strength=0.8, grain={"pores": Grain(1.5)})
B = Recipe(2, psi=1.0, noise_seed=6, mix={"fine": Mix(9)})
C = Recipe(3)
WALK = (A, B, C)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return FaceModel.load(str(save_tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")), "cpu")


def test_the_ends_of_a_crossfade_are_the_looks(model):
    assert crossfade(A, B, 0.0) == A
    assert torch.allclose(model.w(crossfade(A, B, 1.0)), model.w(B))
    assert crossfade(A, B, 1.0).noise_seed == 5


@pytest.mark.parametrize("amount", [0.0, 0.3, 0.75, 1.0])
def test_a_crossfade_of_looks_that_are_on_their_way_is_a_straight_line(model, amount):
    start = replace(A, towards=C, amount=0.4)
    end = replace(B, towards=Recipe(11), amount=0.5)
    expected = torch.lerp(model.w(start), model.w(end), amount)
    assert torch.allclose(model.w(crossfade(start, end, amount)), expected, atol=1e-5)


def test_a_start_that_has_arrived_can_go_on(model):
    start = replace(A, towards=C, amount=1.0)
    expected = torch.lerp(model.w(C), model.w(B), 0.5)
    assert torch.allclose(model.w(crossfade(start, B, 0.5)), expected, atol=1e-5)


def test_whole_positions_of_a_walk_are_its_looks(model):
    for position, look in enumerate(WALK):
        assert torch.allclose(model.w(recipe_at(WALK, position)), model.w(look)), position
    halfway = recipe_at(WALK, 1.5)
    assert (halfway.seed, halfway.towards.seed, halfway.amount) == (2, 3, 0.5)


def test_the_noise_is_that_of_the_first_look_everywhere():
    for position in (0, 0.5, 1, 1.99, 2):
        found = recipe_at(WALK, position)
        assert (found.noise_seed, found.noise_strength, found.grain) == (5, 0.8, A.grain), position


def test_a_walk_is_continuous_where_two_stretches_meet(model):
    before, after = recipe_at(WALK, 1 - 1e-4), recipe_at(WALK, 1 + 1e-4)
    assert torch.allclose(model.w(before), model.w(after), atol=1e-2)


def test_beyond_the_ends_a_walk_stands_still():
    assert recipe_at(WALK, -1) == recipe_at(WALK, 0) and recipe_at(WALK, 9) == recipe_at(WALK, 2)
    assert recipe_at([A], 0.5) == A
    with pytest.raises(GantlitzError, match="no looks"):
        recipe_at([], 0)


def test_keys_are_even():
    assert even_keys(3, 1, 21) == [(1, 0), (11, 1), (21, 2)]
