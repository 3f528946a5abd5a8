"""What the history of looks keeps, and its small pictures."""

from dataclasses import replace

import numpy as np

from gantlitz_blender import history, thumbnail
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.recipe_parts import Grain, Mix


def test_a_look_is_the_same_whatever_model_it_was_sampled_with():
    look = Recipe(7, psi=0.8)
    sampled = replace(look, model="xs", model_sha256="0" * 64)
    assert history.same_look(look.to_json(), sampled.to_json())
    assert not history.same_look(look.to_json(), Recipe(8, psi=0.8).to_json())
    assert not history.same_look(look.to_json(), "no recipe")


def test_labels_say_what_is_special():
    assert history.label_of(Recipe(7)) == "Seed 7"
    look = Recipe(7, mix={"coarse": Mix(3)}, grain={"pores": Grain(0.5)}, edits={"age": 1}, towards=Recipe(9), amount=0.25)
    assert history.label_of(look) == "Seed 7, mixed, edited, detail, 25% to seed 9"


def test_the_oldest_goes_first_and_favourites_never():
    assert history.surplus([False] * 5, 3) == [4, 3]
    assert history.surplus([False, True, False, True, True], 3) == [2, 0]
    assert history.surplus([True] * 5, 3) == []
    assert history.surplus([False, True], 0) == [0]
    assert history.surplus([False] * history.ENTRIES_MAX) == []


def test_a_look_moves_past_one_that_is_shown():
    favourites = [True, False, True, False]
    assert history.place_beside(favourites, 2, -1, among_favourites=False) == 1
    assert history.place_beside(favourites, 2, -1, among_favourites=True) == 0
    assert history.place_beside(favourites, 2, 1, among_favourites=True) is None
    assert history.place_beside(favourites, 3, 1, among_favourites=False) is None


def test_a_thumbnail_is_a_short_text():
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[0:64, 0:96] / 96
    face = np.stack([0.7 + 0.1 * rows, 0.5 + 0.1 * columns, 0.4 * np.ones_like(rows)], axis=-1)
    text = thumbnail.pack(face + rng.normal(0, 0.02, face.shape))
    assert text.isascii() and len(text) < 6500
    back = thumbnail.unpack(text)
    assert back is not None and back.shape == (32, 48, 3) and back.dtype == np.uint8
    exact = thumbnail.unpack(thumbnail.pack(back / 255))
    assert np.array_equal(exact, back)
    assert abs(back[..., 0].mean() / 255 - face[..., 0].mean()) < 0.01


def test_what_is_no_thumbnail_is_none():
    whole = thumbnail.pack(np.full((32, 48, 3), 0.5))
    for text in ("", "umlaut ä", "abc", whole[:-8], "eJwDAAAAAAE="):
        assert thumbnail.unpack(text) is None, text
