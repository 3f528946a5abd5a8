"""The command line: what is typed, in parser.py; how it ends, here."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence

OK, FAILED, BAD_CALL, INTERRUPTED = 0, 1, 2, 130
CALLERS_FAULTS = ("bad-request", "file-not-found", "no-direction", "no-scans", "no-maps", "other-job", "file-in-the-way")


def main(arguments: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 called wrongly, 130 interrupted. prog: how it is called."""
    from .parser import build_parser

    options = build_parser(prog).parse_args(sys.argv[1:] if arguments is None else arguments)
    return guarded(lambda: options.run(options))


def guarded(command: Callable[[], int]) -> int:
    """What the command returns, or the exit code of what it raises, with a sentence on stderr."""
    from ..failures import as_gantlitz_error

    try:
        return int(command())
    except KeyboardInterrupt:
        print("error: Interrupted; no file was left half-written.", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        failure = as_gantlitz_error(error)
        if failure.code == "internal":
            traceback.print_exc()
        print(f"error: {failure}", file=sys.stderr)
        return BAD_CALL if failure.code in CALLERS_FAULTS else FAILED
