"""One worker process seen from outside: starting it, talking to it, and why it ended. Standard library only."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .python_finder import NO_WINDOW, child_environment
from .runtime import protocol
from .runtime.errors import GantlitzError
from .runtime.protocol import Message

START_WORKER = Path(__file__).resolve().parent / "runtime" / "start_worker.py"
STDERR_LINES_KEPT = 100
SECONDS_TO_LEAVE = 0.3  # for a worker whose stdin was closed to remove its unfinished files


class WorkerProcess:
    """A running worker. `on_message(process, message)` and at last `on_end(process)` come from a thread of its own.

    Raises GantlitzError (``no-runtime``) when it cannot be started.
    """

    def __init__(
        self,
        python: Path,
        on_message: Callable[[WorkerProcess, Message], None],
        on_end: Callable[[WorkerProcess], None],
    ):
        self.hello: Message | None = None  # what the worker said of itself; None until it did
        self.failure: GantlitzError | None = None  # why it could not start, in its own words
        self.end_wanted_by: int | None = None  # the id of the cancelled request for which it was ended
        self.stopped = False  # ended by RuntimeClient.stop
        self.ended = False  # set by the client once on_end has come
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES_KEPT)
        self._sending = threading.Lock()
        try:
            self._process = subprocess.Popen(
                [str(python), str(START_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=child_environment(),
                creationflags=NO_WINDOW,
            )
        except OSError as error:
            raise GantlitzError(
                f"{python} could not be started: {error.strerror}.",
                "Choose another Python in the preferences.",
                "no-runtime",
            ) from error
        self.pid = self._process.pid
        # Read without pause, so that a talkative library can never fill the pipe and hold up the worker.
        self._stderr_reader = threading.Thread(target=self._read_stderr, name="worker stderr", daemon=True)
        self._stderr_reader.start()
        self._reader = threading.Thread(
            target=self._read, args=(on_message, on_end), name="worker answers", daemon=True
        )
        self._reader.start()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, message: Message) -> bool:
        """Send one request; False when the worker is gone."""
        try:
            with self._sending:
                _pipe(self._process.stdin).write(protocol.encode(message))
                _pipe(self._process.stdin).flush()
            return True
        except (OSError, ValueError):  # ValueError: closed by end()
            return False

    def end(self, patience: float = SECONDS_TO_LEAVE) -> None:
        """End it: closing its stdin tells it to clean up and leave; after `patience` seconds it is killed."""
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()

    @property
    def worker_pid(self) -> int:
        """The worker's own word for its process: a virtual environment's python.exe is the parent of the real one."""
        return int(self.hello["pid"]) if self.hello is not None else self.pid

    def join(self) -> None:
        """Wait until the last message and on_end have been delivered. Not from on_message or on_end."""
        self._reader.join()

    def why_it_ended(self) -> GantlitzError:
        """What to tell a person whose request was lost."""
        if self.failure is not None:
            return self.failure
        code = self._process.wait()
        last_words = next((line for line in reversed(self._stderr) if line.strip()), "")
        if code == -getattr(signal, "SIGKILL", 9):
            return GantlitzError(
                "The worker was killed (SIGKILL), probably because the memory was full.",
                "Close other programs, or choose a smaller size.",
                "worker-died",
            )
        if code < 0:
            how = f"by signal {-code} ({signal.strsignal(-code)})"
        else:
            how = f"with exit code {code if code < 1 << 16 else hex(code)}"  # Windows' are NTSTATUS values
        return GantlitzError(
            f"The worker ended {how}: {last_words}." if last_words else f"The worker ended {how}.",
            "Try again; if it happens again, check the Python chosen in the preferences.",
            "worker-died",
        )

    def _read(
        self, on_message: Callable[[WorkerProcess, Message], None], on_end: Callable[[WorkerProcess], None]
    ) -> None:
        with contextlib.suppress(OSError):
            for line in _pipe(self._process.stdout):
                # A line cut by the worker's death is no message.
                with contextlib.suppress(GantlitzError):
                    on_message(self, protocol.decode(line))
        self._process.wait()
        self._stderr_reader.join(1)  # the last words; a grandchild might hold the pipe open
        if self.hello is not None:
            # Empty after an orderly end. After a kill nobody else would remove it.
            shutil.rmtree(self.hello["previews"], ignore_errors=True)
        on_end(self)
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                _pipe(pipe).close()

    def _read_stderr(self) -> None:
        with contextlib.suppress(OSError, ValueError), _pipe(self._process.stderr) as pipe:
            for line in pipe:
                text = line.decode("utf-8", "replace").rstrip()
                self._stderr.append(text)
                # Into Blender's console too, where there is one: on Windows it may be None.
                with contextlib.suppress(OSError, ValueError, AttributeError):
                    print(text, file=sys.stderr, flush=True)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
