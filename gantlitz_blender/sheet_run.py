"""Thumbnails of many faces from the worker, one request after another. Knows no bpy.

Like a Job it is a crank that never waits and never raises; unlike one it leaves the worker to others: only two requests are
under way at a time, so that a live preview or a sampling is soon its turn.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from .client import RuntimeClient, error_of, read_thumbnail
from .job import explained
from .runtime.errors import Cancelled, GantlitzError
from .runtime.recipe import Recipe

AT_ONCE = 2  # one is worked on, and the next lies ready


class SheetRun:
    """Has a model loaded, then asks for a thumbnail of each recipe.

    connect: answers with the client, or raises GantlitzError; called in a thread. shape: flat, head, or the path of a mesh file.
    """

    def __init__(
        self,
        connect: Callable[[], RuntimeClient],
        recipes: Iterable[Recipe],
        shape: str,
        width: int,
        model: str | None = None,
        device: str = "auto",
    ):
        self._load = {"model": model, "device": device}
        self._waiting = deque(recipes)
        self._shape, self._width = shape, width
        self.count, self.made = len(self._waiting), 0
        self.error: GantlitzError | None = None
        self._client: RuntimeClient | None = None
        self._loading: int | None = None
        self._stamp: dict[str, Any] | None = None  # of the loaded model: another one, loaded meanwhile, must not answer
        self._asked: dict[int, Recipe] = {}
        self._first_came = 0.0
        thread = ThreadPoolExecutor(1, thread_name_prefix="gantlitz-connect")
        self._connecting: Future[RuntimeClient] = thread.submit(connect)
        thread.shutdown(wait=False)

    @property
    def finished(self) -> bool:
        return self.error is not None or self.made == self.count

    @property
    def seconds_left(self) -> float | None:
        """From the pace so far; None until there is one: the first takes longer, for the head is drawn for it."""
        if self.made < 2:
            return None
        return (time.monotonic() - self._first_came) / (self.made - 1) * (self.count - self.made)

    def step(self, most: int = 2) -> list[tuple[Recipe, np.ndarray]]:
        """What has come since: (recipe as it was given, pixels (H, W, 4) bytes, row 0 at the top), `most` at a time."""
        if self.finished:
            return []
        try:
            return self._step(most)
        except Exception as error:
            self.error = explained(error)
            self._drop()
            return []

    def cancel(self) -> None:
        """Give up; what has come is kept by whoever has it."""
        if not self.finished:
            self.error = Cancelled()
            self._drop()

    def _step(self, most: int) -> list[tuple[Recipe, np.ndarray]]:
        if self._client is None:
            if not self._connecting.done():
                return []
            self._client = self._connecting.result()
            self._loading = self._client.request("load", **self._load)
        found: list[tuple[Recipe, np.ndarray]] = []
        if self._loading is not None:
            for message in self._client.poll({self._loading}):
                self._hear_load(message)
        for request_id in list(self._asked)[:most]:
            for message in self._client.poll({request_id}):
                if message["kind"] == "error":
                    del self._asked[request_id]
                    raise error_of(message)
                if message["kind"] == "done":
                    found.append((self._asked.pop(request_id), read_thumbnail(message)))
                    self._first_came = self._first_came or time.monotonic()
                    self.made += 1
        while self._stamp is not None and self._waiting and len(self._asked) < AT_ONCE:
            recipe = self._waiting.popleft()
            self._ask(self._client, recipe, self._stamp)
        return found

    def _hear_load(self, message: dict[str, Any]) -> None:
        if message["kind"] == "error":
            self._loading = None
            raise error_of(message)
        if message["kind"] == "done":
            self._loading, self._stamp = None, {"model": message["name"], "model_sha256": message["sha256"]}

    def _ask(self, client: RuntimeClient, recipe: Recipe, stamp: dict[str, Any]) -> None:
        asked = client.request("thumbnail", recipe=replace(recipe, **stamp), width=self._width, shape=self._shape)
        self._asked[asked] = recipe

    def _drop(self) -> None:
        if self._client is not None:
            for request_id in (*self._asked, *([self._loading] if self._loading is not None else [])):
                self._client.drop(request_id)
        self._asked.clear()
        self._waiting.clear()
