"""Pictures side by side in one, and PNG files of pixels, by numpy and the standard library. Knows no bpy."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .runtime.embedded_recipe import PNG_IHDR_END, PNG_SIGNATURE, png_chunk
from .runtime.recipe import Recipe

CELL = 480  # pixels of a cell's height, at most
GAP = 4
PAPER = 24  # grey around the cells


def joined(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """uint8 (H, W, 3) pictures of one size -> a sheet of them, row by row from the top left, each averaged down to CELL or less."""
    height, width = pictures[0].shape[:2]
    step = -(-height // CELL)
    rows, columns = height // step, width // step
    across = _columns(len(pictures), rows / columns)
    down = -(-len(pictures) // across)
    sheet = np.full((down * (rows + GAP) + GAP, across * (columns + GAP) + GAP, 3), PAPER, np.uint8)
    for n, picture in enumerate(pictures):
        cell = picture[: rows * step, : columns * step].reshape(rows, step, columns, step, 3).mean((1, 3))
        top, left = GAP + n // across * (rows + GAP), GAP + n % across * (columns + GAP)
        sheet[top : top + rows, left : left + columns] = np.rint(cell).astype(np.uint8)
    return sheet


def png(pixels: np.ndarray) -> bytes:
    """uint8 (H, W, 3), row 0 at the top -> a PNG."""
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG_SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + _chunk(b"IEND", b"")


def put_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe into a PNG file, as map files have it."""
    data = path.read_bytes()
    path.write_bytes(data[:PNG_IHDR_END] + png_chunk(recipe.to_json()) + data[PNG_IHDR_END:])


def _columns(count: int, aspect: float) -> int:
    """So that the sheet is about 3:2. aspect: of a cell, height by width."""
    return max(1, min(count, round((1.5 * count * aspect) ** 0.5)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
