"""The look: what the panel's sliders say of a face, as a recipe, and back. Knows no bpy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe
from .runtime.recipe_parts import BANDS, SCALES, Grain, Mix

# The labels that the capture draws its people by and that artists ask for; a model knows some or all of them.
LABELS = ("age", "tone", "redness", "oiliness", "freckles", "stubble", "roughness")
SEED_MAX = 2**31 - 1  # Blender's integers are signed; recipes themselves reach to 2**32 - 1
OWN_SEED_OFF = -1  # of a scale's noise: it has the detail seed


def recipe_of(value: Callable[[str], Any]) -> Recipe:
    """The recipe that settings stand for. value(name): of a setting, by the names of properties.look_properties.

    Raises GantlitzError for what a script may have put into them.
    """
    towards = value("towards")
    return Recipe(
        seed=value("seed"),
        psi=_rounded(value("psi")),
        noise_seed=value("noise_seed"),
        noise_strength=_rounded(value("noise_strength")),
        mix={band: Mix(value(f"mix_{band}_seed"), _rounded(value(f"mix_{band}"))) for band in BANDS},
        grain={
            scale: Grain(_rounded(value(f"grain_{scale}")), seed if (seed := value(f"grain_{scale}_seed")) >= 0 else None)
            for scale in SCALES
        },
        edits={label: _rounded(value(f"edit_{label}")) for label in LABELS},
        locks=tuple(label for label in LABELS if value(f"lock_{label}")),
        towards=Recipe.from_json(towards) if towards else None,
        amount=_rounded(value("amount")) if towards else 0.0,
    )


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """{name of a setting: value}, all of them, for a recipe that is not of a fit.

    Raises GantlitzError for a recipe that the settings cannot hold.
    """
    if recipe.fit:
        raise GantlitzError("This face was fitted to a scan: no seed gives it again.", "Render its recipe as it is.")
    seeds = [recipe.seed, recipe.noise_seed, *(mix.seed for mix in recipe.mix.values())]
    seeds += [grain.seed for grain in recipe.grain.values() if grain.seed is not None]
    if max(seeds) > SEED_MAX:
        raise GantlitzError(f"Its seed {max(seeds)} is too large for Blender's settings.", f"Seeds up to {SEED_MAX} fit.")
    unknown = [label for label in recipe.edits if label not in LABELS]
    if unknown:
        raise GantlitzError(f"There is no slider for its edit {unknown[0]!r}.", f"There are: {', '.join(LABELS)}.")
    found: dict[str, Any] = {name: getattr(recipe, name) for name in ("seed", "psi", "noise_seed", "noise_strength", "amount")}
    for band in BANDS:
        mix = recipe.mix.get(band, Mix(0, 0.0))
        found |= {f"mix_{band}_seed": mix.seed, f"mix_{band}": mix.amount}
    for scale in SCALES:
        grain = recipe.grain.get(scale, Grain())
        found |= {f"grain_{scale}_seed": OWN_SEED_OFF if grain.seed is None else grain.seed, f"grain_{scale}": grain.strength}
    for label in LABELS:
        found |= {f"edit_{label}": recipe.edits.get(label, 0.0), f"lock_{label}": label in recipe.locks}
    found["towards"] = recipe.towards.to_json() if recipe.towards else ""
    return found


def origin(recipe_json: str, scan_json: str) -> str:
    """What a face was made from, in a few words: what was known of its scan, where there is one, else the recipe."""
    try:
        if scan_json:
            scan = json.loads(scan_json)
            return f"completed ({scan['method']}) from {', '.join(scan['maps'])}"
        return summary(recipe_json)
    except (ValueError, KeyError, TypeError):
        return "of unknown origin"


def summary(recipe_json: str) -> str:
    """A recipe in a few words. Raises ValueError, KeyError or TypeError for what is none."""
    recipe = json.loads(recipe_json)
    words = [f"seed {recipe['seed']}", f"variety {recipe['psi']:.2f}", f"detail {recipe['noise_seed']}"]
    words += [word for word, field in (("mixed", "mix"), ("edited", "edits"), ("on its way", "towards")) if recipe.get(field)]
    return ", ".join(words)


def _rounded(value: float) -> float:
    """Blender's floats have 32 bits: 0.7 must stay 0.7."""
    return round(value, 6)
