"""The completion of one scan, from request to files. Knows no bpy."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import naming
from .client import RuntimeClient
from .job import Job
from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe
from .runtime.scan_request import ScanRequest


@dataclass(frozen=True)
class CompletionOrder:
    """What the artist asked for. model: a checkpoint's path, None for the bundled one. source: each map's name, to be noted.

    new_folder: whether the folder is there only for this.
    """

    request: ScanRequest
    folder: Path
    prefix: str
    source: dict[str, str]
    model: str | None = None
    device: str = "auto"
    new_folder: bool = False


@dataclass(frozen=True)
class Completion:
    """A completed scan, not yet accepted. paths: its four maps by kind; others: further files that came with them (error map,
    recipe, fit). recipe: of a fit, else None.
    """

    paths: dict[str, Path]
    others: tuple[Path, ...]
    width: int
    height: int
    recipe: Recipe | None
    warnings: tuple[str, ...]
    name: str
    order: CompletionOrder

    def origin(self) -> dict[str, Any]:
        """What is noted on a material that wears it."""
        request = self.order.request
        settings = {name: getattr(request, name) for name in ("method", "keep", "refine", "directx", "displacement_mm")}
        through = {"use_mesh": request.mesh is not None}
        return {"name": self.name, "maps": self.order.source, "points": request.points, **settings, **through}

    def remove_files(self) -> None:
        """Take back what the completion wrote. Raises GantlitzError (``write-failed``) when a file stays."""
        stayed = []
        for path in (*self.paths.values(), *self.others):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                stayed.append(path.name)
        if self.order.new_folder:
            with contextlib.suppress(OSError):  # something else may be in it by now
                self.order.folder.rmdir()
        if stayed:
            raise GantlitzError(
                f"These files of the completion could not be removed: {', '.join(stayed)}.",
                f"Remove them from {self.order.folder}.",
                "write-failed",
            )


class CompletionJob(Job[Completion]):
    """Asks for one completion. picture: the newest ``picture`` message, for client.read_preview; None so far."""

    def __init__(self, connect: Callable[[], RuntimeClient], order: CompletionOrder):
        super().__init__(connect, order.model, order.device)
        self.order = order
        self.picture: dict[str, Any] | None = None
        self._name = ""

    def _begin(self, model: dict[str, Any]) -> None:
        self._name = naming.unused_name(self.order.folder, naming.scan_name(self.order.prefix))
        self.text = "Completing the scan"
        self._ask("complete", request=self.order.request, folder=str(self.order.folder), name=self._name)

    def _hear(self, message: dict[str, Any]) -> None:
        if message.get("kind") == "picture":
            self.picture = message
        else:
            super()._hear(message)

    def _result_of(self, answer: dict[str, Any]) -> Completion:
        paths = {kind: Path(path) for kind, path in answer["paths"].items()}
        return Completion(
            paths={kind: paths[kind] for kind in naming.MAPS},
            others=tuple(path for kind, path in paths.items() if kind not in naming.MAPS),
            width=answer["width"],
            height=answer["height"],
            recipe=Recipe.from_dict(answer["recipe"]) if answer["recipe"] else None,
            warnings=tuple(answer["warnings"]),
            name=self._name,
            order=self.order,
        )
