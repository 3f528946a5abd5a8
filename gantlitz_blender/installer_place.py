"""Where the runtime is installed, and what is there. Standard library only.

A runtime is a folder of its own with a marker file in it, which says that we made the folder and whether it is whole. Where
the last one was installed is noted in a file per user, so that every Blender finds it without being told.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from .runtime.errors import GantlitzError

MARKER = "gantlitz-runtime.json"
ENVIRONMENT, CACHE, TEMPORARY, LOG, LOCK = "env", "downloads", "tmp", "install.log", "lock"
FOLDER_NAME = "gantlitz-runtime"  # inside a chosen folder that holds other things
POINTER = "runtime.json"


@dataclass(frozen=True)
class Marker:
    """What we say of a runtime that we made. ready: whether it was whole and tried out when the installation ended."""

    ready: bool
    build: str = ""
    torch: str = ""
    device: str = ""
    python: str = ""  # the Python that it was made from
    blenders: bool = False  # whether that one belongs to a Blender


def data_folder() -> Path:
    """The folder for this user's own data of GANtlitz, whichever Blender asks. It need not exist."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "gantlitz"


def runtime_folder(chosen: str = "") -> Path:
    """The folder of the runtime: inside the chosen one where that holds other things; the last one, or the default, for empty."""
    if not chosen:
        return _noted() or data_folder() / "runtime"
    folder = Path(os.path.abspath(Path(chosen).expanduser()))
    with contextlib.suppress(OSError):
        if folder.is_dir() and read_marker(folder) is None and any(folder.iterdir()):
            return folder / FOLDER_NAME
    return folder


def python_in(folder: Path) -> Path:
    """The executable of the runtime in this folder; it need not exist."""
    return folder / ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def installed_python() -> Path | None:
    """The Python of the runtime that was installed last and is marked ready, or None."""
    folder = runtime_folder()
    marker = read_marker(folder)
    return python_in(folder) if marker is not None and marker.ready else None


def is_ours(python: Path) -> bool:
    """Whether this Python is that of the runtime that was installed last."""
    return python == python_in(runtime_folder())


def read_marker(folder: Path) -> Marker | None:
    """The marker in a folder, or None where we made none."""
    try:
        said = json.loads((folder / MARKER).read_text("utf-8"))
        return Marker(**{name: said[name] for name in Marker.__dataclass_fields__ if name in said})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        # Ours, but unreadable: cut off when it was written.
        return Marker(ready=False) if (folder / MARKER).is_file() else None


def write_marker(folder: Path, marker: Marker) -> None:
    """Say what this folder is; a ready one is noted as the one to use."""
    _write(folder / MARKER, asdict(marker))
    if marker.ready:
        data_folder().mkdir(parents=True, exist_ok=True)
        _write(data_folder() / POINTER, {"folder": str(folder)})


def claim(folder: Path) -> None:
    """Make the folder, and mark it as ours and unfinished. Raises GantlitzError (``no-access``, ``bad-request``)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if read_marker(folder) is None and any(folder.iterdir()):
            raise GantlitzError(f"{folder} holds other files.", "Choose another folder for the runtime.")
        write_marker(folder, Marker(ready=False))
    except OSError as error:
        raise cannot_write(folder, error) from error


def cannot_write(folder: Path, error: OSError) -> GantlitzError:
    return GantlitzError(
        f"The folder {folder} cannot be written: {error.strerror or error}.",
        "Choose another folder for the runtime in the add-on's preferences.",
        "no-access",
    )


def clear(folder: Path, downloads: bool) -> None:
    """Take away an environment, finished or not, and, if asked, what has been downloaded. Raises OSError."""
    for name in (ENVIRONMENT, TEMPORARY, *((CACHE,) if downloads else ())):
        if (folder / name).exists():
            shutil.rmtree(folder / name)


def remove(folder: Path) -> None:
    """Delete the runtime: only what we made, and the folder if nothing else is in it. Raises GantlitzError."""
    if read_marker(folder) is None:
        raise GantlitzError(f"{folder} is no runtime that this add-on made.", "Delete it yourself if you want to.")
    with locked(folder):
        try:
            # From here on it is unfinished, whatever stops us.
            write_marker(folder, Marker(ready=False))
            clear(folder, downloads=True)
            (folder / LOG).unlink(missing_ok=True)
        except OSError as error:
            raise GantlitzError(
                f"{folder} could not be deleted: {error.strerror or error}.", "Close programs that use it.", "no-access"
            ) from error
    for name in (LOCK, MARKER):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()
    if _noted() == folder:
        (data_folder() / POINTER).unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[IO[bytes]]:
    """Keep other Blenders out of this folder meanwhile. The lock goes with the process. Raises GantlitzError (``busy``)."""
    try:
        file = open(folder / LOCK, "ab")  # noqa: SIM115 (closed below; only what opening raises is caught here)
    except OSError as error:
        raise cannot_write(folder, error) from error
    with file:
        try:
            _lock(file)
        except OSError as error:
            raise GantlitzError(
                f"Something is being installed in {folder} already.", "Wait until that has ended, or end it.", "busy"
            ) from error
        yield file


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _noted() -> Path | None:
    """Where the last runtime was installed, if it is still there."""
    try:
        folder = Path(json.loads((data_folder() / POINTER).read_text("utf-8"))["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return folder if (folder / MARKER).is_file() else None


def _write(path: Path, content: dict) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    aside.write_text(json.dumps(content, indent=1), "utf-8")
    os.replace(aside, path)
