"""From a model and a store of captured people to the same model with directions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from gantlitz_blender.runtime.directions import Directions
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.generator import Generator

from ..store import Store
from .features import MEANS
from .finding import chosen, directions_of, latents, population, whitened
from .labels import LABELS, SEEN_IN_MEANS, labels_of
from .looking import Beholder, level_to_look_at
from .readers import Array, alike, fit_reader, held_out, within
from .validation import Answer, answer_of, failing

LEAST_SUBJECTS = 20


def add_directions(model: Path, store: Store, out: Path, faces: int, tried: int, device: str) -> dict[str, Any]:
    """Write ``model`` to ``out`` with the directions of those labels that make a slider; returns what is known of all.

    faces: seeds 0 .. faces - 1 are read to find the directions; the next ``tried`` are edited to see whether they work.
    Raises GantlitzError: ``bad-request``, ``bad-store``, ``no-labels``, and ``no-directions`` where no label makes a slider.
    """
    if len(store) < LEAST_SUBJECTS or faces < 2 * LEAST_SUBJECTS or tried < 1:
        raise GantlitzError(
            f"{len(store)} subjects, {faces} faces and {tried} to try are too few to find directions with.",
            f"Take {LEAST_SUBJECTS} subjects, {2 * LEAST_SUBJECTS} faces and one to try, or more.",
            "bad-request",
        )
    generator = checkpoint.load(model)[0].to(device)
    known = labels_of([store.labels(i) for i in range(len(store))])
    beholder = Beholder(generator.config, level_to_look_at(generator.config, store))
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # faces are made on threads of their own
    try:
        subjects = beholder.of_subjects(store, before)
        seen = beholder.of_faces(generator, latents(generator, range(faces)), before, "faces")
        found, about = find(generator, beholder, subjects, known, seen, range(faces, faces + tried), before)
    finally:
        torch.set_num_threads(before)
    about = {"store": store.description(), "faces": faces, "tried": tried, **about}
    if not found.labels:
        reasons = "; ".join(f"{label}: {reason}" for label, reason in about["dropped"].items())
        raise GantlitzError(
            f"No label makes a slider of {model}: {reasons}.", "Train the model further, or capture more subjects.", "no-directions"
        )
    checkpoint.save_with_directions(model, out, found, about)
    return about


def find(
    generator: Generator, beholder: Beholder, subjects: Array, known: Array, seen: Array, seeds: range, threads: int
) -> tuple[Directions, dict[str, Any]]:
    """The directions that make sliders, and the figures of all.

    subjects, known: features (N, F) and labels (N, L) of people; seen: features of the model's faces 0, 1, ...; seeds: of the
    faces on which the directions are tried.
    """
    names = list(LABELS)
    trusted = alike(subjects, seen)
    in_means = np.arange(len(trusted)) < MEANS
    columns = [np.flatnonzero(trusted & (in_means == (name in SEEN_IN_MEANS))) for name in names]
    if not all(map(len, columns)):
        raise GantlitzError("The model's faces are not like the store's people.", "Train it further.", "no-directions")
    read = {name: held_out(subjects[:, at], known[:, [i]])[0] for i, (name, at) in enumerate(zip(names, columns, strict=True))}
    readers = [fit_reader(subjects[:, at], known[:, [i]]) for i, at in enumerate(columns)]

    def reader(features: Array) -> Array:
        return np.hstack([read_one(features[:, at]) for read_one, at in zip(readers, columns, strict=True)])

    readings = within(known, reader(seen))
    mean, deviation = readings.mean(axis=0), readings.std(axis=0)
    reach = dict(zip(names, deviation / known.std(axis=0), strict=True))
    centre, covariance = population(generator)
    coordinates, whitener = whitened(latents(generator, range(len(seen))), centre, covariance)
    values = (readings - mean) / deviation
    linear = dict(zip(names, held_out(coordinates, values), strict=True))
    everything = directions_of(names, coordinates, whitener, covariance, values)

    ws = latents(generator, seeds)

    def read_faces(ws: torch.Tensor) -> Array:
        return (reader(beholder.of_faces(generator, ws, threads, "edited faces")) - mean) / deviation

    unedited = read_faces(ws)
    answers: dict[str, Answer] = {}
    dropped: dict[str, str] = {}
    for label in names:
        answers[label] = answer_of(label, everything, ws, unedited, read_faces)
        if reason := failing(float(read[label]), float(reach[label]), answers[label]):
            dropped[label] = reason
    figures = {
        label: {
            "read": round(float(read[label]), 2),
            "linear": round(float(linear[label]), 2),
            "reach": round(float(reach[label]), 2),
        }
        | answers[label].to_dict()
        for label in names
    }
    return chosen(everything, [label for label in names if label not in dropped]), {"figures": figures, "dropped": dropped}
