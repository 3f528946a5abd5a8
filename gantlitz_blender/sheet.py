"""The contact sheet of this Blender session: which seeds it shows, their thumbnails, and the run that makes those that are missing.

A window fills it on a timer, a script at a stretch. Thumbnails are no datablocks: nothing of the artist's file changes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path

import bpy
import bpy.utils.previews
import numpy as np

from .assign import find_target
from .look import SEED_MAX, recipe_of
from .redrawing import redraw_sidebars
from .runtime.errors import Cancelled, GantlitzError
from .runtime.recipe import Recipe
from .sheet_mesh import write_mesh
from .sheet_picture import square
from .sheet_run import SheetRun

WIDTH = 192  # pixels of a thumbnail: a coarse level of the standard model exactly
KEPT = 512  # thumbnails: 0.15 MB each, and as much again as icons
TICK_SECONDS = 0.05


@dataclass(frozen=True)
class Settings:
    """What thumbnails depend on besides their seed. recipe: of the seed 0. mesh: the object's name, or empty."""

    recipe: Recipe
    on: str
    mesh: str
    model: str | None
    device: str

    def recipe_for(self, seed: int) -> Recipe:
        return replace(self.recipe, seed=seed)

    @property
    def key(self) -> str:
        return "\n".join((self.on, self.mesh, self.model or "", self.recipe.to_json()))


class Sheet:
    """What is shown. seeds: in order. settings: what their thumbnails were made with; None before the first."""

    def __init__(self) -> None:
        self.seeds: list[int] = []
        self.settings: Settings | None = None
        self.run: SheetRun | None = None
        self.error: GantlitzError | None = None
        self._icons: bpy.utils.previews.ImagePreviewCollection | None = None
        self._pixels: OrderedDict[str, np.ndarray] = OrderedDict()
        self._folder: Path | None = None
        self._meshes = 0

    @property
    def running(self) -> bool:
        return self.run is not None

    def begin(self, seeds: list[int], settings: Settings, context: bpy.types.Context, connect, anew: bool = False) -> None:
        """Show these seeds; ask for the thumbnails that are missing, or for all where they are to be made anew.

        Raises GantlitzError for a mesh that cannot be shown.
        """
        self.stop()
        shape = {"FLAT": "flat", "HEAD": "head"}.get(settings.on) or str(self._write(context, settings.mesh))
        self.seeds, self.settings, self.error = seeds, settings, None
        if anew or settings.on == "MESH":  # the mesh may have changed, which its name does not tell
            for seed in seeds:
                self._forget(self._key(seed))
        missing = [seed for seed in seeds if self._key(seed) not in self._pixels]
        if missing:
            recipes = [settings.recipe_for(seed) for seed in missing]
            self.run = SheetRun(connect, recipes, shape, WIDTH, settings.model, settings.device)

    def step(self) -> None:
        """Take what has come; a few milliseconds at most."""
        if self.run is None:
            return
        for recipe, pixels in self.run.step():
            self._keep(self._key(recipe.seed), pixels)
        if self.run.finished:
            self.error = None if isinstance(self.run.error, Cancelled) else self.run.error
            self.run = None

    def stop(self) -> None:
        """Give up what is under way; what has come stays."""
        if self.run is not None:
            self.run.cancel()
            self.run = None

    def icon(self, seed: int) -> int | None:
        """The icon of a seed's thumbnail, None as long as there is none. (Without a window Blender calls every icon 0.)"""
        picture = self._icons.get(self._key(seed)) if self._icons is not None and self.settings else None
        return picture.icon_id if picture is not None else None

    def thumbnails(self) -> list[tuple[int, np.ndarray]]:
        """(seed, (H, W, 4) bytes) of those that are there."""
        return [(seed, self._pixels[key]) for seed in self.seeds if (key := self._key(seed)) in self._pixels]

    def clear(self) -> None:
        """Forget everything."""
        self.stop()
        self.seeds, self.settings, self.error = [], None, None
        self._pixels.clear()
        if self._icons is not None:
            self._icons.clear()

    def open(self) -> None:
        self._icons = bpy.utils.previews.new()

    def close(self) -> None:
        self.clear()
        bpy.utils.previews.remove(self._icons)
        self._icons = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _key(self, seed: int) -> str:
        assert self.settings is not None
        return f"{seed}\n{self.settings.key}"

    def _keep(self, key: str, pixels: np.ndarray) -> None:
        self._pixels[key] = pixels
        if self._icons is not None:
            icon = square(pixels)
            picture = self._icons.get(key) or self._icons.new(key)
            # The small one, which the preview and the buttons share, would do; but template_icon shows the large one.
            picture.image_size = picture.icon_size = icon.shape[:2]
            picture.image_pixels_float.foreach_set(icon.ravel())
            picture.icon_pixels_float.foreach_set(icon.ravel())
        shown = {self._key(seed) for seed in self.seeds}
        while len(self._pixels) > KEPT and (oldest := next(iter(self._pixels))) not in shown:
            self._forget(oldest)

    def _forget(self, key: str) -> None:
        self._pixels.pop(key, None)
        if self._icons is not None and key in self._icons:
            del self._icons[key]

    def _write(self, context: bpy.types.Context, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="gantlitz-sheet-"))
        self._meshes += 1
        for old in self._folder.glob("mesh-*.npz"):
            old.unlink()
        target = bpy.data.objects.get(name)
        if target is None:
            raise no_mesh()
        return write_mesh(context, target, self._folder / f"mesh-{self._meshes}.npz")


sheet = Sheet()


def settings_now(context: bpy.types.Context, on: str, model: str | None) -> Settings:
    """What the panel is set to. Raises GantlitzError where a script has set what is no look, or no mesh is selected."""
    inputs = context.scene.gantlitz
    recipe = recipe_of(lambda name: 0 if name == "seed" else getattr(inputs, name))
    target = find_target(context) if on == "MESH" else None
    if on == "MESH" and target is None:
        raise no_mesh()
    return Settings(recipe, on, target.name if target else "", model, inputs.device)


def seeds_from(first: int, count: int) -> list[int]:
    """`count` seeds on from the first; after the last comes 0."""
    return [(first + i) % (SEED_MAX + 1) for i in range(count)]


def no_mesh() -> GantlitzError:
    return GantlitzError(
        "No mesh with a UV map is selected.", "Select your head, or show the seeds flat or on the preview head.", "bad-mesh"
    )


def fill_on_timer() -> None:
    """Have the sheet fill while the artist works on."""
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=TICK_SECONDS, persistent=True)


def _tick() -> float | None:
    sheet.step()
    redraw_sidebars()
    return TICK_SECONDS if sheet.running else None


def register() -> None:
    sheet.open()


def unregister() -> None:
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    sheet.close()
