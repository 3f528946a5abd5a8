"""What the worker does for the requests that take time: load, preview, render, complete. Knows nothing of the wire."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import map_files, sizing
from .embedded_recipe import read_recipe
from .errors import Cancelled
from .export_profiles import NODE_WRANGLER
from .map_encoding import clipped
from .maps import MapSet
from .protocol import Complete, Load, Message, Preview, Render, Task
from .recipe import Recipe

if TYPE_CHECKING:
    from .completion.completer import Completer
    from .face_model import FaceModel

RENDER_SHARE = 0.75  # of the time of a render request; the rest is writing files (6144 x 4096, two cores)
PICTURES_KEPT = 4  # the client opens a picture a moment after it was told, when newer ones may be there already


class Tasks:
    """Does one task at a time, in one thread, and keeps what is loaded for the next one.

    send(message) is called with what is said besides the result, tell(id, fraction, text) with how far it is;
    cancelled() is asked whether the running task has been given up.
    device: of the loaded model, for whoever asks from another thread.
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
        self._wanted: tuple[str | None, str] = (None, "auto")  # model and device, as the last load asked
        self._stamp: tuple[int, int] | None = None  # of the model's file when it was loaded
        self.device = "cpu"
        self.pictures = PictureFolder()

    def result_of(self, task: Task) -> Message:
        """Do it; returns the fields of the ``done`` answer. Raises whatever went wrong."""
        if isinstance(task, Load):
            return self._load(task)
        if self._model is None:
            # Also after a load that failed: that failure is reported again, rather than another model sampled.
            self._load(Load(task.id, *self._wanted))
        assert self._model is not None
        if isinstance(task, Complete):
            return self._complete(task, self._model)
        recipe = self._model.stamped(task.recipe)
        if isinstance(task, Preview):
            return self._preview(task, self._model, recipe)
        return self._render(task, self._model, recipe)

    def _load(self, task: Load) -> Message:
        from .face_model import BUNDLED, FaceModel

        wanted = (task.model, task.device)
        stamp = _stamp(Path(task.model) if task.model else BUNDLED)
        if (wanted, stamp) != (self._wanted, self._stamp):
            # The old one goes first: two large models at once may be more than the memory holds.
            self._model, self._wanted, self._stamp = None, wanted, stamp
            self._completer = None
            self.device = "cpu"
        if self._model is None:
            self._tell(task.id, 0.0, "Loading the model")
            self._model = FaceModel.load(*wanted)
            self.device = str(self._model.device)
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
        }

    def _preview(self, task: Preview, model: FaceModel, recipe: Recipe) -> Message:
        maps = model.preview(task.recipe, task.width, cancelled=self._is_cancelled)
        return {**self.pictures.keep(maps), "recipe": recipe.to_dict()}

    def _render(self, task: Render, model: FaceModel, recipe: Recipe) -> Message:
        width, height = sizing.size_of(model, task.level, task.size)
        output = task.output or NODE_WRANGLER
        if output.square:
            width = min(width, height)
        map_files.check(Path(task.folder), task.name, width, height, output)

        def rendered(fraction: float) -> None:
            self._tell(task.id, fraction * RENDER_SHARE, "Rendering")

        def written(fraction: float) -> None:
            self._tell(task.id, RENDER_SHARE + fraction * (1 - RENDER_SHARE), "Writing files")

        if task.size is None:
            assert task.level is not None
            maps = model.render(task.recipe, level=task.level, progress=rendered, cancelled=self._is_cancelled)
        else:
            maps = sizing.render_sized(model, task.recipe, *task.size, progress=rendered, cancelled=self._is_cancelled)
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
    """Small MapSets as files, for a client to map into its memory; only the newest are kept."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gantlitz-previews-"))
        self._files: deque[Path] = deque()
        self._made = 0

    def keep(self, maps: MapSet) -> Message:
        """Write `maps`; returns path (.npy, float32 (H, W, 8)), width and height."""
        self._made += 1
        path = self.folder / f"picture-{self._made}.npy"
        np.save(path, maps.stacked())
        self._files.append(path)
        while len(self._files) > PICTURES_KEPT:
            with contextlib.suppress(OSError):  # Windows keeps a file that is mapped; it goes with the folder
                self._files.popleft().unlink()
        return {"path": str(path), "width": maps.width, "height": maps.height}

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
