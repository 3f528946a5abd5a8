"""The subjects of a folder of scans: which files are whose."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.pictures.naming import SUFFIXES, pictures_in, sorted_by_map

# Folders that hold a subject's maps without being named for it.
_CONTAINERS = {
    *("texture", "textures", "map", "maps", "tex", "skin", "head", "face", "1k", "2k", "4k", "8k", "16k"),
    *("export", "exports", "final", "delivery", "images", "png", "tif", "tiff", "exr", "tga"),
}


@dataclass
class Subject:
    """A subject's files. problem: why it cannot be prepared, known from the names alone."""

    name: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    ignored: dict[Path, str] = field(default_factory=dict)
    problem: GantlitzError | None = None


def find_subjects(scans: Path) -> list[Subject]:
    """The subjects under a folder, by name: every folder that holds images is one; so is ``scans`` itself.

    A folder of other pictures (references, a contact sheet) inside or around a subject's is left aside with that subject.
    Names are compared without letter case, as the disks of some systems do. Raises GantlitzError (``no-scans``).
    """
    if not scans.is_dir():
        raise GantlitzError(f"{scans} is not a folder.", "Give the folder of the scans.", "no-scans")
    folders = [  # Path.is_dir would raise where access is denied
        scans,
        *(p for p in scans.rglob("*") if os.path.isdir(p) and not _hidden(p.relative_to(scans))),
    ]
    subjects = _without_asides([subject for folder in sorted(folders) if (subject := _subject(folder, scans))])
    if not subjects:
        raise GantlitzError(
            f"{scans} holds no image ({', '.join(sorted(SUFFIXES))}).",
            "Give a folder with a folder of maps per subject.",
            "no-scans",
        )
    by_name: dict[str, list[Subject]] = {}
    for subject in subjects:
        by_name.setdefault(subject.name.casefold(), []).append(subject)
    for namesakes in by_name.values():
        for subject in namesakes if len(namesakes) > 1 else ():
            subject.problem = GantlitzError(
                f"Two subjects have one name: {' and '.join(str(s.folder) for s in namesakes)}.",
                "Rename one of the folders, or put all maps of a subject into one.",
                "name-clash",
            )
    return sorted(subjects, key=lambda s: s.name)


def _without_asides(subjects: list[Subject]) -> list[Subject]:
    """Those with a map, and those without that are not inside or around the folder of one with."""
    mapped = [subject for subject in subjects if subject.files]
    kept = []
    for subject in subjects:
        around = [m for m in mapped if subject.folder in m.folder.parents or m.folder in subject.folder.parents]
        if around and subject.problem and subject.problem.code == "no-maps":
            around[0].ignored[subject.folder] = f"of its {len(subject.ignored)} pictures none is named for a map"
        else:
            kept.append(subject)
    return kept


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _subject(folder: Path, scans: Path) -> Subject | None:
    named = folder
    while named != scans and named.name.lower() in _CONTAINERS:
        named = named.parent
    subject = Subject((named.resolve() if named == scans else named).name, folder)
    try:
        pictures = pictures_in(folder)
    except GantlitzError as problem:
        subject.problem = problem
        return subject
    if not pictures:
        return None
    subject.files, subject.ignored, subject.problem = sorted_by_map(folder, pictures)
    return subject
