"""``render`` carried out: maps by the runtime, pictures by this Blender, as a batch that goes on where it was."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from . import picture_sheet, render_plan
from .blender_items import make_each, maps_of
from .images import read_pixels
from .runtime.batch.items import AnyItem, BlenderItem, FaceItem
from .runtime.batch.making import Tell
from .runtime.batch.manifest import read_manifest
from .runtime.batch.running import run
from .runtime.commands import FAILED, OK
from .runtime.commands.options import settings
from .runtime.errors import GantlitzError
from .stage import Stage


def render(options: argparse.Namespace, in_runtime: Callable[[list[str]], int]) -> int:
    """Returns the exit code. in_runtime: runs a command line in the runtime's Python."""
    faces = render_plan.faces_of(options)
    pictures = render_plan.pictures_of(faces, options)
    render_plan.look_ahead(faces, pictures, options)
    if options.dry_run:
        print("The maps:")
        run(faces, render_plan.settings_of_maps(options), dry=True)
        print("The pictures:")
        return run(pictures, settings(options), dry=True)
    painter = _Painter(options, faces)
    painter.set_stage()  # before all else: what the file has not is known now
    with tempfile.TemporaryDirectory(prefix="gantlitz-") as folder:
        job = render_plan.write_job(faces, options, Path(folder))
        print("The maps:", flush=True)
        code = in_runtime(render_plan.arguments_for_maps(job, options))
    if code not in (OK, FAILED):  # what has failed is said for each picture; what is interrupted goes on another time
        return code
    print("The pictures:", flush=True)
    return max(code, run(pictures, settings(options), make=painter.make))


class _Painter:
    """Renders pictures, and joins them to sheets."""

    def __init__(self, options: argparse.Namespace, faces: Sequence[FaceItem]):
        self._options = options
        self._faces = {face.name: face for face in faces}
        self._outdir: Path = options.outdir.absolute()
        self._stage: Stage | None = None
        self._worn = ""
        self._maps: dict[str, Any] | None = None

    def set_stage(self) -> None:
        o = self._options
        self._stage = Stage(o.blend, o.object, o.slot, o.engine, o.size, o.samples)

    def make(self, items: Iterable[AnyItem], tell: Tell, stop: Event) -> None:
        make_each(items, self._outdir, "picture", "rendering", self._write, tell, stop)

    def _write(self, item: BlenderItem, part: Path) -> dict[str, Any]:
        width, height = self._render(item, part) if item.kind == render_plan.PICTURE else self._sheet(item, part)
        return {"width": width, "height": height}

    def _render(self, item: BlenderItem, part: Path) -> tuple[int, int]:
        assert item.recipe is not None and self._stage is not None
        face = item.of["face"]
        if self._worn != face:
            self._stage.wear(self._maps_of(face), item.recipe, face)
            self._worn = face
        self._stage.take(item.of["angle"], part)
        picture_sheet.put_recipe(part, item.recipe)
        return self._stage.size

    def _maps_of(self, face: str) -> dict[str, Path]:
        folder = self._outdir / render_plan.MAPS
        if self._maps is None:
            self._maps = read_manifest(folder)
        return maps_of(self._faces[face], folder, self._maps)

    def _sheet(self, item: BlenderItem, part: Path) -> tuple[int, int]:
        pictures = []
        for name in item.of["pictures"]:
            path = self._outdir / f"{name}.png"
            if not path.is_file():
                fix = "Run the command again."
                raise GantlitzError(f"The sheet needs the picture {name}, which was not made.", fix, "maps-missing")
            pictures.append(_pixels(path))
        sheet = picture_sheet.joined(pictures)
        part.write_bytes(picture_sheet.png(sheet))
        return sheet.shape[1], sheet.shape[0]


def _pixels(path: Path) -> np.ndarray:
    """uint8 (H, W, 3), row 0 at the top."""
    return np.rint(read_pixels(path)[..., :3] * 255).astype(np.uint8)
