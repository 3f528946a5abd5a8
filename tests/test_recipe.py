"""A recipe travels as JSON, gives the same recipe back, and says clearly what is wrong with a bad one."""

import dataclasses
import json

import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.recipe import Recipe

SHA256 = "0123456789abcdef" * 4


def test_json_gives_the_same_recipe_back():
    recipe = Recipe(4294967295, 0.1 + 0.2, 12, 1.75, "Jörg's model", SHA256)
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_json_is_ascii_and_names_its_version():
    text = Recipe(7, model="Jörg").to_json()
    assert text.isascii() and "\n" not in text
    data = json.loads(text)
    assert data.pop("version") == 1
    assert data == {
        "seed": 7, "psi": 0.7, "noise_seed": 0, "noise_strength": 1.0, "model": "Jörg", "model_sha256": "",
    }  # fmt: skip


def test_missing_fields_take_their_defaults():
    assert Recipe.from_json('{"seed": 3}') == Recipe(3, 0.7, 0, 1.0, "", "")


def test_whole_numbers_are_welcome_where_fractions_are():
    assert Recipe(1, psi=1).to_json() == Recipe(1, psi=1.0).to_json()


def test_a_recipe_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe(1).seed = 2


def test_the_edges_of_each_range_are_allowed():
    assert Recipe(0, psi=0, noise_seed=0, noise_strength=0).psi == 0.0
    assert Recipe(2**32 - 1, psi=1.5, noise_seed=2**32 - 1, noise_strength=2).noise_strength == 2.0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", -1), ("seed", 2**32), ("seed", 1.0), ("seed", "1"), ("seed", True), ("seed", None),
        ("noise_seed", -1), ("noise_seed", 2**32),
        ("psi", -0.01), ("psi", 1.51), ("psi", float("nan")), ("psi", float("inf")), ("psi", "0.7"), ("psi", False),
        ("noise_strength", -1), ("noise_strength", 2.01), ("noise_strength", None),
        ("model", None), ("model_sha256", "abc"), ("model_sha256", "X" * 64), ("model_sha256", 5),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_name(field, value):
    with pytest.raises(GantlitzError, match=field) as caught:
        Recipe(**{"seed": 1, field: value})
    assert caught.value.code == "bad-request"
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a recipe"), ("{", "not a recipe"), ("[1]", "JSON object"), ("null", "JSON object"),
        ("{}", "no seed"), ('{"seed": 1, "sede": 2}', "unknown field 'sede'"),
        ('{"seed": 1, "version": 3}', "version 3.*up to version 2.*Update"), ('{"seed": 1, "version": "1"}', "version"),
        ('{"seed": 1, "psi": NaN}', "psi"), ("[" * 100000, "not a recipe"),
    ],
)  # fmt: skip
def test_what_is_not_a_recipe_is_refused(text, sentence):
    with pytest.raises(GantlitzError, match=sentence) as caught:
        Recipe.from_json(text)
    assert caught.value.code == "bad-request"


def test_psi_too_large_for_a_float_is_refused():
    with pytest.raises(GantlitzError, match="psi"):
        Recipe.from_json('{"seed": 1, "psi": 1' + "0" * 400 + "}")
