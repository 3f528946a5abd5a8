"""Which Python runs the model: one with torch, outside Blender. Standard library only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .installer_place import installed_python, is_ours
from .runtime.errors import GantlitzError
from .runtime.packages import MODULES

VARIABLE = "GANTLITZ_PYTHON"
CHECK_SECONDS = 120  # a first import of torch from a network drive takes its time
# Without a window on Windows, where every console program would open one.
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)

_CHECK = """
import importlib, sys
if sys.version_info < (3, 11):
    sys.exit("python " + sys.version.split()[0])
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        print(name, type(error).__name__, error, sep="\\t")
"""
_good: set[tuple[str, int]] = set()


def find_python(preferred: str | None) -> Path:
    """Like locate_python, and the Python has been started once to see that it imports what the model needs.

    That takes seconds; a good answer is remembered until the file changes. Raises GantlitzError (``no-runtime``) whose
    fix is the command to run.
    """
    python = locate_python(preferred)
    key = (str(python), python.stat().st_mtime_ns)
    if key not in _good:
        _check(python)
        _good.add(key)
    return python


def locate_python(preferred: str | None) -> Path:
    """The Python to run the model with: `preferred` (a preference; None or empty: not set), else $GANTLITZ_PYTHON, else the
    runtime that was installed last.

    The first two may name the folder of a virtual environment. Raises GantlitzError (``no-runtime``) when it is not there.
    """
    wanted, source = (preferred, "the preferences") if preferred else (os.environ.get(VARIABLE, ""), f"${VARIABLE}")
    if not wanted:
        return _installed()
    python = _executable(Path(wanted).expanduser())
    if python is None:
        raise GantlitzError(
            f"There is no Python at {wanted} (from {source}).",
            f"Choose the python executable of an environment that has torch in {source}.",
            "no-runtime",
        )
    return python


def forget() -> None:
    """Try every Python out again: one of them has been changed."""
    _good.clear()


def child_environment() -> dict[str, str]:
    """This process's environment without PYTHON*: Blender's own would lead another Python astray."""
    return {
        key: value for key, value in os.environ.items() if not key.upper().startswith(("PYTHON", "__PYVENV_LAUNCHER__"))
    }


def _installed() -> Path:
    python = installed_python()
    if python is None:
        raise GantlitzError(
            "No Python with torch is installed or chosen.",
            f"Press Install in the add-on's preferences, or choose a Python that has torch there, or set {VARIABLE}.",
            "no-runtime",
        )
    if not python.is_file():
        raise GantlitzError(
            f"The runtime's Python is gone or cannot start: {python}.", "Press Repair in the add-on's preferences.", "no-runtime"
        )
    return python


def _executable(path: Path) -> Path | None:
    """`path` made absolute, or the python inside it when it is a folder. Links are kept: a venv's python is one."""
    inside = ("Scripts/python.exe", "python.exe") if sys.platform == "win32" else ("bin/python", "bin/python3")
    candidates = [path / name for name in inside] if path.is_dir() else [path]
    return next((Path(os.path.abspath(c)) for c in candidates if c.is_file() and os.access(c, os.X_OK)), None)


def _check(python: Path) -> None:
    try:
        result = subprocess.run(
            [str(python), "-c", _CHECK, *MODULES],
            capture_output=True,
            text=True,
            errors="replace",
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            timeout=CHECK_SECONDS,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GantlitzError(
            f"{python} could not be started: {error}.",
            _fix(python, "Choose another Python in the preferences."),
            "no-runtime",
        ) from error
    if result.returncode != 0:
        said = (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
        raise GantlitzError(
            f"{python} does not work: {said}.", _fix(python, "Choose a Python 3.11 or newer that has torch."), "no-runtime"
        )
    broken = [line.split("\t", 2) for line in result.stdout.splitlines() if line.count("\t") >= 2]
    if broken:
        names = ", ".join(name for name, _, _ in broken)
        packages = " ".join(MODULES[name] for name, _, _ in broken if name in MODULES)
        raise GantlitzError(
            f"{python} cannot import {names}: {broken[0][2]}.",
            _fix(python, f'Run: "{python}" -m pip install {packages}'),
            "no-runtime",
        )


def _fix(python: Path, otherwise: str) -> str:
    return "Press Repair in the add-on's preferences." if is_ours(python) else otherwise
