"""From a model and a store to all figures."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.layout import WIDTH

from ..metrics.bootstrap import COVERAGE, mean_interval
from ..metrics.diversity import diversity
from ..metrics.faces import Sampled
from ..metrics.kid_interval import Scale, kid_with_interval
from ..metrics.noise_share import BANDS, PUBLISHED, noise_ownership
from ..metrics.position import cells_inside, place_of_detail
from ..metrics.preview import preview_fidelity
from ..metrics.seams import seam_difference
from ..metrics.skin import beside, shares_met
from ..metrics.truncation import PSIS, truncation_row
from ..statistics import normalisation
from ..store import Store
from .looking import Looked, Onlooker
from .people import FEWEST, Split, split

FIRST_SEED = 50_000  # of the faces: a person tries low seeds, and looks at other faces than are measured
PREVIEW_FACES = NOISE_FACES = 2
PREVIEW_LEVEL = 3


@dataclass(frozen=True)
class Asked:
    """What is measured. faces: of the model; psi: their truncation; patch: side of a patch in texels, None: a twelfth of the width,
    a power of two; places: at most so many patches a face; draws: of the bootstrap; seed: of the places; truncated: faces at
    each other psi; held_out: as for ``split``; level: at which faces are measured, None: the store's."""

    faces: int = 64
    psi: float = 1.0
    patch: int | None = None
    places: int = 48
    draws: int = 1000
    seed: int = 0
    truncated: int = 24
    held_out: str | None = None
    level: int | None = None


@dataclass(frozen=True)
class Evaluation:
    """The figures, and what the pictures are taken from, at the store's finest level."""

    figures: dict[str, Any]
    people: Split
    sampled: Sampled
    finest: int


def evaluate(model: FaceModel, folder: Path, asked: Asked) -> Evaluation:
    """Measure a model beside the store in ``folder``.

    Raises GantlitzError: ``bad-store``, ``bad-request``.
    """
    if asked.faces < FEWEST or asked.truncated < FEWEST or asked.draws < 1 or asked.places < 1:
        raise GantlitzError(
            f"{asked.faces} faces, {asked.truncated} at each psi, {asked.places} places and {asked.draws} draws are too few.",
            f"Take {FEWEST} faces of each, one place and one draw, or more.",
            "bad-request",
        )
    began = time.monotonic()
    store = Store(folder, model.width)
    people = split(store, asked.held_out)
    level = store.level if asked.level is None else asked.level
    if not store.level <= level <= model.levels:
        fix = f"Choose {store.level} to {model.levels}; {store.level} is the store's own."
        raise GantlitzError(f"There is no level {level} of both the store {folder} and {model.name}.", fix, "bad-request")
    height, width = model.config.size(level)
    side = asked.patch or min(128, 1 << max(4, (width // 12).bit_length() - 1))
    mask = store.mask_at(level)
    mean, sigma = normalisation([store])
    onlooker = Onlooker(level, model.config.texel_mm(level), mask, mean, sigma, side, asked.places, asked.seed)
    faces = Sampled(model, asked.faces, FIRST_SEED, asked.psi)
    training, unseen = onlooker.look(people.training, "training"), onlooker.look(people.held_out, "held out")
    fake = onlooker.look(faces, "sampled")
    scale = Scale.of(training.patches)
    figures: dict[str, Any] = {
        "model": {
            "name": model.name,
            "sha256": model.sha256,
            "width": model.width,
            "height": model.height,
            "licence": model.licence,
        },
        "store": store.description(),
        "people": {"training": len(people.training), "held_out": len(people.held_out), "split": people.about},
        "asked": asdict(asked),
        "level": level,
        "size": [width, height],
        "patch": side,
        "places": len(onlooker.places),
        "seeds": [FIRST_SEED, FIRST_SEED + asked.faces - 1],
        "interval": f"{COVERAGE:.0%} percentile bootstrap over faces, {asked.draws} draws, seed 0",
        "kid": _kids(onlooker, scale, training, unseen, fake, asked.draws),
    }
    skin = beside(unseen.skin, fake.skin, published=width == WIDTH)
    met, of = shares_met(skin)
    figures["skin"] = {"figures": skin, "shares_met": met, "shares": of}
    figures["slopes"] = {
        "real": float(unseen.slopes.mean()),
        "fake": float(fake.slopes.mean()),
        "fake_interval": mean_interval(fake.slopes, asked.draws),
    }
    inside = cells_inside(mask, unseen.detail.shape[2:])
    figures["position"] = place_of_detail(unseen.detail, fake.detail, inside, asked.draws)
    figures["diversity"] = {
        kind: diversity(training.smalls, unseen.smalls, fake.smalls, mask, toneless)
        for kind, toneless in (("all", False), ("without tone", True))
    }
    figures["truncation"] = _truncation(onlooker, scale, unseen, fake, faces, mask, asked)
    figures["noise"] = {
        "bands": BANDS,
        "published": PUBLISHED,
        "maps": noise_ownership(model, [faces.recipe(i) for i in range(NOISE_FACES)]),
    }
    figures["seams"] = seam_difference(model, faces.recipe(0))
    preview_level = min(PREVIEW_LEVEL, model.levels)
    recipes = [faces.recipe(i) for i in range(PREVIEW_FACES)]
    figures["preview"] = {"level": preview_level, **preview_fidelity(model, recipes, preview_level)}
    figures["bars"] = _bars(figures)
    figures["seconds"] = round(time.monotonic() - began, 1)
    return Evaluation(figures, people, faces, store.level)


def _kids(onlooker: Onlooker, scale: Scale, training: Looked, unseen: Looked, fake: Looked, draws: int) -> dict[str, dict]:
    """Of patches and of whole textures: the fakes beside those held out and those learnt from, and these two beside each other."""
    sets = {"fake ~ held out": (unseen, fake), "fake ~ training": (training, fake), "held out ~ training": (training, unseen)}
    wholes = Scale.of(training.whole)
    return {
        "patches": {k: kid_with_interval(a.patches, b.patches, scale, onlooker.of_patches, draws) for k, (a, b) in sets.items()},
        "whole": {k: kid_with_interval(a.whole, b.whole, wholes, onlooker.of_wholes, draws) for k, (a, b) in sets.items()},
    }


def _truncation(
    onlooker: Onlooker, scale: Scale, unseen: Looked, fake: Looked, faces: Sampled, mask: np.ndarray, asked: Asked
) -> list[dict]:
    rows = []
    for psi in PSIS:
        at = faces.at_psi(psi, asked.truncated)
        seen = fake.first(len(at)) if psi == faces.psi else onlooker.look(at, f"psi {psi}")
        kept = (unseen.patches, seen.patches, scale, onlooker.of_patches, seen.smalls, mask, asked.draws)
        rows.append({"faces": len(at), **truncation_row(psi, *kept)})
    return rows


def _bars(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """What a shipped model should reach, and whether this one does."""
    skin, position = figures["skin"], figures["position"]
    worst = min(position, key=lambda name: position[name]["value"])
    twins = figures["diversity"]["all"]["twins"]
    rows = (
        ("octave shares within 25 % of the data's", f"{skin['shares_met']} of {skin['shares']}", "five of six",
         skin["shares_met"] * 6 >= skin["shares"] * 5),
        ("correlation of normals with the displacement's slopes", f"{figures['slopes']['fake']:.3f}", "> 0.9",
         figures["slopes"]["fake"] > 0.9),
        (f"place of detail, worst map ({worst})", f"{position[worst]['value']:.3f}", "> 0.8", position[worst]["value"] > 0.8),
        ("pairs of faces that are one face twice", str(twins), "0", twins == 0),
    )  # fmt: skip
    return [{"what": what, "found": found, "bar": bar, "met": bool(met)} for what, found, bar, met in rows]
