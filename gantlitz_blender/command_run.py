"""A command line at work in a process of its own, and what it says. Knows no bpy."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence

from .python_finder import NO_WINDOW

LINES_KEPT = 500
PATIENCE = 5  # seconds for its last lines to come, where a process of its own holds the pipes when it has ended
ERROR = re.compile(r"(?:^|: )error: (.*)")  # as we say it, and as argparse does
ENDS_WITH_STDIN = "GANTLITZ_ENDS_WITH_STDIN"  # in an environment: the process ends cleanly when its stdin does (start_command.py)


def words_of(text: str, windows: bool = sys.platform == "win32") -> list[str]:
    """Options as they are typed; on Windows a backslash is a part of a path. Raises ValueError for a quote without its end."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if windows:
        lexer.escape = ""
    return list(lexer)


class CommandRun:
    """Runs until its process ends. lines: what it said last, of both outputs; errors: of stderr alone.

    The process is one that heeds ENDS_WITH_STDIN. Nothing here waits.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]):
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.errors: deque[str] = deque(maxlen=LINES_KEPT)
        self._process = subprocess.Popen(
            list(command), env={**environment, ENDS_WITH_STDIN: "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
            creationflags=NO_WINDOW,
        )  # fmt: skip
        self._ended: float | None = None
        self._asked = False
        pipes = ((self._process.stdout, (self.lines,)), (self._process.stderr, (self.lines, self.errors)))
        self._readers = [threading.Thread(target=self._read, args=each, daemon=True) for each in pipes]
        for reader in self._readers:
            reader.start()

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs, and until its last lines have been read."""
        code = self._process.poll()
        if code is None:
            return None
        self._ended = self._ended or time.monotonic()
        reading = any(reader.is_alive() for reader in self._readers)
        return None if reading and time.monotonic() - self._ended < PATIENCE else code

    def said(self) -> str:
        """The last line that is not empty."""
        return next((line for line in reversed(self.lines) if line.strip()), "")

    def problem(self) -> str:
        """The last error that it told, or whatever it said last."""
        told = [found[1] for line in self.errors if (found := ERROR.search(line))]
        return (told or self._failed() or [self.said()])[-1]

    def stop(self) -> None:
        """Ask it to end when what it is writing is whole; asked once more, it is ended at once."""
        with contextlib.suppress(OSError):
            if self._asked:
                self._process.terminate()
            elif self._process.stdin:
                self._process.stdin.close()
        self._asked = True

    def _failed(self) -> list[str]:
        """Of the list of what has failed, where it said one."""
        found: list[str] = []
        listed = False
        for line in self.errors:
            listed = line.endswith("failed:") or (listed and line.startswith("  "))
            if listed and line.startswith("  "):
                found.append(line.strip())
        return found

    def _read(self, pipe: object, into: tuple[deque[str], ...]) -> None:
        for line in pipe:  # type: ignore[attr-defined]
            for each in into:
                each.append(line.rstrip("\n"))
