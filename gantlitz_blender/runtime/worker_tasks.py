"""What the worker does for the requests that take time: load, preview, thumbnail, render, complete. Knows nothing of the wire."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import map_files, memory, memory_need, sizing
from .embedded_recipe import read_recipe
from .errors import Cancelled
from .export_profiles import NODE_WRANGLER
from .image_pixels import image_pixels
from .map_encoding import clipped
from .maps import MapSet
from .protocol import Complete, Load, Message, Preview, Release, Render, Task, Thumbnail
from .recipe import Recipe

if TYPE_CHECKING:
    from .completion.completer import Completer
    from .face_model import FaceModel
    from .portrait.thumbnail import Thumbnails

RENDER_SHARE = 0.75  # of the time of a render request; the rest is writing files (6144 x 4096, two cores)
PICTURES_KEPT = 4  # the client opens a picture a moment after it was told, when newer ones may be there already
THUMBNAILS_KEPT = 128  # a sheet is read as it comes, 64 faces at most


class Tasks:
    """Does one task at a time, in one thread, and keeps what is loaded for the next one.

    send(message) is called with what is said besides the result, tell(id, fraction, text) with how far it is;
    cancelled() is asked whether the running task has been given up.
    device: of the loaded model; state: empty (none was asked for yet), loading, ready or released. Both for whoever asks from
    another thread.
    """

    def __init__(
        self,
        send: Callable[[Message], None],
        tell: Callable[[int, float, str], None],
        cancelled: Callable[[], bool],
    ):
        self._send, self._tell, self._is_cancelled = send, tell, cancelled
        self._model: FaceModel | None = None
        self._completer: Completer | None = None
        self._thumbnails: Thumbnails | None = None
        self._wanted: tuple[str | None, str] = (None, "auto")  # model and device, as the last load asked
        self._stamp: tuple[int, int] | None = None  # of the model's file when it was loaded
        self.device = "cpu"
        self.state = "empty"
        self._notices: list[str] = []  # of the running task, for a person
        self.pictures = PictureFolder()

    def result_of(self, task: Task) -> Message:
        """Do it; returns the fields of the ``done`` answer. Raises whatever went wrong."""
        if isinstance(task, Load):
            return self._load(task)
        if isinstance(task, Release):
            return self._release(task)
        if self._model is None:
            # Also after a load that failed: that failure is reported again, rather than another model sampled.
            self._load(Load(task.id, *self._wanted))
        assert self._model is not None
        if isinstance(task, Complete):
            return self._complete(task, self._model)
        recipe = self._model.stamped(task.recipe)
        self._notices = []
        if isinstance(task, Preview):
            return {**self._preview(task, self._model, recipe), "notices": self._notices}
        if isinstance(task, Thumbnail):
            return self._thumbnail(task, self._model, recipe)
        return {**self._render(task, self._model, recipe), "notices": self._notices}

    def _load(self, task: Load) -> Message:
        from .face_model import BUNDLED, FaceModel

        wanted = (task.model, task.device)
        stamp = _stamp(Path(task.model) if task.model else BUNDLED)
        if (wanted, stamp) != (self._wanted, self._stamp):
            # The old one goes first: two large models at once may be more than the memory holds.
            self._model, self._wanted, self._stamp = None, wanted, stamp
            self._completer = None
            self.device, self.state = "cpu", "empty"
        if self._model is None:
            self._tell(task.id, 0.0, "Loading the model")
            before, self.state = self.state, "loading"
            try:
                self._model = FaceModel.load(*wanted)
            except BaseException:
                self.state = before
                raise
            self.device, self.state = str(self._model.device), "ready"
        model = self._model
        if self._is_cancelled():
            raise Cancelled()
        return {
            "name": model.name,
            "sha256": model.sha256,
            "width": model.width,
            "height": model.height,
            "levels": model.levels,
            "modalities": list(model.modalities),
            "device": str(model.device),
            "provenance": model.provenance,
            "directions": list(model.directions.labels),
        }

    def _release(self, task: Release) -> Message:
        loaded = self._model is not None or self._completer is not None
        released = loaded and not (task.gpu_only and self.device == "cpu")
        if released:
            self._model = self._completer = None  # what was wanted stays known: the next task loads it again
            self.device, self.state = "cpu", "released"
            memory.give_back()
        return {"released": released, "resident": memory.resident_memory(), "gpu_held": memory.gpu_memory()}

    def _preview(self, task: Preview, model: FaceModel, recipe: Recipe) -> Message:
        if task.draft:
            model.prepare_draft(task.width, self._is_cancelled)  # once for a model: not the time of a draft
        begun = time.perf_counter()
        watch: dict[str, Any] = {"cancelled": self._is_cancelled, "notice": self._notices.append}
        maps = model.preview(task.recipe, task.width, draft=task.draft, **watch)
        seconds = time.perf_counter() - begun
        return {**self.pictures.keep(maps, task.layout), "recipe": recipe.to_dict(), "seconds": round(seconds, 4)}

    def _thumbnail(self, task: Thumbnail, model: FaceModel, recipe: Recipe) -> Message:
        from .portrait.thumbnail import Thumbnails

        if self._thumbnails is None:
            self._thumbnails = Thumbnails()
        pixels = self._thumbnails.make(model, task.recipe, task.width, task.shape, self._is_cancelled)
        return {**self.pictures.keep_thumbnail(pixels), "recipe": recipe.to_dict()}

    def _render(self, task: Render, model: FaceModel, recipe: Recipe) -> Message:
        width, height = sizing.size_of(model, task.level, task.size)
        rendered_at = sizing.size_of(model, sizing.level_for(model, width, height), None)
        output = task.output or NODE_WRANGLER
        if output.square:
            width = min(width, height)
        map_files.check(Path(task.folder), task.name, width, height, output)
        from .tiling import threads_on  # with the model: it needs torch

        def rendered(fraction: float) -> None:
            self._tell(task.id, fraction * RENDER_SHARE, "Rendering")

        def written(fraction: float) -> None:
            self._tell(task.id, RENDER_SHARE + fraction * (1 - RENDER_SHARE), "Writing files")

        # Before the system ends us for want of memory, which it does without a word.
        tile = memory_need.tile_that_fits(*rendered_at, threads_on(self.device), memory.free_memory("cpu"))
        if tile < memory_need.TILE:
            self._notices.append(f"Little memory is free: the maps were made in tiles of {tile} texels.")
        watch: dict[str, Any] = {"tile": tile, "progress": rendered, "notice": self._notices.append}
        watch["cancelled"] = self._is_cancelled
        if task.size is None:
            assert task.level is not None
            maps = model.render(task.recipe, level=task.level, **watch)
        else:
            maps = sizing.render_sized(model, task.recipe, *task.size, **watch)
        maps = maps.resized(width, height)
        paths = maps.write(task.folder, task.name, recipe, progress=written, cancelled=self._is_cancelled, output=output)
        return {
            "paths": {kind: str(path) for kind, path in paths.items()},
            "width": maps.width,
            "height": maps.height,
            "recipe": read_recipe(paths["recipe"]).to_dict(),  # its fit lies beside the maps now
            "clipped": clipped(maps, output),
        }

    def _complete(self, task: Complete, model: FaceModel) -> Message:
        # Only now: whoever only samples needs neither the memory nor the libraries of these.
        from .completion.completer import Completer
        from .scan_job import complete_scan

        if self._completer is None:
            self._tell(task.id, 0.0, "Loading the completer")
            self._completer = Completer.load(None, self._wanted[1])

        def show(maps: MapSet) -> None:
            self._send({"kind": "picture", "id": task.id, **self.pictures.keep(maps)})

        answer = complete_scan(
            task.request,
            Path(task.folder),
            task.name,
            model,
            self._completer,
            progress=lambda fraction, text: self._tell(task.id, fraction, text),
            picture=show,
            cancelled=self._is_cancelled,
        )
        return {
            "paths": {kind: str(path) for kind, path in answer.paths.items()},
            "width": answer.width,
            "height": answer.height,
            "recipe": answer.recipe.to_dict() if answer.recipe else None,
            "warnings": list(answer.warnings),
        }


class PictureFolder:
    """Small MapSets and thumbnails as files, for a client to read; only the newest are kept."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gantlitz-previews-"))
        self._files: dict[str, deque[Path]] = {"picture": deque(), "thumbnail": deque()}
        self._made = 0

    def keep(self, maps: MapSet, layout: str = "maps") -> Message:
        """Write `maps` in a layout of ``protocol.Preview``; returns path (.npy), width and height."""
        pixels = image_pixels(maps) if layout == "blender" else maps.stacked()
        return self._keep("picture", pixels, PICTURES_KEPT) | {"width": maps.width, "height": maps.height}

    def keep_thumbnail(self, pixels: np.ndarray) -> Message:
        """Write (H, W, 4) bytes; returns path (.npy), width and height."""
        return self._keep("thumbnail", pixels, THUMBNAILS_KEPT)

    def _keep(self, kind: str, pixels: np.ndarray, most: int) -> Message:
        self._made += 1
        path = self.folder / f"{kind}-{self._made}.npy"
        np.save(path, pixels)
        files = self._files[kind]
        files.append(path)
        while len(files) > most:
            with contextlib.suppress(OSError):  # Windows keeps a file that is mapped; it goes with the folder
                files.popleft().unlink()
        return {"path": str(path), "width": pixels.shape[1], "height": pixels.shape[0]}

    def remove(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells that the file has been replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
