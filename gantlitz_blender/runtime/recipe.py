"""A recipe: the few numbers from which a face's maps can be made again, and their JSON.

Standard library only, so that Blender can import it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from . import recipe_parts
from .errors import GantlitzError
from .recipe_parts import NOISE_STRENGTH_MAX, UINT32_MAX, Grain, Mix, check_integer, checked_number

RECIPE_VERSION = 2
PSI_MAX = 1.5
NESTED_MAX = 4  # recipes within a recipe


@dataclass(frozen=True)
class Recipe:
    """What a face is made from. The same recipe and checkpoint give the same maps.

    seed: which face, 0 .. 2**32-1.
    psi: truncation, 0 (the mean face) .. 1.5 (extreme).
    noise_seed: which pores and hairs, 0 .. 2**32-1.
    noise_strength: how strong that detail is, 0 .. 2; 1 is as trained.
    model, model_sha256: the checkpoint's name and hash; empty means any.
    fit, fit_sha256: of a face that was fitted to a scan, the file of its codes and noise, and its hash; empty for a sampled
    one. A fit takes the place of the seed, and with the noise seed 0 that of the noise: another re-rolls its pores. In a file
    the fit is named relative to that file's folder.
    mix: {band of styles: another face in it}. grain: {scale of the noise: its strength and seed}. edits: {label: how far along its
    direction, in standard deviations}, after truncation; locks: labels that the edits leave as they are.
    towards, amount: another recipe, and how far this face's w has gone to that one's: 0 (this face) .. 1 (that one). The noise
    is held: it stays this recipe's, and what ``towards`` says of noise and model is dropped.

    What has no effect is dropped, so that equal faces have equal recipes.
    Raises GantlitzError (``bad-request``) for a value of the wrong type or out of its range.
    """

    seed: int
    psi: float = 0.7
    noise_seed: int = 0
    noise_strength: float = 1.0
    model: str = ""
    model_sha256: str = ""
    fit: str = ""
    fit_sha256: str = ""
    mix: Mapping[str, Mix] = field(default_factory=dict, hash=False)
    grain: Mapping[str, Grain] = field(default_factory=dict, hash=False)
    edits: Mapping[str, float] = field(default_factory=dict, hash=False)
    locks: tuple[str, ...] = ()
    towards: Recipe | None = None
    amount: float = 0.0

    def __post_init__(self) -> None:
        check_integer("seed", self.seed, UINT32_MAX)
        check_integer("noise_seed", self.noise_seed, UINT32_MAX)
        found: dict[str, Any] = {
            # Stored as float, so that Recipe(1, psi=1) and its JSON twin read alike.
            "psi": checked_number("psi", self.psi, 0, PSI_MAX),
            "noise_strength": checked_number("noise_strength", self.noise_strength, 0, NOISE_STRENGTH_MAX),
            "mix": recipe_parts.mixes(self.mix),
            "grain": recipe_parts.grains(self.grain),
            "edits": recipe_parts.edits(self.edits),
            "amount": checked_number("amount", self.amount, 0, 1),
        }
        found["locks"] = recipe_parts.locks(self.locks) if found["edits"] else ()
        found["towards"] = _other_end(self.towards) if self.towards is not None and found["amount"] else None
        if found["towards"] is None:
            found["amount"] = 0.0
        for name, value in found.items():
            object.__setattr__(self, name, value)
        for name in ("model", "model_sha256", "fit", "fit_sha256"):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise GantlitzError(f"The recipe's {name} must be a text, not {value!r}.", f"Put {name} in quotes.")
        for name in ("model_sha256", "fit_sha256"):
            value = getattr(self, name)
            if value and not _is_sha256(value):
                raise GantlitzError(
                    f"The recipe's {name} is not a SHA-256 hash: {value!r}.",
                    "Leave it empty or give 64 lower-case hexadecimal digits.",
                )
        if bool(self.fit) != bool(self.fit_sha256):
            raise GantlitzError("The recipe names a fit without its hash, or a hash without its fit.", "Give both fields or none.")

    def beside(self, folder: str | os.PathLike[str]) -> Recipe:
        """A recipe that was read in ``folder``: a fit of a relative name lies there."""
        return replace(self, fit=os.path.join(os.fspath(folder), self.fit)) if self.fit else self

    def to_dict(self) -> dict[str, Any]:
        """The fields and a ``version``, as to_json writes them; what a face does without is left out.

        The version is 1 where a reader of that version understands the recipe.
        """
        found: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN}
        if self.fit:
            found |= {"fit": self.fit, "fit_sha256": self.fit_sha256}
        later: dict[str, Any] = {
            "mix": {band: mix.to_dict() for band, mix in self.mix.items()},
            "grain": {scale: grain.to_dict() for scale, grain in self.grain.items()},
            "edits": dict(self.edits),
            "locks": list(self.locks),
        }
        if self.towards is not None:
            later |= {"towards": self.towards.to_dict(), "amount": self.amount}
        later = {name: value for name, value in later.items() if value}
        return {"version": RECIPE_VERSION if later else 1, **found, **later}

    def to_json(self) -> str:
        """The recipe as one line of JSON, ASCII only."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read what to_json wrote. Missing fields take their defaults, except seed.

        Raises GantlitzError (``bad-request``) when the text is not a recipe, holds a field this version does not
        know, or was written by a newer version.
        """
        try:
            data = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise GantlitzError(
                f"This is not a recipe: {error}.", "Use a *_recipe.json, or a map file, that GANtlitz wrote."
            ) from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: object) -> Recipe:
        """Like from_json, from an already parsed JSON object."""
        if not isinstance(data, dict):
            raise GantlitzError(
                f"A recipe must be a JSON object, not {type(data).__name__}.",
                "Use a *_recipe.json, or a map file, that GANtlitz wrote.",
            )
        version = data.get("version", RECIPE_VERSION)
        if not _is_integer(version) or version < 1:
            raise GantlitzError(f"The recipe's version is not a positive whole number: {version!r}.", "Make it 1.")
        if version > RECIPE_VERSION:
            raise GantlitzError(
                f"The recipe has version {version}; this GANtlitz reads up to version {RECIPE_VERSION}.",
                "Update GANtlitz Face Maps.",
            )
        values = {key: value for key, value in data.items() if key != "version"}
        known = [field.name for field in fields(cls)]
        # A field we do not know would change the face: better refused than silently dropped.
        unknown = [key for key in values if key not in known]
        if unknown:
            raise GantlitzError(f"The recipe has an unknown field {unknown[0]!r}.", f"Known: {', '.join(known)}.")
        if "seed" not in values:
            raise GantlitzError("The recipe has no seed.", f"Add a seed from 0 to {UINT32_MAX}.")
        if values.get("towards") is not None:
            values["towards"] = cls._nested(values["towards"])
        return cls(**values)

    @classmethod
    def _nested(cls, data: object) -> Recipe:
        try:
            return cls.from_dict(data)
        except GantlitzError as error:
            raise GantlitzError(f"In the recipe's towards: {error.sentence}", error.fix, error.code) from error
        except RecursionError as error:
            raise GantlitzError("The recipe's towards is nested too deeply.", "Correct it.") from error


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _other_end(value: object) -> Recipe:
    """What counts of a recipe that another goes towards: its w alone."""
    if not isinstance(value, Recipe):
        raise GantlitzError(f"The recipe's towards must be a recipe, not {value!r}.", "Correct it.")
    if value.fit:
        raise GantlitzError(
            "A face cannot go towards a fitted one.", "Start from the fitted face and go towards the other."
        )
    plain = replace(value, noise_seed=0, noise_strength=1.0, grain={}, model="", model_sha256="")
    if plain.towards is not None and _depth(plain) >= NESTED_MAX:
        raise GantlitzError(f"More than {NESTED_MAX} recipes lie within the recipe.", "Save the face, and start from it.")
    return plain


def _depth(recipe: Recipe) -> int:
    return 1 + _depth(recipe.towards) if recipe.towards is not None else 1


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


_PLAIN = ("seed", "psi", "noise_seed", "noise_strength", "model", "model_sha256")  # what every recipe names
