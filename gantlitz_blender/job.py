"""One sampling from request to files: find the runtime, load the model, choose a file name, render. Knows no bpy.

The blocking operator and the modal one both turn the same crank: `step()` until `finished`.
"""

import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import naming
from .client import RuntimeClient, error_of
from .runtime.errors import Cancelled, GantlitzError
from .runtime.failures import as_gantlitz_error
from .runtime.recipe import Recipe


@dataclass(frozen=True)
class Order:
    """What the artist asked for. model: a checkpoint's path, None for the bundled one."""

    recipe: Recipe
    level: int
    folder: Path
    prefix: str
    model: str | None = None
    device: str = "auto"


@dataclass(frozen=True)
class Result:
    """Finished map files, and the recipe with the model's name and hash in it."""

    paths: dict[str, Path]
    recipe: Recipe
    name: str


def explained(error: Exception) -> GantlitzError:
    """What to tell the artist. What nobody has foreseen goes to the console too, with its traceback."""
    if not isinstance(error, GantlitzError):
        traceback.print_exception(error)
    return as_gantlitz_error(error)


class SampleJob:
    """Asks the worker for one Order. Never raises from step(): a failure of any kind ends the job and is in `error`.

    connect: answers with the client, or raises GantlitzError; it may take seconds and is called in a thread.
    is_edited: whether a map file is open with unsaved changes, so that its name is taken; called from step().
    """

    def __init__(
        self,
        connect: Callable[[], RuntimeClient],
        order: Order,
        is_edited: Callable[[Path], bool] = lambda path: False,
    ):
        self.order = order
        self._is_edited = is_edited
        self.progress = 0.0
        self.text = "Starting the runtime"
        self.error: GantlitzError | None = None
        self.result: Result | None = None
        self._client: RuntimeClient | None = None
        self._request: int | None = None
        self._cancelling = False
        self._name = ""
        self._recipe = order.recipe
        thread = ThreadPoolExecutor(1, thread_name_prefix="gantlitz-connect")
        self._connecting: Future[RuntimeClient] = thread.submit(connect)
        thread.shutdown(wait=False)

    @property
    def finished(self) -> bool:
        return self.error is not None or self.result is not None

    def step(self) -> None:
        """Take what the worker has said since, without waiting."""
        if self.finished:
            return
        try:
            if self._client is None:
                if not self._connecting.done():
                    return
                self._client = self._connecting.result()
                self._ask("load", model=self.order.model, device=self.order.device)
            for message in self._client.poll():
                if message.get("id") == self._request and not self.finished:
                    self._hear(message)
        except Exception as error:
            self.error = explained(error)

    def take(self) -> Result:
        """What came of a finished job. Raises the GantlitzError that ended it."""
        if self.error is not None:
            raise self.error
        assert self.result is not None, "the job is not finished"
        return self.result

    def cancel(self) -> None:
        """Ask the worker to give up; the job ends with Cancelled when it has, or has been ended for it: within a second.

        Until then the next sampling would meet a worker that is about to die. No file is left half-written.
        """
        if self.error is not None or self._cancelling:
            return
        if self.result is not None:  # the files are there, but not wanted any more
            self.error = Cancelled()
            return
        self._cancelling, self.text = True, "Cancelling"
        if self._client is None or self._request is None:
            self.error = Cancelled()
        else:
            self._client.cancel(self._request)

    def _ask(self, kind: str, **fields: Any) -> None:
        assert self._client is not None
        self._request = self._client.request(kind, **fields)

    def _hear(self, message: dict[str, Any]) -> None:
        kind = message.get("kind")
        if self._cancelling:
            if kind in ("done", "error"):
                self.error = Cancelled()
        elif kind == "progress":
            self.progress, self.text = message["fraction"], message["text"]
        elif kind == "error":
            raise error_of(message)
        elif kind == "done" and not self._name:
            self._render(message)
        elif kind == "done":
            paths = {key: Path(message["paths"][key]) for key in naming.MAPS}
            self.result = Result(paths, self._recipe, self._name)

    def _render(self, model: dict[str, Any]) -> None:
        """The model is ready, so its hash is known, and with it whether a file name is free for this recipe."""
        self._recipe = replace(self.order.recipe, model=model["name"], model_sha256=model["sha256"])
        full = (model["width"], model["height"])
        size = (full[0] >> self.order.level, full[1] >> self.order.level)
        base = naming.base_name(self.order.prefix, self._recipe.seed, size, full)
        self._name = naming.free_name(self.order.folder, base, self._recipe, self._is_edited)
        self.progress, self.text = 0.0, "Sampling"
        self._ask("render", recipe=self._recipe, level=self.order.level, folder=str(self.order.folder), name=self._name)
