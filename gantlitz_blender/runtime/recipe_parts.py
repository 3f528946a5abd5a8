"""The parts of a recipe that most faces do without: other seeds mixed in, noise by scale, moves along labelled directions.

Standard library only, so that Blender can import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import GantlitzError

UINT32_MAX = 2**32 - 1
NOISE_STRENGTH_MAX = 2.0
EDIT_MAX = 3.0
BANDS = ("coarse", "middle", "fine")
"""Of a face's styles: its features and tone, the forms of its skin, its texture."""
SCALES = ("blotches", "wrinkles", "pores")
"""Of the noise, by wavelength: above 1.7 mm, between, below 0.4 mm (model/noise_scales.py)."""


@dataclass(frozen=True)
class Mix:
    """Another face in one band of the styles. seed: of that face; amount: 0 (not at all) .. 1 (all of it)."""

    seed: int
    amount: float = 1.0

    def __post_init__(self) -> None:
        check_integer("mix's seed", self.seed, UINT32_MAX)
        object.__setattr__(self, "amount", checked_number("mix's amount", self.amount, 0, 1))

    def to_dict(self) -> dict[str, Any]:
        return {"seed": self.seed, "amount": self.amount}


@dataclass(frozen=True)
class Grain:
    """The noise of one scale. strength: 0 .. 2, times the recipe's; seed: its own, or None for the recipe's noise seed."""

    strength: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.seed is not None:
            check_integer("grain's seed", self.seed, UINT32_MAX)
        object.__setattr__(self, "strength", checked_number("grain's strength", self.strength, 0, NOISE_STRENGTH_MAX))

    def to_dict(self) -> dict[str, Any]:
        return {"strength": self.strength} if self.seed is None else {"strength": self.strength, "seed": self.seed}


def mixes(value: object) -> dict[str, Mix]:
    """{band: Mix} from a recipe's field or its JSON, without those that do nothing. Raises GantlitzError (``bad-request``)."""
    found = _parts("mix", value, BANDS, Mix)
    return {band: found[band] for band in BANDS if band in found and found[band].amount > 0}


def grains(value: object) -> dict[str, Grain]:
    """{scale: Grain} likewise."""
    found = _parts("grain", value, SCALES, Grain)
    return {scale: found[scale] for scale in SCALES if scale in found and found[scale] != Grain()}


def edits(value: object) -> dict[str, float]:
    """{label: standard deviations, -3 .. 3} likewise, in alphabetical order. Which labels there are is the model's to say."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) and name for name in value):
        raise GantlitzError(f"The recipe's edits must be an object of names and numbers, not {value!r}.", "Correct it.")
    checked = {name: checked_number(f"edit {name!r}", value[name], -EDIT_MAX, EDIT_MAX) for name in sorted(value)}
    return {name: amount for name, amount in checked.items() if amount != 0}


def locks(value: object) -> tuple[str, ...]:
    """Labels that an edit must leave as they are, in alphabetical order. Raises GantlitzError (``bad-request``)."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) and name for name in value):
        raise GantlitzError(f"The recipe's locks must be a list of names, not {value!r}.", "Correct it.")
    return tuple(sorted(set(value)))


def check_integer(name: str, value: object, largest: int) -> None:
    """Raises GantlitzError (``bad-request``) unless `value` is a whole number from 0 to `largest`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise GantlitzError(
            f"The recipe's {name} must be a whole number from 0 to {largest}, not {value!r}.", f"Change {name}."
        )


def checked_number(name: str, value: object, least: float, largest: float) -> float:
    """`value` as a float. Raises GantlitzError (``bad-request``) unless it is a number from `least` to `largest`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise GantlitzError(f"The recipe's {name} must be a number, not {value!r}.", f"Change {name}.")
    if not least <= value <= largest:  # NaN fails this too
        raise GantlitzError(f"The recipe's {name} must lie between {least:g} and {largest:g}, not {value!r}.", f"Change {name}.")
    return float(value)


def _parts(field: str, value: object, names: tuple[str, ...], kind: type) -> dict[str, Any]:
    """{name: kind(...)} of an object whose values are such parts already or their JSON."""
    if not isinstance(value, Mapping):
        raise GantlitzError(f"The recipe's {field} must be an object, not {value!r}.", f"Its fields: {', '.join(names)}.")
    found = {}
    for name, part in value.items():
        if name not in names:
            raise GantlitzError(f"The recipe's {field} has no {name!r}.", f"Known: {', '.join(names)}.")
        if not isinstance(part, kind):
            try:
                part = kind(**part)
            except TypeError as error:  # no object, or one with other fields
                raise GantlitzError(f"The recipe's {field} {name!r} cannot be {part!r}.", "Correct it.") from error
        found[name] = part
    return found
