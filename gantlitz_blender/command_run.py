"""A command line at work in a process of its own, and what it says. Knows no bpy."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence

from .python_finder import NO_WINDOW

LINES_KEPT = 500


class CommandRun:
    """Runs until its process ends. lines: what it said last, of both outputs; errors: of stderr alone."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]):
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.errors: deque[str] = deque(maxlen=LINES_KEPT)
        self._process = subprocess.Popen(
            list(command), env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace", creationflags=NO_WINDOW,
        )  # fmt: skip
        pipes = ((self._process.stdout, (self.lines,)), (self._process.stderr, (self.lines, self.errors)))
        self._readers = [threading.Thread(target=self._read, args=each, daemon=True) for each in pipes]
        for reader in self._readers:
            reader.start()

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        code = self._process.poll()
        if code is not None:
            for reader in self._readers:
                reader.join(timeout=5)
        return code

    def said(self) -> str:
        """The last line that is not empty."""
        return next((line for line in reversed(self.lines) if line.strip()), "")

    def problem(self) -> str:
        """The last error that it told, or whatever it said last."""
        told = [line.partition("error: ")[2] for line in self.errors if line.startswith("error: ")]
        failed = [line.strip() for line in self.errors if line.startswith("  ")]  # of a list of what has failed
        return (told or failed or [self.said()])[-1]

    def stop(self) -> None:
        """Ask it to end; what it is writing then is finished first."""
        with contextlib.suppress(OSError):
            self._process.terminate()

    def _read(self, pipe: object, into: tuple[deque[str], ...]) -> None:
        for line in pipe:  # type: ignore[attr-defined]
            for each in into:
                each.append(line.rstrip("\n"))
