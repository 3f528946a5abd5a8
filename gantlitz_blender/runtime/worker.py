"""The process that Blender talks to: reads requests in one thread, works on one at a time in the main thread.

Start it with ``python -m gantlitz_blender.runtime.worker``, or by path with start_worker.py. The wire: protocol.py.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

import numpy as np

from . import map_files, protocol, sizing
from .errors import Cancelled, GantlitzError
from .failures import as_gantlitz_error
from .protocol import Cancel, Load, Message, Ping, Preview, Quit, Render, Request
from .recipe import Recipe

if TYPE_CHECKING:
    from .face_model import FaceModel

PROGRESS_INTERVAL = 0.1  # seconds between two progress messages
RENDER_SHARE = 0.75  # of the time of a render request; the rest is writing files (6144 x 4096, two cores)
PREVIEWS_KEPT = 4  # the client opens a preview a moment after it was told, when newer ones may be there already


class Worker:
    """Answers requests on `wire` until `requests` ends; never returns: it ends the process."""

    def __init__(self, requests: BinaryIO, wire: BinaryIO):
        self._requests = requests
        self._wire = wire
        self._sending = threading.Lock()
        self._changed = threading.Condition()
        # The following three are guarded by _changed.
        self._waiting: deque[Load | Preview | Render] = deque()
        self._running: Load | Preview | Render | None = None
        self._running_cancelled = False
        self._model: FaceModel | None = None
        self._wanted: tuple[str | None, str] = (None, "auto")  # model and device, as the last load asked
        self._stamp: tuple[int, int] | None = None  # of the model's file when it was loaded
        self._device = "cpu"  # of the loaded model
        self._previews = Path(tempfile.mkdtemp(prefix="gantlitz-previews-"))
        self._preview_files: deque[Path] = deque()
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
                self._running_cancelled = False
            try:
                result: Message | GantlitzError = self._result_of(request)
            except Exception as error:
                result = as_gantlitz_error(error)
                if result.code == "internal":
                    traceback.print_exc()
                traceback.clear_frames(error.__traceback__)  # they hold the maps of a failed render
            with self._changed:
                self._running = None
            if isinstance(result, GantlitzError):
                self._send_error(request.id, result)
            else:
                self._send({"kind": "done", "id": request.id, **result})

    def end(self, code: int = 0) -> NoReturn:
        """End the process now, whatever its threads are doing, and leave no unfinished file."""
        map_files.abandon_unfinished()
        shutil.rmtree(self._previews, ignore_errors=True)
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
            memory = free_memory(self._device) if self._torch_imported else None
            self._send({"kind": "done", "id": request.id, "busy": busy, "memory": memory})
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
                self._waiting.append(request)
                self._changed.notify()
            for preview in overtaken:
                self._send_error(
                    preview.id, GantlitzError("A newer preview was asked for.", "Wait for that one.", "superseded")
                )

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

    def _result_of(self, request: Load | Preview | Render) -> Message:
        self._progress_due = 0.0
        if isinstance(request, Load):
            return self._load(request)
        if self._model is None:
            # Also after a load that failed: that failure is reported again, rather than another model sampled.
            self._load(Load(request.id, *self._wanted))
        assert self._model is not None
        recipe = self._model.stamped(request.recipe)
        if isinstance(request, Preview):
            return self._preview(request, self._model, recipe)
        return self._render(request, self._model, recipe)

    def _load(self, request: Load) -> Message:
        from .face_model import BUNDLED, FaceModel

        wanted = (request.model, request.device)
        stamp = _stamp(Path(request.model) if request.model else BUNDLED)
        if (wanted, stamp) != (self._wanted, self._stamp):
            # The old one goes first: two large models at once may be more than the memory holds.
            self._model, self._wanted, self._stamp = None, wanted, stamp
            self._device = "cpu"
        if self._model is None:
            self._tell(request.id, 0.0, "Loading the model")
            self._model = FaceModel.load(*wanted)
            self._device = str(self._model.device)
        model = self._model
        self._raise_if_cancelled()
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

    def _preview(self, request: Preview, model: FaceModel, recipe: Recipe) -> Message:
        maps = model.preview(request.recipe, request.width, cancelled=self._is_cancelled)
        path = self._previews / f"preview-{request.id}.npy"
        np.save(path, maps.stacked())
        self._preview_files.append(path)
        while len(self._preview_files) > PREVIEWS_KEPT:
            with contextlib.suppress(OSError):  # Windows keeps a file that is mapped; it goes with the folder
                self._preview_files.popleft().unlink()
        return {"path": str(path), "width": maps.width, "height": maps.height, "recipe": recipe.to_dict()}

    def _render(self, request: Render, model: FaceModel, recipe: Recipe) -> Message:
        width, height = sizing.size_of(model, request.level, request.size)
        map_files.check(Path(request.folder), request.name, width, height)

        def rendered(fraction: float) -> None:
            self._tell(request.id, fraction * RENDER_SHARE, "Rendering")

        def written(fraction: float) -> None:
            self._tell(request.id, RENDER_SHARE + fraction * (1 - RENDER_SHARE), "Writing files")

        if request.size is None:
            assert request.level is not None
            maps = model.render(request.recipe, level=request.level, progress=rendered, cancelled=self._is_cancelled)
        else:
            maps = sizing.render_sized(
                model, request.recipe, *request.size, progress=rendered, cancelled=self._is_cancelled
            )
        paths = maps.write(request.folder, request.name, recipe, progress=written, cancelled=self._is_cancelled)
        return {
            "paths": {kind: str(path) for kind, path in paths.items()},
            "width": maps.width,
            "height": maps.height,
            "recipe": recipe.to_dict(),
        }

    def _is_cancelled(self) -> bool:
        with self._changed:
            return self._running_cancelled

    def _raise_if_cancelled(self) -> None:
        if self._is_cancelled():
            raise Cancelled()

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
                "pid": os.getpid(),
                "previews": str(self._previews),
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


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells that the file has been replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def free_memory(device: str) -> int | None:
    """Bytes free where a model on `device` (cpu or cuda) needs them; None where that cannot be told.

    A GPU is asked only for a model that is on it, since the question alone takes some of its memory.
    """
    if device != "cpu":
        try:
            return int(sys.modules["torch"].cuda.mem_get_info()[0])
        except RuntimeError:  # it is full, or broken
            return None
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            available = next(line for line in file if line.startswith("MemAvailable:"))
        return int(available.split()[1]) * 1024
    except (OSError, StopIteration):
        return None


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
