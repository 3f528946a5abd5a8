"""One piece of work for the worker, from request to files: find the runtime, load the model, ask. Knows no bpy.

The blocking operators and the modal ones turn the same crank: `step()` until `finished`.
"""

import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from . import model_labels, naming
from .client import RuntimeClient, error_of
from .runtime.errors import Cancelled, GantlitzError
from .runtime.export_profiles import NODE_WRANGLER, Output
from .runtime.failures import as_gantlitz_error
from .runtime.recipe import Recipe

ResultType = TypeVar("ResultType")


@dataclass(frozen=True)
class Order:
    """What the artist asked for. model: a checkpoint's path, None for the bundled one.

    width: of the maps in texels; None for the canvas at 1/2^level. profile: one of export_profiles.PROFILES, output: it, or it
    customised.
    """

    recipe: Recipe
    level: int
    folder: Path
    prefix: str
    model: str | None = None
    device: str = "auto"
    width: int | None = None
    profile: str = "NODE_WRANGLER"
    output: Output = NODE_WRANGLER

    def size(self, full: tuple[int, int]) -> tuple[int, int]:
        """(width, height) in texels, on a canvas of that size."""
        if self.width is None:
            return full[0] >> self.level, full[1] >> self.level
        return self.width, max(1, round(self.width * full[1] / full[0]))


@dataclass(frozen=True)
class Result:
    """Finished map files, and the recipe with the model's name and hash in it."""

    paths: dict[str, Path]
    recipe: Recipe
    name: str
    notices: tuple[str, ...] = ()  # what the worker had to say besides, such as that it took smaller tiles


def explained(error: Exception) -> GantlitzError:
    """What to tell the artist. What nobody has foreseen goes to the console too, with its traceback."""
    if not isinstance(error, GantlitzError):
        traceback.print_exception(error)
    return as_gantlitz_error(error)


class Job(Generic[ResultType]):
    """Has a model loaded, then asks for what it is about. Never raises from step(): a failure of any kind ends the job and
    is in `error`.

    connect: answers with the client, or raises GantlitzError; it may take seconds and is called in a thread.
    A subclass says what to ask when the model is ready (`_begin`), and what the answer means (`_result_of`).
    """

    def __init__(self, connect: Callable[[], RuntimeClient], model: str | None, device: str):
        self._load = {"model": model, "device": device}
        self.progress = 0.0
        self.text = "Starting the runtime"
        self.error: GantlitzError | None = None
        self.result: ResultType | None = None
        self._client: RuntimeClient | None = None
        self._request: int | None = None
        self._begun = False
        self._cancelling = False
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
                self._ask("load", **self._load)
            assert self._request is not None, "asked a moment ago, or before"
            for message in self._client.poll({self._request}):
                self._hear(message)
        except Exception as error:
            self.error = explained(error)

    def take(self) -> ResultType:
        """What came of a finished job. Raises the GantlitzError that ended it."""
        if self.error is not None:
            raise self.error
        assert self.result is not None, "the job is not finished"
        return self.result

    def cancel(self) -> None:
        """Ask the worker to give up; the job ends with Cancelled when it has, or has been ended for it: within a second.

        Until then the next job would meet a worker that is about to die. No file is left half-written.
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

    def _begin(self, model: dict[str, Any]) -> None:
        """Ask for the work itself; model: the answer to the load."""
        raise NotImplementedError

    def _result_of(self, answer: dict[str, Any]) -> ResultType:
        """What the ``done`` answer to it holds."""
        raise NotImplementedError

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
        elif kind == "done" and not self._begun:
            self._begun, self.progress = True, 0.0
            model_labels.remember(message)
            self._begin(message)
        elif kind == "done":
            self.result = self._result_of(message)


class SampleJob(Job[Result]):
    """Asks for one Order. is_edited: whether a map file is open with unsaved changes, so that its name is taken; called
    from step().
    """

    def __init__(
        self,
        connect: Callable[[], RuntimeClient],
        order: Order,
        is_edited: Callable[[Path], bool] = lambda path: False,
    ):
        super().__init__(connect, order.model, order.device)
        self.order = order
        self._is_edited = is_edited
        self._name = ""
        self._recipe = order.recipe

    def _begin(self, model: dict[str, Any]) -> None:
        """The model is ready, so its hash is known, and with it whether a file name is free for this recipe."""
        self._recipe = replace(self.order.recipe, model=model["name"], model_sha256=model["sha256"])
        full = (model["width"], model["height"])
        order, size = self.order, self.order.size(full)
        base = naming.base_name(order.prefix, self._recipe.seed, size, full) + naming.output_suffix(order.profile, order.output)
        self._name = naming.free_name(order.folder, base, self._recipe, self._is_edited, order.output.ends())
        self.text = "Sampling"
        fields: dict[str, Any] = {"level": order.level} if order.width is None else {"size": list(size)}
        if order.output != NODE_WRANGLER:
            fields["output"] = order.output.to_dict()
        self._ask("render", recipe=self._recipe, folder=str(order.folder), name=self._name, **fields)

    def _result_of(self, answer: dict[str, Any]) -> Result:
        paths = {key: Path(answer["paths"][key]) for key in naming.MAPS}
        notices = list(answer.get("notices", ()))
        if answer.get("clipped"):
            notices.append(f"{answer['clipped']:.1%} of the relief is beyond the displacement's range: choose more millimetres.")
        return Result(paths, self._recipe, self._name, tuple(notices))
