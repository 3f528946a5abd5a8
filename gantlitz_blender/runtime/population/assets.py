"""The library of a population as items of a batch, an asset for each person: planned before its maps are made, made by Blender."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..batch.items import BlenderItem, FaceItem, Output, key_of
from .people import Person

KIND, END = "population", ".blend"
ROOM = 300_000  # bytes of an asset's .blend, at most: the maps are beside it


def asset_items(people: Sequence[Person], about: dict[str, Any], output: Output) -> list[BlenderItem]:
    """about: of the whole library, as people.write_people has it. output: of the maps."""
    return [_item(person, about, output) for person in people]


def _item(person: Person, about: dict[str, Any], output: Output) -> BlenderItem:
    of = {
        "maps": key_of(FaceItem(person.name, person.recipe, output)),
        "labels": person.labels,
        "nearest": person.nearest,
        "nearest_training": about["nearest_training"] if person.nearest_training is None else person.nearest_training,
        "tags": [*person.tags(), "GANtlitz", "face"],
        "author": about["author"],
        "licence": about["model"]["licence"],
        "catalog": about["catalog"],
    }
    return BlenderItem(person.name, KIND, person.recipe, of, END, ROOM, derived=True)  # `nearest` changes as the population grows
