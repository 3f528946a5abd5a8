"""The process that Blender talks to: reads requests in one thread, works on one at a time in the main thread.

Start it with ``python -m gantlitz_blender.runtime.worker``, or by path with start_worker.py. The wire: protocol.py.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from typing import BinaryIO, NoReturn

from . import map_files, protocol
from .errors import Cancelled, GantlitzError
from .failures import as_gantlitz_error
from .memory import free_memory, gpu_memory, resident_memory
from .protocol import Cancel, Message, Ping, Preview, Quit, Request, Task, Thumbnail
from .worker_tasks import Tasks

PROGRESS_INTERVAL = 0.1  # seconds between two progress messages


class Worker:
    """Answers requests on `wire` until `requests` ends; never returns: it ends the process."""

    def __init__(self, requests: BinaryIO, wire: BinaryIO):
        self._requests = requests
        self._wire = wire
        self._sending = threading.Lock()
        self._changed = threading.Condition()
        # The following four are guarded by _changed.
        self._waiting: deque[Task] = deque()
        self._running: Task | None = None
        self._running_cancelled = False
        self._running_overtaken = False  # a refinement for which a newer preview does not wait
        self._tasks = Tasks(self._send, self._tell, self._is_cancelled)
        self._progress_due = 0.0
        self._torch_imported = False  # half imported, it must not be touched by the reading thread

    def run(self) -> NoReturn:
        """Say hello, then work."""
        # Before torch is imported: that takes seconds, in which requests may be cancelled and Blender may quit.
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        try:
            self._say_hello()
        except Exception as error:  # torch is missing, or broken in one of many ways
            traceback.print_exc()
            self._send_error(None, as_gantlitz_error(error))
            self.end(1)
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                request = self._running = self._waiting.popleft()
                self._running_cancelled = self._running_overtaken = False
            self._progress_due = 0.0
            try:
                result: Message | GantlitzError = self._tasks.result_of(request)
            except Exception as error:
                result = as_gantlitz_error(error)
                if result.code == "internal":
                    traceback.print_exc()
                traceback.clear_frames(error.__traceback__)  # they hold the maps of a failed render
            with self._changed:
                self._running = None
                if isinstance(result, Cancelled) and self._running_overtaken and not self._running_cancelled:
                    result = _superseded()
            if isinstance(result, GantlitzError):
                self._send_error(request.id, result)
            else:
                self._send({"kind": "done", "id": request.id, **result})

    def end(self, code: int = 0) -> NoReturn:
        """End the process now, whatever its threads are doing, and leave no unfinished file."""
        map_files.abandon_unfinished()
        self._tasks.pictures.remove()
        os._exit(code)

    # The reading thread: everything that must be answered at once.

    def _read(self) -> NoReturn:
        try:
            for line in self._requests:
                message: Message = {}
                try:
                    message = protocol.decode(line)
                    self._accept(protocol.parse_request(message))
                except GantlitzError as error:
                    self._send_error(protocol.id_of(message), error)
        except OSError:
            pass  # as good as closed
        except BaseException:
            traceback.print_exc()
            self.end(1)
        self.end()

    def _accept(self, request: Request) -> None:
        if isinstance(request, Ping):
            with self._changed:
                busy = self._running.id if self._running else None
            ready = self._torch_imported
            self._send(
                {
                    "kind": "done",
                    "id": request.id,
                    "busy": busy,
                    "memory": free_memory(self._tasks.device) if ready else None,
                    "state": self._tasks.state,
                    "device": self._tasks.device,
                    "resident": resident_memory(),
                    "gpu_held": gpu_memory() if ready else 0,
                }
            )
        elif isinstance(request, Quit):
            self._send({"kind": "done", "id": request.id})
            self.end()
        elif isinstance(request, Cancel):
            self._cancel(request)
        else:
            overtaken: list[Preview] = []
            with self._changed:
                if isinstance(request, Preview):
                    overtaken = [waiting for waiting in self._waiting if isinstance(waiting, Preview)]
                    self._waiting = deque(waiting for waiting in self._waiting if not isinstance(waiting, Preview))
                    self._running_overtaken |= isinstance(self._running, Preview) and self._running.refine
                self._waiting.insert(self._place_of(request), request)
                self._changed.notify()
            for preview in overtaken:
                self._send_error(preview.id, _superseded())

    def _place_of(self, request: Task) -> int:
        """Where it waits: last, but a preview before the thumbnails at the end, for an artist drags while a sheet fills."""
        place = len(self._waiting)
        while isinstance(request, Preview) and place and isinstance(self._waiting[place - 1], Thumbnail):
            place -= 1
        return place

    def _cancel(self, request: Cancel) -> None:
        with self._changed:
            waiting = [other for other in self._waiting if other.id == request.target]
            for other in waiting:
                self._waiting.remove(other)
            running = self._running is not None and self._running.id == request.target
            self._running_cancelled |= running
        for other in waiting:
            self._send_error(other.id, Cancelled())
        self._send({"kind": "done", "id": request.id, "target": request.target, "found": running or bool(waiting)})

    # The main thread.

    def _is_cancelled(self) -> bool:
        with self._changed:
            return self._running_cancelled or self._running_overtaken

    # Answers, from either thread.

    def _say_hello(self) -> None:
        import torch

        self._torch_imported = True
        self._send(
            {
                "kind": "hello",
                "protocol": protocol.PROTOCOL_VERSION,
                "torch": torch.__version__,
                # Not the GPU's name: that would already take some of its memory, wanted or not.
                "device": "cuda" if torch.cuda.is_available() else "cpu",
                "memory": free_memory("cpu"),
                "threads": torch.get_num_threads(),  # now: while tiles are made torch itself has one
                "pid": os.getpid(),
                "previews": str(self._tasks.pictures.folder),
            }
        )

    def _tell(self, request_id: int, fraction: float, text: str) -> None:
        now = time.monotonic()
        if now >= self._progress_due:
            self._progress_due = now + PROGRESS_INTERVAL
            self._send({"kind": "progress", "id": request_id, "fraction": round(fraction, 4), "text": text})

    def _send_error(self, request_id: int | None, error: GantlitzError) -> None:
        self._send(protocol.error_answer(request_id, error))

    def _send(self, message: Message) -> None:
        try:
            with self._sending:
                self._wire.write(protocol.encode(message))
                self._wire.flush()
        except OSError:
            self.end()  # nobody listens any more


def _superseded() -> GantlitzError:
    return GantlitzError("A newer preview was asked for.", "Wait for that one.", "superseded")


def main() -> NoReturn:
    """Run a worker on this process's stdin and stdout."""
    # The wire gets a descriptor of its own and stdout becomes stderr, so that no library's print, C code included, can
    # break a line of the protocol.
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker = Worker(sys.stdin.buffer, wire)
    _end_with_the_parent(worker)
    worker.run()


def _end_with_the_parent(worker: Worker) -> None:
    """Besides the end of stdin, which the reading thread sees: signals, and on Linux the kernel's word for it."""
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for Blender, which then closes our stdin
    signal.signal(signal.SIGTERM, lambda *_: worker.end())
    if sys.platform == "linux":
        # The kernel sends this when the parent's THREAD that started us ends, too: only a new parent means it.
        signal.signal(signal.SIGHUP, lambda *_: worker.end() if os.getppid() != parent else None)
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGHUP)


if __name__ == "__main__":
    main()
