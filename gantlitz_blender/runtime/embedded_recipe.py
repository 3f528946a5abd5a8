"""The recipe inside a map file: a PNG iTXt chunk, an EXR header attribute, a TIFF's description, or a *_recipe.json.

Standard library only: Blender reads a dropped map with it.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from .errors import GantlitzError
from .recipe import Recipe

KEY = "gantlitz_recipe"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_IHDR_END = len(PNG_SIGNATURE) + 4 + 4 + 13 + 4  # length, type, data, checksum: IHDR always comes first
TIFF_SIGNATURE = b"II*\0"  # as we write it
TIFF_DESCRIPTION = 270  # the tag of a text
EXR_SIGNATURE = b"\x76\x2f\x31\x01"
TEXT_LIMIT = 1 << 20  # bytes; a recipe has a few hundred, so more is another file's business


def read_recipe(path: str | os.PathLike[str]) -> Recipe:
    """The recipe that a PNG, TIFF or EXR map, or a *_recipe.json, was made from; its fit lies beside it. Content decides, not the
    name.

    Raises GantlitzError: ``file-not-found``, ``file-unreadable``, ``no-recipe``, or ``bad-request`` when the recipe in
    it is damaged or newer than this version.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            text = _recipe_text(file)
    except FileNotFoundError as error:
        raise GantlitzError(f"There is no file {path}.", "Check the path.", "file-not-found") from error
    except OSError as error:
        raise GantlitzError(
            f"{path} cannot be read: {error.strerror}.", "Choose a file you may read.", "file-unreadable"
        ) from error
    if text is None:
        raise GantlitzError(
            f"{path} holds no recipe.",
            "Use a map that GANtlitz wrote and no other program has saved since.",
            "no-recipe",
        )
    try:
        return Recipe.from_json(text).beside(path.absolute().parent)
    except GantlitzError as error:
        raise GantlitzError(f"{path}: {error.sentence}", error.fix, error.code) from error


def png_chunk(recipe_json: str) -> bytes:
    """The iTXt chunk (length, type, data, checksum) that holds the recipe; goes in at PNG_IHDR_END."""
    # keyword, 0, not compressed, method 0, no language, no translated keyword, text
    body = b"iTXt" + KEY.encode() + b"\0\0\0\0\0" + recipe_json.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _recipe_text(file: BinaryIO) -> str | None:
    start = file.read(8)
    if start == PNG_SIGNATURE:
        data = _png_text(file)
    elif start[:4] == EXR_SIGNATURE:
        data = _exr_attribute(file)
    elif start[:4] == TIFF_SIGNATURE:
        data = _tiff_description(file, int.from_bytes(start[4:8], "little"))
    elif start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        data = (start + file.read(TEXT_LIMIT)).removeprefix(b"\xef\xbb\xbf")
    else:
        return None
    return None if data is None else data.decode("utf-8", "replace")


def _png_text(file: BinaryIO) -> bytes | None:
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"iTXt" and length <= TEXT_LIMIT:
            keyword, _, rest = file.read(length).partition(b"\0")
            if keyword == KEY.encode() and rest[:1] == b"\0":  # not compressed
                return rest[2:].split(b"\0", 2)[-1]
            file.seek(4, os.SEEK_CUR)
        else:
            file.seek(length + 4, os.SEEK_CUR)
    return None


def _tiff_description(file: BinaryIO, directory: int) -> bytes | None:
    """The directory is a count and its entries of 12 bytes: tag, type, count, value or where it is."""
    file.seek(directory)
    count = int.from_bytes(file.read(2), "little")
    entries = file.read(12 * count)
    for at in range(0, len(entries) - 11, 12):
        tag, _, length, place = struct.unpack_from("<HHII", entries, at)
        if tag == TIFF_DESCRIPTION and 4 < length <= TEXT_LIMIT:
            file.seek(place)
            text = file.read(length).rstrip(b"\0")
            return text if text.startswith(b"{") else None  # else it describes another program's picture
    return None


def _exr_attribute(file: BinaryIO) -> bytes | None:
    """The header is a run of (name 0, type 0, size, value), closed by an empty name."""
    header = file.read(TEXT_LIMIT)
    at = 0
    while True:
        name, _, after_name = header[at : at + 256].partition(b"\0")
        kind, _, _ = after_name.partition(b"\0")
        at += len(name) + len(kind) + 2
        size_bytes = header[at : at + 4]
        if not name or len(size_bytes) < 4:
            return None
        (size,) = struct.unpack("<I", size_bytes)
        at += 4
        if name == KEY.encode() and kind == b"string":
            return header[at : at + size]
        at += size
