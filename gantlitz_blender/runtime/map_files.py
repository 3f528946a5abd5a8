"""Map files: written aside, renamed together; and the way back. Needs OpenCV and OpenEXR when called."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from threading import Event, RLock

import numpy as np

from .errors import Cancelled, GantlitzError
from .export_profiles import NODE_WRANGLER, Output
from .map_encoding import as_floats, encoded, format_of, write_exr
from .maps import MapSet, normalise
from .recipe import Recipe

SUFFIXES = {  # of the maps: as NODE_WRANGLER has them
    # The costliest first, so that the pool ends evenly.
    "normal": "_normal.png",
    "albedo": "_albedo.png",
    "specular": "_specular.png",
    "displacement": "_displacement.exr",
    "error": "_error.png",
    "fit": "_fit.safetensors",
    "alignment": "_alignment.json",
    "recipe": "_recipe.json",
}
OF_ONE_ANSWER = ("error", "fit", "alignment", "recipe")  # would tell of another face beside maps that they were not written with
FORBIDDEN_IN_NAMES = set('<>:"/\\|?*')  # Windows' list: what was rendered there must open here

# Held while a file is made, removed or renamed, never while one is encoded: whoever gives up and cleans away can be
# sure that no encoder makes another file afterwards. Re-entrant, since a signal handler may be the one who gives up.
_files_lock = RLock()
_unfinished: set[Path] = set()


def abandon_unfinished() -> None:
    """Remove every file this process has begun and not finished, and let no other be made: the process must end now."""
    _files_lock.acquire()
    for part in _unfinished:
        _unlink(part)


def remove_unfinished(folder: Path, name: str, pid: int | None) -> None:
    """See maps.remove_unfinished. pid: None is any process: all are known to be dead."""
    # Whatever the profile called them: hidden files of this name and of that process, which is dead.
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if path.name.startswith(f".{name}_") and path.suffix == ".part" and (pid is None or f".{pid}-" in path.name):
                _unlink(path)


def remove_parts_of(folder: Path, names: set[str]) -> None:
    """Remove what was begun and not finished of files of exactly these names; whoever began it is known to be dead."""
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if path.suffix == ".part" and path.name[1:].rsplit(".", 2)[0] in names:
                _unlink(path)


def check(folder: Path, name: str, width: int, height: int, output: Output = NODE_WRANGLER) -> None:
    """Raise what write() of maps of this size would raise for the name, the folder and the disk; nothing is left there.

    A folder that does not exist is not made: the one in which it would be made is checked.
    """
    _check_name(name)
    needed = width * height * output.bytes_per_texel()
    try:
        _check_folder(folder, name, needed, output)
    except OSError as error:
        raise _as_gantlitz_error(error, folder, needed) from error


def write(
    maps: Mapping[str, np.ndarray],
    folder: Path,
    name: str,
    recipe: Recipe | None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    beside: Mapping[str, Callable[[Path], None]] | None = None,
    output: Output = NODE_WRANGLER,
) -> dict[str, Path]:
    """Write maps of one size, and their recipe where they have one; the rest as of MapSet.write.

    maps: any of the kinds of a MapSet; and ``error``, (H, W) in [0, 1], as 8-bit grey. beside: what else there is, ``fit`` or
    ``alignment``, and what writes it to a path. The fit of a recipe that names one elsewhere is copied. An error, fit, alignment
    or recipe of the same name that belongs to other maps goes when the new files come. output: what the maps' files are called
    and how they hold them; `square` is the caller's to have done.
    """
    beside = dict(beside or {})
    if recipe and recipe.fit and "fit" not in beside:
        recipe, beside["fit"] = _with_fit(recipe, folder, name)
    height, width = next(iter(maps.values())).shape[:2]
    check(folder, name, width, height, output)
    needed = width * height * output.bytes_per_texel()
    kinds = [kind for kind in SUFFIXES if kind in maps or kind in beside or (kind == "recipe" and recipe)]
    ends = SUFFIXES | output.ends()
    finals = {kind: folder / f"{name}{ends[kind]}" for kind in kinds}
    parts = {kind: _part(path, os.getpid()) for kind, path in finals.items()}
    given_up = Event()
    pool = ThreadPoolExecutor(max_workers=min(len(finals), os.cpu_count() or 1), thread_name_prefix="encode")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pending = {
            pool.submit(_write_part, kind, maps.get(kind), output, recipe, parts[kind], given_up, beside.get(kind))
            for kind in finals
        }
        while pending:
            if cancelled is not None and cancelled():
                raise Cancelled()
            done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
            if done and progress is not None:
                progress(1 - len(pending) / len(finals))
        with _files_lock:
            for kind, final in finals.items():
                os.replace(parts[kind], final)
            for kind in OF_ONE_ANSWER:
                if kind not in finals:
                    _unlink(folder / f"{name}{SUFFIXES[kind]}")
    except OSError as error:
        raise _as_gantlitz_error(error, folder, needed) from error
    finally:
        # An encoder cannot be interrupted; it finds out when it is about to make its file.
        with _files_lock:
            given_up.set()
            for part in parts.values():
                _unlink(part)
            _unfinished.difference_update(parts.values())
        pool.shutdown(wait=False, cancel_futures=True)
    return {kind: finals[kind] for kind in ("albedo", *SUFFIXES) if kind in finals}


def read(folder: Path, name: str) -> MapSet:
    """See MapSet.read."""
    paths = {kind: folder / f"{name}{suffix}" for kind, suffix in SUFFIXES.items()}
    normal = _read_png(paths["normal"], channels=3)
    normal *= 2
    normal -= 1
    normalise(normal)
    return MapSet(
        albedo=_read_png(paths["albedo"], channels=3),
        normal=normal,
        specular=_read_png(paths["specular"], channels=1),
        displacement=_read_exr(paths["displacement"]),
    )


def _with_fit(recipe: Recipe, folder: Path, name: str) -> tuple[Recipe, Callable[[Path], None]]:
    """A recipe that names its fit in ``folder``, and what copies the fit there."""
    source, final = folder / recipe.fit, f"{name}{SUFFIXES['fit']}"
    if not source.is_file():
        raise GantlitzError(
            f"The recipe's fit {recipe.fit} is not in a file.", "Save the fit, and name its file in the recipe.", "fit-missing"
        )

    def copy(part: Path) -> None:
        part.write_bytes(source.read_bytes())

    return replace(recipe, fit=final), copy


def _write_part(
    kind: str,
    array: np.ndarray | None,
    output: Output,
    recipe: Recipe | None,
    part: Path,
    given_up: Event,
    writer: Callable[[Path], None] | None,
) -> None:
    """Encode one file and write it aside, unless the whole has been given up meanwhile.

    array: of a map. writer: of what is neither map nor recipe.
    """
    pieces: list[bytes | memoryview] = []
    floats: np.ndarray | None = None
    if writer:
        pass
    elif array is None:
        assert recipe is not None
        pieces = [recipe.to_json().encode() + b"\n"]
    elif format_of(kind, output).file == "EXR":
        floats = as_floats(array, kind, output)
    else:
        pieces = encoded(array, kind, output, recipe)
    with _files_lock:
        if given_up.is_set():
            return
        _unfinished.add(part)
        if writer:
            writer(part)
        elif floats is not None:
            write_exr(part, floats, recipe)
        else:
            with part.open("wb") as file:
                file.writelines(pieces)


def _read_png(path: Path, channels: int) -> np.ndarray:
    """Values in [0, 1], float32, RGB, of an 8-bit or 16-bit PNG."""
    import cv2

    # Not cv2.imread: on Windows it cannot open a path outside the system's code page.
    pixels = cv2.imdecode(np.frombuffer(_bytes_of(path), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16) or pixels.ndim != (3 if channels == 3 else 2):
        raise GantlitzError(f"{path} is not a PNG of {channels} channels.", "Render the maps again.", "bad-maps")
    if channels == 3:
        pixels = pixels[..., 2::-1]  # BGR, or BGRA, to RGB
    return np.divide(pixels, 255 if pixels.dtype == np.uint8 else 65535, dtype=np.float32)


def _read_exr(path: Path) -> np.ndarray:
    import OpenEXR

    _bytes_of(path, 4)  # OpenEXR says nothing about why a file cannot be opened
    try:
        with OpenEXR.File(str(path)) as file:
            channels = file.channels()
            if list(channels) == ["Y"]:
                return np.asarray(channels["Y"].pixels, np.float32)
    except (RuntimeError, ValueError) as error:
        raise GantlitzError(f"{path} is damaged: {error}.", "Render the maps again.", "bad-maps") from error
    raise GantlitzError(
        f"{path} has the channels {', '.join(channels)}, not Y alone.", "Render the maps again.", "bad-maps"
    )


def _bytes_of(path: Path, count: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except FileNotFoundError as error:
        raise GantlitzError(f"There is no file {path}.", "Check folder and name.", "file-not-found") from error
    except OSError as error:
        raise GantlitzError(
            f"{path} cannot be read: {error.strerror}.", "Choose files you may read.", "file-unreadable"
        ) from error


def _check_name(name: str) -> None:
    bad = not name or name[0] == "." or name[-1] in ". " or any(c in FORBIDDEN_IN_NAMES or c < " " for c in name)
    if bad:
        raise GantlitzError(
            f"{name!r} cannot be the beginning of a file name.",
            "Use letters, digits, spaces, - and _; no path and no dot at either end.",
        )


def _check_folder(folder: Path, name: str, needed: int, output: Output) -> None:
    existing = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if existing.is_file():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(existing))
    if shutil.disk_usage(existing).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
    # Only a file tells: os.access knows nothing of Windows' access lists, and the name may be too long.
    longest = max((SUFFIXES | output.ends()).values(), key=len)
    probe = _part(existing / f"{name}{longest}", os.getpid())
    with _files_lock:
        _unfinished.add(probe)
        try:
            probe.open("xb").close()
        finally:
            _unlink(probe)
            _unfinished.discard(probe)


def _part(final: Path, pid: int, token: str | None = None) -> Path:
    """Where `final` is written aside, hidden. The writer's pid is in it, so that its heirs remove no other's."""
    return final.with_name(f".{final.name}.{pid}-{secrets.token_hex(4) if token is None else token}.part")


def _as_gantlitz_error(error: OSError, folder: Path, needed: int) -> GantlitzError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return GantlitzError(
            f"The disk of {folder} is full: the maps need up to {needed / 1e6:.0f} MB.",
            "Free some space, choose another folder, or a smaller size.",
            "disk-full",
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return GantlitzError(
            f"{folder} cannot be a folder: a file is in the way.", "Choose another folder.", "folder-unwritable"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return GantlitzError(
            f"Nothing can be written in {folder}: {error.strerror}.",
            "Choose a folder you may write in.",
            "folder-unwritable",
        )
    return GantlitzError(
        f"The maps could not be written in {folder}: {error.strerror or error}.",
        "Choose another folder or name.",
        "write-failed",
    )


def _unlink(path: Path) -> None:
    # An error here would hide the one that brought us here.
    with contextlib.suppress(OSError):
        path.unlink()
