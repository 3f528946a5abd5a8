"""From one look to the next with the noise held: crossfades, and a walk along several looks. Knows no bpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe

DIGITS = 6  # as look.recipe_of rounds: Blender's floats have 32 bits


def crossfade(start: Recipe, end: Recipe, amount: float) -> Recipe:
    """The look between two: 0 is `start`, 1 has all of `end` but its noise, which stays that of `start`.

    A start that is itself on its way to another look is followed rightly: with f of the way to T done,
    lerp(lerp(S, T, f), E, a) = lerp(S, lerp(T, E, a / s), s),  s = 1 - (1 - f) (1 - a).
    Raises GantlitzError when more recipes would lie within one another than a recipe can hold.
    """
    amount = min(1.0, max(0.0, amount))
    if start.towards is None or amount in (0.0, 1.0):
        plain = start if amount == 0.0 else replace(start, towards=end, amount=round(amount, DIGITS))
        return plain
    share = 1 - (1 - start.amount) * (1 - amount)
    through = crossfade(start.towards, end, amount / share)
    return replace(start, towards=through, amount=round(share, DIGITS))


def recipe_at(looks: Sequence[Recipe], position: float) -> Recipe:
    """The look at a place of a walk: 0 is the first, 1 the second, 1.25 a quarter of the way from there to the third.

    The noise, and the model, are those of the first look throughout. Positions beyond the ends are at the ends.
    Raises GantlitzError for a walk without looks.
    """
    if not looks:
        raise GantlitzError("The walk has no looks.", "Add two or more looks to it.", "no-walk")
    first = looks[0]
    position = min(max(0.0, position), len(looks) - 1.0)
    index = min(int(position), max(0, len(looks) - 2))
    held = replace(
        looks[index],
        noise_seed=first.noise_seed,
        noise_strength=first.noise_strength,
        grain=first.grain,
        model=first.model,
        model_sha256=first.model_sha256,
    )
    return crossfade(held, looks[index + 1], position - index) if len(looks) > 1 else held


def even_keys(count: int, start: int, end: int) -> list[tuple[float, float]]:
    """(frame, position) for each of `count` looks, evenly from frame `start` to `end`."""
    return [(start + (end - start) * index / (count - 1), float(index)) for index in range(count)]
