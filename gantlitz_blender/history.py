"""What the history of looks keeps, and under which name. Knows no bpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe

ENTRIES_MAX = 200  # beside which every favourite is kept


def same_look(one: str, other: str) -> bool:
    """Whether two recipes, as JSON, are of one look: the model that a face was made with does not count."""
    if one == other:
        return True
    try:
        return _without_model(one) == _without_model(other)
    except GantlitzError:
        return False


def label_of(recipe: Recipe) -> str:
    """A short name, such as ``Seed 7, mixed``."""
    words = [f"Seed {recipe.seed}"]
    words += [word for word, part in (("mixed", recipe.mix), ("edited", recipe.edits), ("detail", recipe.grain)) if part]
    if recipe.towards is not None:
        words.append(f"{recipe.amount:.0%} to seed {recipe.towards.seed}")
    return ", ".join(words)


def surplus(favourites: Sequence[bool], largest: int = ENTRIES_MAX) -> list[int]:
    """Which entries to drop, the last one first, where each is a favourite or not, newest first. Favourites always stay."""
    excess = len(favourites) - largest
    others = [index for index in reversed(range(len(favourites))) if not favourites[index]]
    return others[: max(0, excess)]


def place_beside(favourites: Sequence[bool], index: int, by: int, among_favourites: bool) -> int | None:
    """Where the entry goes when it is moved by -1 (up) or 1, past one that is shown; None at the end of the list."""
    at = index + by
    while 0 <= at < len(favourites):
        if favourites[at] or not among_favourites:
            return at
        at += by
    return None


def _without_model(recipe_json: str) -> Recipe:
    return replace(Recipe.from_json(recipe_json), model="", model_sha256="")
