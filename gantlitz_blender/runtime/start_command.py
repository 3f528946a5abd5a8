"""The command line by path: ``python .../runtime/start_command.py sample --seeds 7 --outdir maps``, whatever the package is called.

Blender's entries start it so, with the runtime's Python; it starts the processes of a batch likewise.
"""

import importlib
import os
import sys
import threading

import start_worker  # beside this file, as a script's own folder is on the path

ENDS_WITH_STDIN = "GANTLITZ_ENDS_WITH_STDIN"  # set by a parent whose death must not leave this process behind


def main() -> int:
    """Run one command; returns its exit code."""
    start_worker.open_package()
    if sys.argv[1:] == ["--batch-process"]:
        importlib.import_module(f"{start_worker.PACKAGE}.batch.child").main()
    commands = importlib.import_module(f"{start_worker.PACKAGE}.commands")
    if os.environ.pop(ENDS_WITH_STDIN, ""):
        threading.Thread(target=_wait_for_the_end, daemon=True).start()
    program = os.environ.pop("GANTLITZ_PROGRAM", None)
    return int(commands.main(sys.argv[1:], program))


def _wait_for_the_end() -> None:
    import signal

    while os.read(0, 4096):
        pass
    signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
