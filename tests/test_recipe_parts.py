"""The parts of a recipe that most faces do without: what they hold, what they refuse, and that nothing said is nothing kept."""

import json

import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.recipe_parts import BANDS, SCALES, Grain, Mix

RICH = Recipe(
    7, 0.9, 3, 1.2,
    mix={"fine": Mix(5, 0.25), "coarse": Mix(9)},
    grain={"pores": Grain(0.5), "blotches": Grain(1.0, 4)},
    edits={"tone": -1.5, "age": 2},
    locks=("stubble", "age", "stubble"),
    towards=Recipe(8, edits={"age": 1.0}), amount=0.4,
)  # fmt: skip


def test_json_gives_the_same_recipe_back() -> None:
    assert Recipe.from_json(RICH.to_json()) == RICH
    assert json.loads(RICH.to_json())["version"] == 2


def test_parts_are_kept_in_one_order_so_that_equal_faces_have_equal_recipes() -> None:
    assert list(RICH.mix) == ["coarse", "fine"] and list(RICH.grain) == ["blotches", "pores"]
    assert list(RICH.edits.items()) == [("age", 2.0), ("tone", -1.5)] and RICH.locks == ("age", "stubble")


def test_what_does_nothing_is_left_out() -> None:
    idle = Recipe(
        7,
        mix={band: Mix(3, 0.0) for band in BANDS},
        grain={scale: Grain() for scale in SCALES},
        edits={"age": 0.0, "tone": 0},
        locks=("stubble",),
    )
    assert idle == Recipe(7)
    assert idle.to_json() == Recipe(7).to_json()
    assert json.loads(idle.to_json())["version"] == 1, "older versions can read it"


def test_parts_may_be_given_as_their_json() -> None:
    assert Recipe(7, mix={"fine": {"seed": 5}}, grain={"pores": {"strength": 2}}) == Recipe(
        7, mix={"fine": Mix(5, 1.0)}, grain={"pores": Grain(2.0)}
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mix", []), ("mix", {"finest": Mix(1)}), ("mix", {"fine": 1}), ("mix", {"fine": {"sede": 1}}), ("mix", {"fine": {}}),
        ("mix", {"fine": {"seed": -1}}), ("mix", {"fine": {"seed": 2**32}}), ("mix", {"fine": {"seed": 1.0}}),
        ("mix", {"fine": {"seed": 1, "amount": 1.01}}), ("mix", {"fine": {"seed": 1, "amount": float("nan")}}),
        ("grain", None), ("grain", {"hair": Grain()}), ("grain", {"pores": {"strength": -0.1}}),
        ("grain", {"pores": {"strength": 2.1}}), ("grain", {"pores": {"strength": "1"}}), ("grain", {"pores": {"seed": True}}),
        ("edits", ["age"]), ("edits", {"age": 3.01}), ("edits", {"age": "old"}), ("edits", {"age": True}), ("edits", {"": 1.0}),
        ("edits", {"age": float("nan")}),
        ("locks", "age"), ("locks", [1]), ("locks", [""]), ("locks", {"age": True}),
    ],
)  # fmt: skip
def test_a_bad_part_is_refused_by_name(field: str, value: object) -> None:
    others = {"edits": {"tone": 1.0}} if field == "locks" else {}  # without edits, locks hold nothing
    with pytest.raises(GantlitzError, match=field.rstrip("s")) as caught:
        Recipe(1, **{field: value}, **others)
    assert caught.value.code == "bad-request"
    assert caught.value.fix
