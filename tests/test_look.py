"""The panel's sliders and a recipe say the same of a face."""

from typing import Any

import pytest

from gantlitz_blender.look import LABELS, SEED_MAX, recipe_of, settings_of, summary
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.recipe_parts import Grain, Mix

RICH = Recipe(
    7, 0.9, 3, 1.2,
    mix={"coarse": Mix(9), "fine": Mix(5, 0.25)},
    grain={"blotches": Grain(1.0, 0), "pores": Grain(0.5)},
    edits={"age": 2.0, "tone": -1.5},
    locks=("stubble",),
    towards=Recipe(8, 0.5, mix={"middle": Mix(2, 0.5)}), amount=0.4,
)  # fmt: skip


def read(settings: dict[str, Any]) -> Recipe:
    return recipe_of(settings.__getitem__)


@pytest.mark.parametrize("recipe", [Recipe(7), RICH, Recipe(SEED_MAX, 0.0, SEED_MAX, 0.0)])
def test_settings_give_the_recipe_back(recipe: Recipe) -> None:
    assert read(settings_of(recipe)) == recipe


def test_settings_at_rest_are_a_plain_recipe() -> None:
    settings = settings_of(Recipe(7))
    assert (settings["grain_pores_seed"], settings["grain_pores"], settings["mix_fine"]) == (-1, 1.0, 0.0)
    assert not any(settings[f"edit_{label}"] or settings[f"lock_{label}"] for label in LABELS)
    assert settings["towards"] == "" and settings["amount"] == 0.0


def test_a_crossfade_without_an_other_end_is_none() -> None:
    assert read(settings_of(Recipe(7)) | {"amount": 0.5}) == Recipe(7)


def test_floats_of_32_bits_do_not_make_other_recipes() -> None:
    settings = settings_of(Recipe(7)) | {"psi": 0.699999988079071, "edit_age": 1.2000000476837158}
    assert read(settings) == Recipe(7, edits={"age": 1.2})


def test_what_the_settings_cannot_hold_is_refused() -> None:
    refused = [
        Recipe(7, fit="a_fit.safetensors", fit_sha256="ab" * 32),
        Recipe(SEED_MAX + 1),
        Recipe(7, mix={"fine": Mix(SEED_MAX + 1)}),
        Recipe(7, grain={"pores": Grain(1.0, SEED_MAX + 1)}),
        Recipe(7, edits={"charm": 1.0}),
    ]
    for recipe in refused:
        with pytest.raises(GantlitzError) as caught:
            settings_of(recipe)
        assert caught.value.fix


def test_a_summary_says_what_was_done() -> None:
    assert summary(Recipe(7).to_json()) == "seed 7, variety 0.70, detail 0"
    assert summary(RICH.to_json()) == "seed 7, variety 0.90, detail 3, mixed, edited, on its way"
