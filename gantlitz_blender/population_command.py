"""``population`` carried out: people chosen and their maps made by the runtime, an asset library of them by this Blender."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from .asset_catalogue import add_catalogue
from .asset_library import Description, write_asset
from .blender_items import make_each, maps_of
from .runtime.batch.items import AnyItem, BlenderItem, FaceItem
from .runtime.batch.making import Tell
from .runtime.batch.manifest import read_manifest
from .runtime.batch.running import run
from .runtime.commands import FAILED, OK
from .runtime.commands.options import output, settings
from .runtime.commands.population import MAPS, asked
from .runtime.errors import GantlitzError
from .runtime.export_profiles import PROFILES
from .runtime.population.assets import asset_items
from .runtime.population.people import Person, read_people


def population(options: argparse.Namespace, in_runtime: Callable[[list[str]], int]) -> int:
    """Returns the exit code. in_runtime: runs a command line in the runtime's Python."""
    code = in_runtime(options.arguments)
    if options.dry_run or code not in (OK, FAILED):
        return code
    try:
        people, about = read_people(options.outdir)
    except GantlitzError:
        if code == FAILED:  # before there were any, and it has said why
            return code
        raise
    if code == FAILED and about.get("asked") != asked(options):  # another call's
        return code
    librarian = _Librarian(people, options, add_catalogue(options.outdir, about["catalog"]))
    print("The library:", flush=True)
    return max(code, run(asset_items(people, about, output(options)), settings(options), make=librarian.make))


class _Librarian:
    def __init__(self, people: Sequence[Person], options: argparse.Namespace, catalogue: str):
        self._people = {person.name: person for person in people}
        self._outdir, self._output = options.outdir.absolute(), output(options)
        self._catalogue = catalogue  # its UUID
        self._maps = read_manifest(self._outdir / MAPS)

    def make(self, items: Iterable[AnyItem], tell: Tell, stop: Event) -> None:
        make_each(items, self._outdir, "asset", "writing", self._write, tell, stop)

    def _write(self, item: BlenderItem, part: Path) -> dict[str, Any]:
        folder = self._outdir / MAPS
        assert item.recipe is not None
        maps = maps_of(FaceItem(item.name, item.recipe, self._output), folder, self._maps)
        labels = ", ".join(f"{name} {value:+.1f}" for name, value in item.of["labels"].items())
        text = f"{labels}{'. ' if labels else ''}Recipe: {item.recipe.to_json()}"
        about = Description(text, item.of["author"], item.of["licence"], item.of["tags"], self._catalogue)
        picture = folder / f"{item.name}_portrait.png"
        write_asset(part, item.name, maps, item.recipe, PROFILES[self._output.profile], picture, about)
        warnings = self._people[item.name].warnings
        return {"warnings": warnings} if warnings else {}
