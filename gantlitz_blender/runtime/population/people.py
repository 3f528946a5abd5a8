"""A population as a plan: who is in it, what they are called, how they differ; and its JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import sizing
from ..aside import write_aside
from ..errors import GantlitzError
from ..recipe import Recipe
from .choosing import choose, nearest_others, usual_distance

if TYPE_CHECKING:
    from ..face_model import FaceModel
    from ..maps import MapSet
    from .training_people import TrainingPeople

FILE = "gantlitz_people.json"
CANDIDATES = 1000  # whatever the count: a larger population begins with the smaller one
FINER = 4
WORDS = ((-0.67, "low"), (0.67, "middle"))  # of a label, in standard deviations: about thirds; beyond is high


@dataclass(frozen=True)
class Wanted:
    """count: people. spread: labels that are covered evenly; empty for all of the model's.

    least: the smallest distance in w between two of them, the median of any two faces being 1. candidates: how many seeds to choose
    from, from first on; 0 for CANDIDATES. psi: of all.
    """

    count: int
    spread: Sequence[str] = ()
    least: float = 0.5
    candidates: int = 0
    first: int = 0
    psi: float = 0.7
    prefix: str = ""


@dataclass(frozen=True)
class Person:
    """labels: in standard deviations. nearest: the distance in w to the nearest other of the population, median 1.

    nearest_training: the distance to the nearest subject of a store, 1 being that of a subject to the nearest other (median); None
    where it was not measured.
    """

    name: str
    recipe: Recipe
    labels: dict[str, float]
    nearest: float
    nearest_training: float | None = None
    warnings: list[str] = field(default_factory=list)

    def tags(self) -> list[str]:
        """``tone high``, ``redness middle``, ...: for the asset browser's search."""
        return [f"{label} {next((word for limit, word in WORDS if value < limit), 'high')}" for label, value in self.labels.items()]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "recipe": self.recipe.to_dict(), "tags": self.tags()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Person:
        """Read what to_dict made."""
        rest = {name: value for name, value in data.items() if name not in ("recipe", "tags")}
        return cls(recipe=Recipe.from_dict(data["recipe"]), **rest)


def choose_people(model: FaceModel, wanted: Wanted) -> list[Person]:
    """Who is in it. Raises GantlitzError (``no-direction`` for a label that the model has not, ``too-alike``, ``bad-request``)."""
    from .labels import Labels, latents

    known = model.directions.labels
    for label in wanted.spread:
        if label not in known:
            raise GantlitzError(
                f"The model has no label {label!r}.", f"It knows: {', '.join(known) or 'none'}.", "no-direction"
            )
    count = max(wanted.candidates or CANDIDATES, wanted.count)
    seeds = range(wanted.first, wanted.first + count)
    w = latents(model, seeds, wanted.psi)
    all_labels = Labels(model).of(w).numpy() if known else np.zeros((count, 0))
    own = [known.index(label) for label in wanted.spread or known]
    arrays = w.numpy()
    unit = usual_distance(arrays) if wanted.psi and count > 1 else 1.0
    chosen = choose(all_labels[:, own], arrays / unit, wanted.count, wanted.least)
    apart = nearest_others(arrays[chosen] / unit) if len(chosen) > 1 else np.zeros(1)
    people = []
    for index, distance in zip(chosen, apart, strict=True):
        labels = {name: round(float(value), 3) for name, value in zip(known, all_labels[index], strict=True)}
        recipe = model.stamped(Recipe(seeds[index], wanted.psi))
        people.append(Person(f"{wanted.prefix}seed{seeds[index]:04d}", recipe, labels, round(float(distance), 3)))
    return people


def compared(people: Sequence[Person], model: FaceModel, training: TrainingPeople) -> list[Person]:
    """The same people, each with the distance to the nearest training subject, and a warning where that is a likeness."""
    from .training_people import TOO_NEAR

    found = []
    for person in people:
        distance = training.distance(small_maps(model, person.recipe, training)) / training.usual
        said = f"It is as near to a subject of the training as {distance:.2f} of the usual distance between two of those."
        found.append(replace(person, nearest_training=round(distance, 3), warnings=[said] if distance < TOO_NEAR else []))
    return found


def small_maps(model: FaceModel, recipe: Recipe, training: TrainingPeople) -> MapSet:
    """A face as large as the subjects are compared; averaged from a finer one, as a store's coarse levels are."""
    width = min(model.width, training.width * FINER)
    maps = sizing.render_sized(model, recipe, width, sizing.height_for(model, width))
    return maps.resized(training.width, training.height)


def write_people(folder: Path, people: Sequence[Person], about: dict[str, Any]) -> None:
    """Into <folder>/gantlitz_people.json, aside first."""
    folder.mkdir(parents=True, exist_ok=True)
    write_aside(folder / FILE, json.dumps({**about, "people": [person.to_dict() for person in people]}, indent=1).encode())


def read_people(folder: Path) -> tuple[list[Person], dict[str, Any]]:
    """What write_people wrote. Raises GantlitzError (``bad-manifest``)."""
    path = folder / FILE
    try:
        data = json.loads(path.read_text("utf-8"))
        return [Person.from_dict(each) for each in data.pop("people")], data
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise GantlitzError(f"{path} cannot be read ({error}).", "Run the command again.", "bad-manifest") from error
