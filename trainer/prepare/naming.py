"""Which file of a scan is which map, by name: the namings of Node Wrangler and of the common scan and character shops."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from gantlitz_blender.runtime.errors import GantlitzError

MAPS = ("albedo", "normal", "specular", "displacement")
SUFFIXES = {".png", ".tif", ".tiff", ".jpg", ".jpeg", ".exr", ".tga"}
_UNREAD = {".psd", ".psb", ".bmp", ".webp", ".tx", ".hdr", ".jp2", ".dds", ".heic", ".jxl"}  # pictures all the same

# A name is cut into words (FaceColor_MAIN -> face color main); the last word that is in here says what the map is.
_WORDS = {
    "albedo": "albedo alb diffuse diff dif color colour col base basecolor basecolour",
    "normal": "normal normals nor norm nrm nrml nml tangent",
    "specular": "specular specularity spec spc",
    "displacement": "displacement displace disp dsp height",
}
_MAP_OF_WORD = {word: name for name, words in _WORDS.items() for word in words.split()}

# A file with one of these words is none of the four, whatever else its name says.
_NOT_USED = {
    "a gloss map says how sharp reflections are, not how strong: it is no specular map": "gloss glossy glossiness gls",
    "a roughness map says how blurred reflections are, not how strong: it is no specular map": "roughness rough rgh",
    "a bump map has no scale; give a displacement map": "bump bmp",
    "shading is no property of the skin": "ao occlusion ambient cavity cav curvature shadow",
    "not one of the four maps": "sss subsurface scatter scattering transmission translucency thickness trans opacity"
    " alpha mask metallic metalness metal emission emissive micro micron blend wrinkle preview thumbnail render",
    "another part than the face": "body arm arms leg legs hand hands nail nails eye eyes eyeball cornea lash lashes eyelash teeth"
    " tongue hair",
}
_WHY_NOT = {word: why for why, words in _NOT_USED.items() for word in words.split()}
_SPACES = {"world", "worldspace", "object", "objectspace"}  # of normal maps that turn with the mesh
_EXPRESSION = re.compile(r"_(cm|wm)\d", re.IGNORECASE)  # MetaHuman's maps of expressions, beside _MAIN
_TILE = re.compile(r"[._](10(?!24|80)\d\d)$")  # UDIM; 1024 and 1080 are sizes
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

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


def words(path: Path) -> list[str]:
    """The lower-case words of a file's name without its suffix: letters are cut at capitals, from digits, at signs."""
    return [word.lower() for word in _WORD.findall(path.stem)]


def recognise(path: Path) -> tuple[str | None, str]:
    """(which of MAPS a file is by its name, "") or (None, why it is none)."""
    if path.suffix.lower() in _UNREAD:
        return None, f"{path.suffix.upper()[1:]} is not read; export PNG, TIFF or EXR"
    found = [word.removesuffix("map") for word in words(path)]
    for word in found:
        if word in _WHY_NOT:
            return None, _WHY_NOT[word]
    if _EXPRESSION.search(path.stem):
        return None, "a map of an expression; the neutral face is _MAIN"
    tile = _TILE.search(path.stem)
    if tile and tile[1] != "1001":
        return None, "another UDIM tile than 1001"
    named = [_MAP_OF_WORD[word] for word in found if word in _MAP_OF_WORD]
    if not named:
        return None, "its name says of no map"
    if named[-1] == "normal" and _SPACES.intersection(found):
        return None, "not a tangent space normal map: it turns with the mesh"
    return named[-1], ""


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
        entries = sorted(folder.iterdir())
    except OSError as error:
        subject.problem = GantlitzError(
            f"{folder} cannot be read: {error.strerror}.", "Give yourself the right to read it.", "file-unreadable"
        )
        return subject
    images = [p for p in entries if p.suffix.lower() in SUFFIXES | _UNREAD and not _hidden(p.relative_to(scans))]
    if not images:
        return None
    candidates: dict[str, list[Path]] = {}
    for path in images:
        kind, why = recognise(path)
        if kind is None:
            subject.ignored[path] = why
        else:
            candidates.setdefault(kind, []).append(path)
    for kind in MAPS:
        paths = candidates.get(kind, [])
        if len(paths) > 1:
            subject.problem = GantlitzError(
                f"{folder} holds {len(paths)} {kind} maps: {', '.join(p.name for p in paths)}.",
                "Leave one there, one folder per subject.",
                "two-maps",
            )
        elif paths:
            subject.files[kind] = paths[0]
    if not candidates:
        names = "; ".join(f"{path.name}: {why}" for path, why in subject.ignored.items())
        subject.problem = GantlitzError(
            f"{folder} holds no albedo, normal, specular or displacement map ({names}).",
            "Name the files for what they are, for instance anna_albedo.png.",
            "no-maps",
        )
    return subject
