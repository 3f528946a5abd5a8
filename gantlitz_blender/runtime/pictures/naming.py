"""Which file of a scan is which map, by name: the namings of Node Wrangler and of the common scan and character shops."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import GantlitzError
from ..scan_request import MAPS as MAPS

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


def find_maps(folder: Path) -> dict[str, Path]:
    """The maps that lie in one folder, by name (``recognise``); -> any of MAPS.

    Raises GantlitzError: ``no-scans`` (no folder), ``file-unreadable``, ``two-maps`` (two files for one map), ``no-maps``.
    """
    if not folder.is_dir():
        raise GantlitzError(f"{folder} is not a folder.", "Give the folder of the scan.", "no-scans")
    files, _, problem = sorted_by_map(folder, pictures_in(folder))
    if problem:
        raise problem
    return files


def pictures_in(folder: Path) -> list[Path]:
    """A folder's picture files by name, also those of kinds that are not read. Raises GantlitzError (``file-unreadable``)."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise GantlitzError(
            f"{folder} cannot be read: {error.strerror}.", "Give yourself the right to read it.", "file-unreadable"
        ) from error
    return [path for path in entries if path.suffix.lower() in SUFFIXES | _UNREAD and not path.name.startswith(".")]


def sorted_by_map(folder: Path, pictures: Iterable[Path]) -> tuple[dict[str, Path], dict[Path, str], GantlitzError | None]:
    """(the file of each map, why the others are none, what is wrong with them as one scan) of the pictures in a folder."""
    candidates: dict[str, list[Path]] = {}
    ignored = {}
    for path in pictures:
        kind, why = recognise(path)
        if kind is None:
            ignored[path] = why
        else:
            candidates.setdefault(kind, []).append(path)
    files = {kind: candidates[kind][0] for kind in MAPS if len(candidates.get(kind, [])) == 1}
    for kind, paths in candidates.items():
        if len(paths) > 1:
            sentence = f"{folder} holds {len(paths)} {kind} maps: {', '.join(path.name for path in paths)}."
            return files, ignored, GantlitzError(sentence, "Leave one there, one folder per subject.", "two-maps")
    if not candidates:
        names = "; ".join(f"{path.name}: {why}" for path, why in ignored.items()) or "no picture at all"
        sentence = f"{folder} holds no albedo, normal, specular or displacement map ({names})."
        return files, ignored, GantlitzError(sentence, "Name the files for what they are, for instance anna_albedo.png.", "no-maps")
    return files, ignored, None
