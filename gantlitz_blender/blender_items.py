"""What a Blender makes of maps that the runtime made: the items of a batch, each file whole under its name or not there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Event
from typing import Any

from .runtime.batch.items import AnyItem, BlenderItem, FaceItem
from .runtime.batch.making import Tell, files_of, tell_failure
from .runtime.batch.planning import is_whole
from .runtime.errors import GantlitzError
from .runtime.export_profiles import KINDS

# Writes an item into the hidden file it is given, and returns what else the manifest says of it.
Write = Callable[[BlenderItem, Path], dict[str, Any]]


def make_each(items: Iterable[AnyItem], outdir: Path, file: str, doing: str, write: Write, tell: Tell, stop: Event) -> None:
    """One item after the other, until `stop`; what fails is told and the next one begun.

    file: what the manifest calls an item's file; doing: what it calls the seconds that it took.
    """
    for item in items:
        if stop.is_set():
            break
        assert isinstance(item, BlenderItem)
        tell({"news": "begun", "name": item.name})
        part = outdir / f".{item.name}_{item.end}.{os.getpid()}-0.part"  # as map files are: removed if we are killed
        start = time.perf_counter()
        try:
            more = write(item, part)
            final = outdir / f"{item.name}{item.end}"
            os.replace(part, final)
            recipe = {"recipe": item.describe()["recipe"]} if item.recipe else {}
            entry = {**recipe, **item.of, **more, "files": files_of({file: final})}
            seconds = {doing: round(time.perf_counter() - start, 3)}
            tell({"news": "done", "name": item.name, "kind": item.kind, **entry, "seconds": seconds})
        except Exception as error:
            tell_failure(item, error, tell)
        finally:
            part.unlink(missing_ok=True)


def maps_of(face: FaceItem, folder: Path, manifest: Mapping[str, Any]) -> dict[str, Path]:
    """The map files of a face, by kind. Raises GantlitzError (``maps-missing``) where they are not whole, or of another call."""
    entry = manifest.get(face.name)
    if entry is None or not is_whole(folder, face, entry):
        why = entry.get("error", {}).get("sentence", "") if entry else ""
        raise GantlitzError(f"There are no maps of {face.name}. {why}".strip(), "Run the command again.", "maps-missing")
    return {kind: folder / entry["files"][kind]["file"] for kind in KINDS}
