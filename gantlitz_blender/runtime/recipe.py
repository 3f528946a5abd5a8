"""A recipe: the few numbers from which a face's maps can be made again, and their JSON.

Standard library only, so that Blender can import it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace

from .errors import GantlitzError

RECIPE_VERSION = 1
UINT32_MAX = 2**32 - 1
PSI_MAX = 1.5
NOISE_STRENGTH_MAX = 2.0


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

    def __post_init__(self) -> None:
        _check_integer("seed", self.seed, UINT32_MAX)
        _check_integer("noise_seed", self.noise_seed, UINT32_MAX)
        # Stored as float, so that Recipe(1, psi=1) and its JSON twin read alike.
        object.__setattr__(self, "psi", _checked_number("psi", self.psi, PSI_MAX))
        object.__setattr__(
            self, "noise_strength", _checked_number("noise_strength", self.noise_strength, NOISE_STRENGTH_MAX)
        )
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

    def to_dict(self) -> dict[str, int | float | str]:
        """The fields and a ``version``, as to_json writes them; a recipe without a fit has no fields of one."""
        found = {"version": RECIPE_VERSION, **asdict(self)}
        return found if self.fit else {key: value for key, value in found.items() if not key.startswith("fit")}

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
        return cls(**values)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_integer(name: str, value: object, largest: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise GantlitzError(
            f"The recipe's {name} must be a whole number from 0 to {largest}, not {value!r}.", f"Change {name}."
        )


def _checked_number(name: str, value: object, largest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise GantlitzError(f"The recipe's {name} must be a number, not {value!r}.", f"Change {name}.")
    if not 0 <= value <= largest:  # NaN fails this too
        raise GantlitzError(f"The recipe's {name} must lie between 0 and {largest}, not {value!r}.", f"Change {name}.")
    return float(value)


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
