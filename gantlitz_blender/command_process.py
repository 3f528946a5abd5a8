"""The runtime's command line run from Blender, in the runtime's Python: torch never loads in Blender. No bpy.

Standard library only; of the runtime, what it imports is too. What only Blender can do, its caller brings.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from .command_run import ENDS_WITH_STDIN
from .python_finder import NO_WINDOW, child_environment, locate_python
from .runtime.commands import guarded
from .runtime.commands.parser import build_parser
from .runtime.errors import GantlitzError

START = Path(__file__).resolve().parent / "runtime" / "start_command.py"
POLL_SECONDS = 0.2
Verb = Callable[[argparse.Namespace], int]


def run(arguments: Sequence[str], preferred: str | None, prog: str, here: Mapping[str, Verb], model: str = "") -> int:
    """Run one command and return its exit code; what it prints goes where Blender's own output goes.

    preferred: the Python of the preferences, as of python_finder.locate_python. prog: how the command was called. here: the
    verbs that are carried out in this process, each with what takes its options and returns the exit code. model: the
    preferences', for calls (and job files) that name none; empty for the bundled one.
    A call for help, or one that cannot be understood, is answered here, without that Python.
    """
    try:
        options = build_parser(prog).parse_args(arguments)
        arguments = [*arguments, *_usual_model(options, model)]
        options = build_parser(prog).parse_args(arguments)
    except SystemExit as answered:
        return answered.code if isinstance(answered.code, int) else 2
    if getattr(options, "dask", None):  # the workers know no package by the name that it has here
        print("error: --dask is not for Blender. Run it as: python -m gantlitz_blender.runtime ...", file=sys.stderr)
        return 2
    if options.verb in here:
        options.arguments = list(arguments)  # for what of it the runtime does
        return guarded(lambda: here[options.verb](options))
    return run_in_runtime(arguments, preferred, prog)


def _usual_model(options: argparse.Namespace, model: str) -> list[str]:
    if not model or options.model is not None or (options.verb == "batch" and (options.schema or names_model(options.job))):
        return []
    return [model] if options.verb == "info" else ["--model", model]


def names_model(job: Path) -> bool:
    """Whether a job file does; one that cannot be read is refused by the runtime."""
    with contextlib.suppress(OSError, ValueError):
        return "model" in json.loads(job.read_text("utf-8"))
    return False


def run_in_runtime(arguments: Sequence[str], preferred: str | None, prog: str) -> int:
    """The same for arguments that are known to be right, in the runtime's Python."""
    try:
        python = locate_python(preferred)
    except GantlitzError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    sys.stdout.flush()
    environment = {**child_environment(), "GANTLITZ_PROGRAM": prog, ENDS_WITH_STDIN: "1"}
    process = subprocess.Popen(
        [str(python), str(START), *arguments], env=environment, stdin=subprocess.PIPE, creationflags=NO_WINDOW
    )
    with _passing_on(process) as told:
        while True:
            try:
                code = process.wait(POLL_SECONDS)  # not for ever: on Windows no signal would be heard meanwhile
            except subprocess.TimeoutExpired:
                continue
            except KeyboardInterrupt:  # the terminal sent it to both: the command ends when its files are whole
                continue
            if told and code in (0, 1):  # it was done just then; what would follow is not to be begun
                return 128 + signal.SIGTERM
            return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _passing_on(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """SIGTERM, which only this process was sent, closes its stdin: it ends by that when its files are whole.

    Yields the signals that came.
    """
    told: list[int] = []

    def handle(number: int, _: object) -> None:
        told.append(number)
        if process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()

    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield told
    finally:  # None: one that is not Python's, as Blender's own, and cannot be put back
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)

