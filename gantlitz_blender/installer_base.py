"""Which Python the runtime's environment is made from. Standard library only.

A Python of the system outlives Blender's updates, so it is preferred; Blender's own goes with the Blender it belongs to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .python_finder import NO_WINDOW, child_environment
from .runtime.errors import GantlitzError
from .runtime.packages import PYTHONS

SECONDS_TO_ANSWER = 10
_ASK = """
import struct, sys, venv, ensurepip
assert struct.calcsize("P") == 8
print(*sys.version_info[:2], sys.executable, sep="\\t")
"""


@dataclass(frozen=True)
class BasePython:
    """A Python that can make environments. blenders: whether it belongs to the Blender that asks."""

    path: Path
    version: tuple[int, int]
    blenders: bool

    def describe(self) -> str:
        name = f"Python {self.version[0]}.{self.version[1]}"
        return f"{name} of this Blender, {self.path}" if self.blenders else f"{name}, {self.path}"


def find_base() -> BasePython:
    """The Python to make the environment from. Starts each candidate once: not for the UI thread.

    Raises GantlitzError (``no-runtime``) when not even Blender's own will do.
    """
    for candidate in dict.fromkeys(_system_pythons()):
        found = _ask(candidate)
        if found is not None and not _belongs_to_blender(found[0]):
            return BasePython(*found, blenders=False)
    own = _ask(sys.executable)
    if own is not None:
        return BasePython(*own, blenders=True)
    raise GantlitzError(
        "There is no Python here from which a runtime can be made.",
        "Install Python 3.11 from python.org (on Linux the packages python3 and python3-venv), then press Install again.",
        "no-runtime",
    )


def _system_pythons() -> Iterable[str]:
    names = [f"{major}.{minor}" for major, minor in PYTHONS]
    if sys.platform == "win32":
        if launcher := shutil.which("py"):
            listed = _output([launcher, "-0p"]).splitlines()
            paths = [line.split(maxsplit=1 if "*" not in line else 2)[-1].strip() for line in listed if ":" in line]
            for name in names:
                digits = name.replace(".", "")
                yield from (path for path in paths if path.lower().endswith(".exe") and f"python{digits}" in path.lower())
        bases = [os.environ.get("LOCALAPPDATA", ""), os.environ.get("PROGRAMFILES", "")]
        for name in names:
            digits = name.replace(".", "")
            yield str(Path(bases[0], "Programs", "Python", f"Python{digits}", "python.exe"))
            yield str(Path(bases[1], f"Python{digits}", "python.exe"))
        generic = ("python",)
    else:
        folders = os.environ.get("PATH", "").split(os.pathsep)
        if sys.platform == "darwin":  # programs started from the Finder have a short path
            folders += ["/opt/homebrew/bin", "/usr/local/bin"]
            folders += [f"/Library/Frameworks/Python.framework/Versions/{name}/bin" for name in names]
        for name in names:
            yield from (str(Path(folder, f"python{name}")) for folder in folders if folder)
        generic = ("python3",)
    # The Microsoft Store's stand-in is not asked: it would open the Store.
    yield from (found for name in generic if (found := shutil.which(name)) and "WindowsApps" not in found)


def _ask(candidate: str) -> tuple[Path, tuple[int, int]] | None:
    """The real path and version of a Python that will do, or None."""
    if not (os.path.isfile(candidate) and os.access(candidate, os.X_OK)):
        return None
    said = _output([candidate, "-c", _ASK]).strip().split("\t")
    if len(said) != 3 or not (said[0].isdigit() and said[1].isdigit()):
        return None
    version = int(said[0]), int(said[1])
    return (Path(said[2]), version) if version in PYTHONS else None


def _belongs_to_blender(path: Path) -> bool:
    return path.is_relative_to(sys.prefix) or "blender" in str(path).lower()


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            timeout=SECONDS_TO_ANSWER,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
