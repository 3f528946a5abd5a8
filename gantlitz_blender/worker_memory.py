"""What the worker holds, as it says itself, and how it is made to give that back, without waiting for it. Knows no bpy."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .client import RuntimeClient
from .runtime.errors import GantlitzError

SECONDS_TO_ANSWER = 1.0  # a worker that is idle answers within milliseconds
SECONDS_TO_FINISH = 3600.0  # one that makes maps gives back what it has when they are done
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class WorkerMemory:
    """state: stopped, starting, empty (no model was asked for), loading, ready or released. device: of the model. resident,
    gpu_held: bytes that the worker holds of main memory (None: unknown) and of the graphics card's; free: bytes free where
    the model is (None: unknown). busy: whether it works. threads: tiles of a face that it makes at once on the processor.
    """

    state: str = "stopped"
    device: str = "cpu"
    resident: int | None = None
    gpu_held: int = 0
    free: int | None = None
    busy: bool = False
    threads: int = 1


class MemoryWatch:
    """Keeps asking the worker, without waiting for it. step() is to be called every now and then; `now` is what is known."""

    def __init__(self, client: Callable[[], RuntimeClient | None]):
        self._client = client
        self._asked: tuple[RuntimeClient, int] | None = None
        self.now = WorkerMemory()

    def step(self) -> bool:
        """Take the last answer, and ask again; whether anything is new that a person would see."""
        before, client = self.now, self._client()
        if client is None or not client.alive:
            self.now, self._asked = WorkerMemory(), None
        elif client.hello is None:
            self.now, self._asked = WorkerMemory("starting"), None
        else:
            self._hear(client, client.hello["threads"])
            self._ask(client)
        return _shown(before) != _shown(self.now)

    def _hear(self, client: RuntimeClient, threads: int) -> None:
        if self._asked is None or self._asked[0] is not client:
            self._asked = None
            return
        for answer in client.poll({self._asked[1]}):
            self._asked = None
            if answer["kind"] == "done":
                self.now = WorkerMemory(
                    answer["state"],
                    answer["device"],
                    answer["resident"],
                    answer["gpu_held"],
                    answer["memory"],
                    answer["busy"] is not None,
                    threads,
                )

    def _ask(self, client: RuntimeClient) -> None:
        if self._asked is None:
            try:
                self._asked = client, client.request("ping")
            except GantlitzError:  # it has died this moment, and its Python is gone
                self._asked = None


def release_for_render(client: RuntimeClient | None, everything: bool) -> threading.Thread | None:
    """Have the worker give its memory back, now or when the maps that it makes are done; returns at once.

    everything: also what lies in main memory; otherwise only what is on a graphics card. A worker that does not answer, and
    makes no maps for the artist, is ended: the next request starts another. None where no worker runs.
    """
    if client is None or not client.alive or client.hello is None:
        return None
    thread = threading.Thread(target=_release, args=(client, everything), name="gantlitz release", daemon=True)
    thread.start()
    return thread


def _release(client: RuntimeClient, everything: bool) -> None:
    try:
        found = answer_to(client, client.request("ping"), SECONDS_TO_ANSWER)
        if found is not None and found["device"] == "cpu" and not everything:
            return
        request = client.request("release", gpu_only=not everything)
        done = answer_to(client, request, SECONDS_TO_ANSWER)
        if done is None and client.writing:
            done = answer_to(client, request, SECONDS_TO_FINISH)
        if done is None and client.alive:
            client.stop()
    except GantlitzError:  # it has died meanwhile: that gives all back, too
        return


def answer_to(client: RuntimeClient, request_id: int, seconds: float) -> dict[str, Any] | None:
    """The ``done`` answer to a request; None when there is none after that time, or it was an error."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and client.alive:
        for answer in client.poll({request_id}):
            if answer["kind"] in ("done", "error"):
                return answer if answer["kind"] == "done" else None
        time.sleep(POLL_SECONDS)
    return None


def in_words(count: int | None) -> str:
    """Bytes for a person: "870 MB", "1.4 GB"; "unknown" where they are."""
    if count is None:
        return "unknown"
    return f"{count / 1e6:.0f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


def _shown(found: WorkerMemory) -> tuple[Any, ...]:
    return found.state, found.device, in_words(found.resident), in_words(found.gpu_held), _coarse(found.free), found.busy


def _coarse(free: int | None) -> int | None:
    """In steps of 0.2 GB, so that the panel is not drawn anew all the time."""
    return None if free is None else round(free / 2e8)
