"""What ``render`` makes: which pictures of which faces, and which sheets of them. Knows no bpy."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .runtime.batch.items import BlenderItem, FaceItem, Output, key_of
from .runtime.batch.planning import Settings, plan, refuse_full_disk
from .runtime.commands.faces import face_group
from .runtime.commands.options import settings
from .runtime.errors import GantlitzError
from .runtime.model_facts import ModelFacts, sha256_of

MAPS = "maps"  # the folder of the faces' maps, below the pictures'
PICTURE, SHEET = "render", "sheet"  # kinds of items
BYTES_A_PIXEL = 3.0  # of a picture on disk, at most
ON_A_SHEET = 100


def faces_of(options: argparse.Namespace) -> list[FaceItem]:
    """All faces of the call, as the maps' batch makes them. Raises GantlitzError for what is wrong with the call."""
    if options.sheet and options.shard[1] > 1:
        raise GantlitzError(
            "A shard has not all the pictures that a sheet needs.",
            "Leave --sheet out here, and call it once more without --shard when all shards are done: no picture is rendered twice.",
        )
    if (options.object or options.slot) and options.blend is None:
        raise GantlitzError("--object and --slot name parts of a .blend.", "Give that with --blend.")
    if options.blend is not None and not options.blend.is_file():
        raise GantlitzError(f"There is no .blend at {options.blend}.", "Check the path.")
    facts = ModelFacts.read(options.model)
    name, sha256 = facts.name, facts.sha256
    faces = face_group(options, Output(options.level)).items()
    return [f if f.recipe.model_sha256 else replace(f, recipe=replace(f.recipe, model=name, model_sha256=sha256)) for f in faces]


def pictures_of(faces: Sequence[FaceItem], options: argparse.Namespace) -> list[BlenderItem]:
    """The pictures, face by face, and after them the sheets. What a picture is of: face, angle (degrees), and the stage."""
    stage: dict[str, Any] = {"level": options.level, "engine": options.engine, "samples": options.samples}
    stage["size"] = list(options.size) if options.size else None
    if options.blend:
        stage |= {"blend": sha256_of(options.blend), "object": options.object, "slot": options.slot}
    width, height = options.size or (1080, 1350)
    room = int(width * height * BYTES_A_PIXEL)
    pictures: list[BlenderItem] = []
    sheets: list[BlenderItem] = []
    for face in faces:
        turns = range(options.turntable) if options.turntable else [None]
        own = []
        for turn in turns:
            angle = 0.0 if turn is None else 360.0 * turn / options.turntable
            name = face.name if turn is None else f"{face.name}_turn{turn:04d}"
            of = {"face": face.name, "angle": angle, **stage}
            own.append(BlenderItem(name, PICTURE, face.recipe, of, ".png", room, group=face.name))
        pictures += own
        if options.turntable and options.sheet:
            sheets += _sheets(f"{face.name}_sheet", own, room)
    if options.sheet:
        firsts = [picture for picture in pictures if picture.of["angle"] == 0]
        sheets += _sheets("sheet", firsts, room)
    return pictures + sheets


def _sheets(name: str, pictures: Sequence[BlenderItem], room: int) -> list[BlenderItem]:
    """Of ON_A_SHEET pictures at most each."""
    parts = [pictures[start : start + ON_A_SHEET] for start in range(0, len(pictures), ON_A_SHEET)]
    return [
        BlenderItem(
            name if len(parts) == 1 else f"{name}{n:04d}",
            SHEET,
            None,
            {"pictures": [picture.name for picture in part], "keys": _digest([key_of(picture) for picture in part])},
            ".png",
            room * 2,
            derived=True,
        )
        for n, part in enumerate(parts)
    ]


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]


def settings_of_maps(options: argparse.Namespace) -> Settings:
    """Of the faces' batch, as far as they say what is to be made and where."""
    return replace(settings(options), outdir=options.outdir / MAPS, add=True)


def look_ahead(faces: Sequence[FaceItem], pictures: Sequence[BlenderItem], options: argparse.Namespace) -> None:
    """Raises what would otherwise be met when all maps are made: see planning.plan."""
    facts = ModelFacts.read(options.model)
    plans = [plan(faces, settings_of_maps(options), facts), plan(pictures, settings(options), facts)]
    refuse_full_disk(plans, options.outdir)


def write_job(faces: Sequence[FaceItem], options: argparse.Namespace, folder: Path) -> Path:
    """A job file, and a recipe file for each face, by which the runtime makes the maps under the faces' names."""
    for face in faces:
        (folder / f"{face.name}_recipe.json").write_text(face.recipe.to_json(), "utf-8")
    entry = {"do": "sample", "recipes": [f"{face.name}_recipe.json" for face in faces], "level": options.level}
    job = folder / "job.json"
    job.write_text(json.dumps({"jobs": [entry]}), "utf-8")
    return job


def arguments_for_maps(job: Path, options: argparse.Namespace) -> list[str]:
    """The runtime's command line that makes them."""
    arguments = ["batch", str(job), "--outdir", str(options.outdir.absolute() / MAPS), "--add"]
    for name in ("model", "device", "threads", "tile"):
        value = getattr(options, name)
        if value is not None:
            arguments += [f"--{name}", str(value.absolute() if isinstance(value, Path) else value)]
    arguments += ["--jobs", str(options.jobs), "--shard", "{}/{}".format(*options.shard)]
    return [*arguments, *([] if options.resume else ["--no-resume"])]
