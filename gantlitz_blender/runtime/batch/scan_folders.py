"""The scans that a path means: one picture, one scan's folder, or a folder of scans."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import GantlitzError
from ..pictures.naming import SUFFIXES, pictures_in, recognise, sorted_by_map

POINTS = "points.json"  # beside a scan's maps: its own points


def scans_at(path: Path) -> list[tuple[str, dict[str, Path], GantlitzError | None]]:
    """[(name, {map: file}, what is wrong with it)] by name.

    A folder is one scan (head_albedo.png, head_normal.png), several (anna_albedo.png, ben_albedo.png), or a folder of such.
    Raises GantlitzError (``no-scans``) where there is nothing, ``no-maps``, ``file-unreadable``.
    """
    if path.is_file():
        return [(name_of(path), {recognise(path)[0] or "albedo": path}, None)]
    if not path.is_dir():
        fix = "Give a picture, a scan's folder, or a folder of scans."
        raise GantlitzError(f"There is no file and no folder {path}.", fix, "no-scans")
    pictures = pictures_in(path)
    below = [] if pictures else sorted(x for x in path.iterdir() if x.is_dir() and not x.name.startswith("."))
    if below:
        found = [scan for folder in below for scan in _in_one_folder(folder, pictures_in(folder)) if scan[1] or scan[2]]
        usable = [scan for scan in found if scan[2] is None or scan[2].code != "no-maps"]
        if usable:
            return usable
    found = _in_one_folder(path, pictures)
    if len(found) == 1 and found[0][2] is not None:
        raise found[0][2]
    return found


def points_beside(maps: dict[str, Path], name: str) -> Path | None:
    """A scan's own points: points.json or <name>_points.json beside its maps; None without."""
    folders = {path.parent for path in maps.values()}
    for folder in folders:
        for candidate in (folder / f"{name}_{POINTS}", folder / POINTS):
            if candidate.is_file():
                return candidate
    return None


def name_of(scan: Path) -> str:
    """``anna`` for anna/, anna_albedo.png and anna/albedo.png."""
    scan = scan.resolve()
    return scan.name if scan.is_dir() else _base(scan) or scan.parent.name


def _base(picture: Path) -> str:
    kind = recognise(picture)[0]
    if kind and kind in picture.stem.lower():
        return picture.stem[: picture.stem.lower().rfind(kind)].rstrip("_-. ")
    return picture.stem


def _in_one_folder(folder: Path, pictures: list[Path]) -> list[tuple[str, dict[str, Path], GantlitzError | None]]:
    """One scan where each map is there once; else one for each beginning of the names."""
    files, _, problem = sorted_by_map(folder, pictures)
    if problem is None or problem.code != "two-maps":
        return [(name_of(folder), files, problem)]
    bases: dict[str, list[Path]] = {}
    for picture in pictures:
        if picture.suffix.lower() in SUFFIXES and recognise(picture)[0]:
            bases.setdefault(_base(picture), []).append(picture)
    if len(bases) < 2 or "" in bases or any(_twice(group) for group in bases.values()):
        return [(name_of(folder), {}, problem)]
    return [(base, sorted_by_map(folder, group)[0], None) for base, group in sorted(bases.items())]


def _twice(pictures: Iterable[Path]) -> bool:
    kinds = [recognise(picture)[0] for picture in pictures]
    return len(kinds) != len(set(kinds))
