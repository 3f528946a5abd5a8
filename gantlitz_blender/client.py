"""Blender's end of the wire: ask, follow the progress, cancel; a worker that dies is noticed and started again.

Needs no bpy: scripts use it too. Standard library and numpy only.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any

import numpy as np

from .python_finder import find_python as find_python
from .python_finder import locate_python
from .runtime.errors import Cancelled, GantlitzError
from .runtime.maps import MapSet, remove_unfinished
from .runtime.protocol import PROTOCOL_VERSION, Message, error_answer, error_of
from .runtime.recipe import Recipe
from .runtime.scan_request import ScanRequest
from .worker_process import WorkerProcess

SECONDS_TO_CANCEL = 1.0
SECONDS_TO_STOP = 2.0


class RuntimeClient:
    """The worker as Blender sees it. It is started by the first request and again by the next one after it died.

    Several threads may use it, each taking the answers to its own requests. `python` is an executable that has torch, or the
    folder of its virtual environment; None or empty takes $GANTLITZ_PYTHON. What is wrong with it is said by start() and by the
    first request's answer.
    """

    def __init__(self, python: Path | str | None = None):
        self._python = str(python) if python else None
        self._ids = itertools.count(1)
        self._kept: deque[Message] = deque()  # the answers that came and were not taken yet
        self._lock = threading.RLock()
        self._came = threading.Condition(self._lock)  # another answer is there
        self._process: WorkerProcess | None = None
        self._in_flight: dict[int, WorkerProcess] = {}
        self._places: dict[int, tuple[str, str]] = {}  # folder and name of the files in the making
        self._last_load: dict[str, Any] | None = None

    @property
    def alive(self) -> bool:
        """Whether a worker process runs; False before the first request, after stop() and after a death."""
        return self._process is not None and self._process.alive

    @property
    def hello(self) -> Message | None:
        """What the running worker said of itself (protocol, torch, device, memory, pid), or None so far."""
        return self._process.hello if self._process is not None and self.alive else None

    @property
    def writing(self) -> bool:
        """Whether it makes files for somebody at the moment, or is to make some."""
        return bool(self._places)

    def start(self) -> None:
        """Start the worker, if none runs, so that the first request finds it warm. Returns at once.

        Raises GantlitzError (``no-runtime``) when there is no such Python.
        """
        with self._lock:
            if self._process is not None and self._process.alive and not self._process.ended:
                return
            self._process = WorkerProcess(locate_python(self._python), self._take, self._bury)
            if self._last_load is not None:
                # A new worker knows only the bundled model. Should this fail, the worker says so to the next request.
                self._process.send({"kind": "load", "id": next(self._ids), **self._last_load})

    def request(self, kind: str, **fields: Any) -> int:
        """Send a request (see runtime/protocol.py) and return its id; the answers come from poll() or wait().

        A recipe may be a Recipe, a scan's request a ScanRequest; folder, model, fit and the scan's files may be relative to this
        process's working directory.
        Raises GantlitzError (``no-runtime``) when no worker can be started.
        """
        if isinstance(fields.get("recipe"), Recipe):
            fields["recipe"] = fields["recipe"].beside(os.getcwd()).to_dict()
        if isinstance(fields.get("request"), ScanRequest):
            fields["request"] = fields["request"].absolute().to_dict()
        for name in ("folder", "model"):
            if fields.get(name):
                fields[name] = os.path.abspath(fields[name])
        with self._lock:
            if kind == "load":
                self._last_load = fields
            request_id = next(self._ids)
            for _ in range(2):  # twice: the worker may have died unnoticed a moment ago
                self.start()
                assert self._process is not None
                self._in_flight[request_id] = self._process
                if kind in ("render", "complete"):
                    self._places[request_id] = (str(fields.get("folder")), str(fields.get("name")))
                if self._process.send({"kind": kind, "id": request_id, **fields}):
                    return request_id
                self._process.ended = True
        return request_id  # on_end will report what is wrong with it

    def poll(self, ids: Container[int] | None = None) -> list[Message]:
        """Every answer that has come since the last call, in order; never blocks.

        ids: only the answers to these requests; those to others are kept for whoever asked them.
        """
        with self._lock:
            taken = [answer for answer in self._kept if ids is None or answer.get("id") in ids]
            self._kept = deque(answer for answer in self._kept if answer not in taken and answer.get("id") is not None)
        return taken

    def drop(self, request_id: int, cancel: bool = True) -> None:
        """Forget a request whose answers nobody will take. Not one that writes files: cancel that, and hear it out.

        cancel: have the worker give it up, too; one that does not within a second is ended.
        """
        if cancel:
            self.cancel(request_id)
        with self._lock:
            if request_id in self._in_flight:
                self._forget(request_id)
            self._kept = deque(answer for answer in self._kept if answer.get("id") != request_id)

    def wait(
        self,
        request_id: int,
        on_progress: Callable[[float, str], None] | None = None,
        timeout: float | None = None,
        on_picture: Callable[[Message], None] | None = None,
    ) -> Message:
        """Block until `request_id` is done and return its ``done`` answer; answers to others are kept for poll().

        on_progress(fraction, text) and on_picture(message, for read_preview) are called from here.
        Raises the GantlitzError (or Cancelled) that was answered,
        ``timeout`` after `timeout` seconds, or ``bad-request`` when no answer to this id is due.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._came:
                answer = next((kept for kept in self._kept if kept.get("id") == request_id), None)
                if answer is not None:
                    self._kept.remove(answer)
                elif request_id not in self._in_flight:
                    raise GantlitzError(f"No answer to request {request_id} is due.", "Wait for each request once.")
                elif deadline is None or time.monotonic() < deadline:
                    self._came.wait(0.1)  # no longer: on Windows it would not hear Ctrl-C
                    continue
            if answer is None:
                raise GantlitzError(f"Request {request_id} took longer than {timeout:g} seconds.", "Wait longer.", "timeout")
            if answer["kind"] == "done":
                return answer
            elif answer["kind"] == "error":
                raise error_of(answer)
            elif answer["kind"] == "picture":
                if on_picture is not None:
                    on_picture(answer)
            elif on_progress is not None:
                on_progress(answer["fraction"], answer["text"])

    def cancel(self, request_id: int) -> None:
        """Give up a request: within about a second it is answered with the error ``cancelled``, or done after all.

        A worker that does not react in that time is ended; other requests it had are answered ``worker-died``.
        """
        with self._lock:
            process = self._in_flight.get(request_id)
            if process is None:
                return
            process.send({"kind": "cancel", "id": next(self._ids), "target": request_id})
            if process.hello is None:
                # Still importing torch: it cannot answer yet, and starting it all over would help nobody.
                self._fail(request_id, Cancelled())
                return
        insist = threading.Timer(SECONDS_TO_CANCEL, self._insist, (process, request_id))
        insist.daemon = True
        insist.start()

    def stop(self) -> None:
        """End the worker and give its memory back; requests in flight are answered ``cancelled``."""
        process = self._process
        if process is not None:
            process.stopped = True
            process.end(SECONDS_TO_STOP)
            process.join()

    # Called from the process's thread or a timer's.

    def _take(self, process: WorkerProcess, message: Message) -> None:
        kind, request_id = message.get("kind"), message.get("id")
        if kind == "hello" and message.get("protocol") != PROTOCOL_VERSION:
            process.failure = GantlitzError(
                f"The worker speaks version {message.get('protocol')} of the protocol, this add-on version "
                f"{PROTOCOL_VERSION}.",
                "Restart Blender: the add-on was updated while it ran.",
                "worker-died",
            )
            process.end(SECONDS_TO_STOP)
            return
        with self._lock:
            if kind == "hello":
                process.hello = message
                self._keep(message)
            elif kind == "error" and request_id is None and process.hello is None:
                process.failure = error_of(message)
            elif request_id in self._in_flight:
                if kind in ("done", "error"):
                    self._forget(request_id)
                self._keep(message)
            # What answers no request in flight is an answer to our own cancels and loads, or one that came too late.

    def _bury(self, process: WorkerProcess) -> None:
        with self._lock:
            places = {self._places[key] for key, owner in self._in_flight.items() if owner is process and key in self._places}
        # Not under the lock, for which poll() waits: the folder may be on a slow network.
        for folder, name in places:
            remove_unfinished(folder, name, process.worker_pid)
        with self._lock:
            process.ended = True
            for request_id in [key for key, owner in self._in_flight.items() if owner is process]:
                if process.stopped or process.end_wanted_by == request_id:
                    self._fail(request_id, Cancelled())
                elif process.end_wanted_by is not None:
                    self._fail(
                        request_id,
                        GantlitzError(
                            "The worker was ended because it did not react to a cancel.", "Ask again.", "worker-died"
                        ),
                    )
                else:
                    self._fail(request_id, process.why_it_ended())

    def _insist(self, process: WorkerProcess, request_id: int) -> None:
        with self._lock:
            if self._in_flight.get(request_id) is not process:
                return
            process.end_wanted_by = request_id
        process.end()

    def _keep(self, answer: Message) -> None:
        with self._came:
            self._kept.append(answer)
            self._came.notify_all()

    def _fail(self, request_id: int, error: GantlitzError) -> None:
        self._forget(request_id)
        self._keep(error_answer(request_id, error))

    def _forget(self, request_id: int) -> None:
        del self._in_flight[request_id]
        self._places.pop(request_id, None)


def read_preview(answer: Message) -> MapSet:
    """The maps of a ``picture``, or of the ``done`` answer to a preview request. Not to be changed.

    They stay good when the worker removes its file.
    They are mapped into memory, not copied, except on Windows, where the worker could not remove a file that is mapped.
    Raises GantlitzError (``worker-died``) when the worker, and its files with it, are gone already.
    """
    try:
        return MapSet.from_stacked(np.load(answer["path"], mmap_mode=None if os.name == "nt" else "r"))
    except (OSError, ValueError, EOFError) as error:
        raise GantlitzError("The preview is gone: its worker has ended.", "Ask again.", "worker-died") from error


def read_thumbnail(answer: Message) -> np.ndarray:
    """The pixels of the ``done`` answer to a thumbnail request: (H, W, 4) bytes, sRGB and alpha, row 0 at the top.

    Raises GantlitzError (``worker-died``) when the worker, and its files with it, are gone already.
    """
    try:
        pixels: np.ndarray = np.load(answer["path"])
    except (OSError, ValueError, EOFError) as error:
        raise GantlitzError("The thumbnail is gone: its worker has ended.", "Ask again.", "worker-died") from error
    return pixels
