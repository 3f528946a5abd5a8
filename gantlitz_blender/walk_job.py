"""The maps of an animation's frames, one face after another; frames that are there already are not made again. Knows no bpy."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import naming
from .client import RuntimeClient
from .job import Job, explained
from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe


@dataclass(frozen=True)
class WalkOrder:
    """What the artist asked for. frames: the look at each. folder: in which the walk gets a folder of its own."""

    frames: Mapping[int, Recipe]
    level: int
    folder: Path
    prefix: str
    model: str | None = None
    device: str = "auto"


@dataclass(frozen=True)
class WalkResult:
    """paths: of the first frame's maps, by kind; the others' names differ in the frame number only. recipe: the first frame's.

    made: how many frames were rendered now; the others were there.
    """

    paths: dict[str, Path]
    recipe: Recipe
    name: str
    made: int


def frame_name(name: str, frame: int) -> str:
    """``face_walk_0012``: how the files of a frame begin."""
    return f"{name}_{frame:04d}"


def plan(parent: Path, base: str, frames: Mapping[int, Recipe]) -> tuple[str, list[int]]:
    """The walk's name and the frames still to be made: of the first folder `base`, ``base_v2`` ... with no other walk's maps.

    The folder is called as the walk.
    """
    for version in range(1, naming.VERSIONS_MAX + 1):
        name = base if version == 1 else f"{base}_v{version}"
        folder = parent / name
        if all(naming.is_ours(folder, frame_name(name, frame), recipe) for frame, recipe in frames.items()):
            return name, [frame for frame in frames if not _is_whole(folder, frame_name(name, frame))]
    raise GantlitzError(f"There are {naming.VERSIONS_MAX} versions of {base} in {parent}.", "Choose another folder or name.")


class WalkJob(Job[WalkResult]):
    """Asks for the frames of one WalkOrder that are not there yet."""

    def __init__(self, connect: Callable[[], RuntimeClient], order: WalkOrder):
        super().__init__(connect, order.model, order.device)
        self.order = order
        self._frames: dict[int, Recipe] = {}
        self._name = ""
        self._missing: list[int] = []
        self._made = 0
        self._planning: Future[tuple[str, list[int]]] | None = None

    def step(self) -> None:
        super().step()
        if self._planning is not None and self._planning.done() and not self.finished:
            try:
                self._name, self._missing = self._planning.result()
                self._planning = None
                self._next()
            except Exception as error:
                self.error = explained(error)

    def cancel(self) -> None:
        """Frames that are whole stay, and need not be made again."""
        self._planning = None
        super().cancel()

    def _begin(self, model: dict[str, Any]) -> None:
        stamp = {"model": model["name"], "model_sha256": model["sha256"]}
        self._frames = {frame: replace(recipe, **stamp) for frame, recipe in self.order.frames.items()}
        self.text = "Looking for frames that are there"
        size = f"{model['width'] >> self.order.level}x{model['height'] >> self.order.level}"
        base = f"{self.order.prefix.strip() or 'face'}_walk_{size}"
        thread = ThreadPoolExecutor(1, thread_name_prefix="gantlitz-walk")  # reads each frame's files
        self._planning = thread.submit(plan, self.order.folder, base, self._frames)
        thread.shutdown(wait=False)

    def _hear(self, message: dict[str, Any]) -> None:
        kind = message.get("kind")
        if self._begun and not self._cancelling and kind == "progress":
            self._show(message["fraction"])
        elif self._begun and not self._cancelling and kind == "done":
            self._missing.pop(0)
            self._made += 1
            self._next()
        else:
            super()._hear(message)

    def _next(self) -> None:
        if not self._missing:
            first = min(self._frames)
            paths = naming.map_paths(self._folder, frame_name(self._name, first))
            self.result = WalkResult(paths, self._frames[first], self._name, self._made)
            return
        frame = self._missing[0]
        self._show(0.0)
        self._ask(
            "render",
            recipe=self._frames[frame],
            level=self.order.level,
            folder=str(self._folder),
            name=frame_name(self._name, frame),
        )

    def _show(self, fraction: float) -> None:
        total = self._made + len(self._missing)
        self.progress = (self._made + fraction) / total
        self.text = f"Frame {self._missing[0]}, {self._made + 1} of {total}"

    @property
    def _folder(self) -> Path:
        return self.order.folder / self._name


def _is_whole(folder: Path, name: str) -> bool:
    paths = (*naming.map_paths(folder, name).values(), folder / f"{name}{naming.RECIPE_SUFFIX}")
    return all(os.path.isfile(path) for path in paths)
