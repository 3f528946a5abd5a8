"""A program run line by line, that can be ended at any moment with all that it started. Standard library only."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO

from .python_finder import NO_WINDOW
from .runtime.errors import Cancelled

PATIENCE = 0.1  # seconds between two looks at whether it was cancelled


def run(
    command: list[str],
    environment: dict[str, str],
    on_line: Callable[[str], None],
    cancelled: threading.Event,
    inherited: IO[bytes] | None = None,
) -> int:
    """Run it, hand over each line of what it says (stdout and stderr together), and return its exit code.

    inherited: a file that stays open as long as the program runs, even when we are gone (not on Windows).
    Raises Cancelled, with the program and its children gone; OSError when it cannot be started.
    """
    own_group = {"creationflags": NO_WINDOW} if sys.platform == "win32" else {"start_new_session": True}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=(inherited.fileno(),) if inherited is not None and sys.platform != "win32" else (),
        **own_group,
    )
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    # In a thread of its own: a read from a pipe cannot be given up.
    threading.Thread(target=_read, args=(process, lines), name="installer output", daemon=True).start()
    try:
        while True:
            if cancelled.is_set():
                raise Cancelled
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=PATIENCE)
                if line is None:
                    return process.wait()
                on_line(line)
    except BaseException:
        end_tree(process)
        raise


def end_tree(process: subprocess.Popen[str]) -> None:
    """End a program and whatever it has started, at once."""
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, creationflags=NO_WINDOW, check=False
        )
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    with contextlib.suppress(OSError, ValueError):
        assert process.stdout is not None
        with process.stdout as pipe:
            for line in pipe:
                lines.put(line.rstrip())
    lines.put(None)
