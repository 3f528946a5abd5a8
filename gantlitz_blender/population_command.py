"""``population`` carried out: people chosen and their maps made by the runtime, an asset library of them by this Blender."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event
from typing import Any

from .asset_catalogue import add_catalogue
from .asset_library import Description, write_asset
from .runtime.batch.items import AnyItem, BlenderItem, FaceItem, key_of
from .runtime.batch.making import Tell, files_of, tell_failure
from .runtime.batch.manifest import read_manifest
from .runtime.batch.running import run
from .runtime.commands import FAILED, OK
from .runtime.commands.options import output, settings
from .runtime.commands.population import MAPS
from .runtime.errors import GantlitzError
from .runtime.export_profiles import KINDS, PROFILES
from .runtime.population.people import Person, read_people

KIND, END = "population", ".blend"
ROOM = 300_000  # bytes of an asset's .blend, at most: the maps are beside it


def population(options: argparse.Namespace, in_runtime: Callable[[list[str]], int]) -> int:
    """Returns the exit code. in_runtime: runs a command line in the runtime's Python."""
    code = in_runtime(options.arguments)
    if options.dry_run or code not in (OK, FAILED):
        return code
    people, about = read_people(options.outdir)
    catalogue = add_catalogue(options.outdir, about["catalog"])
    items = [_item(person, about, catalogue, options) for person in people]
    print("The library:", flush=True)
    return run(items, settings(options), make=_Librarian(people, options.outdir.absolute(), options.profile).make)


def _item(person: Person, about: dict[str, Any], catalogue: str, options: argparse.Namespace) -> BlenderItem:
    of = {
        "maps": key_of(FaceItem(person.name, person.recipe, output(options))),
        "labels": person.labels,
        "nearest": person.nearest,
        "nearest_training": about["nearest_training"] if person.nearest_training is None else person.nearest_training,
        "tags": [*person.tags(), "GANtlitz", "face"],
        "author": about["author"],
        "licence": about["model"]["licence"],
        "catalog": catalogue,
    }
    return BlenderItem(person.name, KIND, person.recipe, of, END, ROOM, derived=True)  # `nearest` changes as the population grows


class _Librarian:
    def __init__(self, people: list[Person], outdir: Path, profile: str):
        self._people = {person.name: person for person in people}
        self._outdir, self._profile = outdir, profile
        self._maps = read_manifest(outdir / MAPS)

    def make(self, items: Iterable[AnyItem], tell: Tell, stop: Event) -> None:
        for item in items:
            if stop.is_set():
                break
            assert isinstance(item, BlenderItem)
            tell({"news": "begun", "name": item.name})
            part = self._outdir / f".{item.name}_{END}.{os.getpid()}-0.part"
            start = time.perf_counter()
            try:
                self._write(item, part)
                final = self._outdir / f"{item.name}{END}"
                os.replace(part, final)
                warnings = self._people[item.name].warnings
                entry = {"recipe": item.describe()["recipe"], **item.of, "files": files_of({"asset": final})}
                entry |= {"warnings": warnings} if warnings else {}
                seconds = {"writing": round(time.perf_counter() - start, 3)}
                tell({"news": "done", "name": item.name, "kind": item.kind, **entry, "seconds": seconds})
            except Exception as error:
                tell_failure(item, error, tell)
            finally:
                part.unlink(missing_ok=True)

    def _write(self, item: BlenderItem, part: Path) -> None:
        entry = self._maps.get(item.name, {})
        if entry.get("state") != "done":
            raise GantlitzError(f"There are no maps of {item.name}.", "Run the command again.", "maps-missing")
        folder = self._outdir / MAPS
        maps = {kind: folder / entry["files"][kind]["file"] for kind in KINDS}
        assert item.recipe is not None
        labels = ", ".join(f"{name} {value:+.1f}" for name, value in item.of["labels"].items())
        text = f"{labels}{'. ' if labels else ''}Recipe: {item.recipe.to_json()}"
        about = Description(text, item.of["author"], item.of["licence"], item.of["tags"], item.of["catalog"])
        picture = folder / f"{item.name}_portrait.png"
        write_asset(part, item.name, maps, item.recipe, PROFILES[self._profile], picture, about)
