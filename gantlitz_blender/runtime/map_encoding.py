"""One map -> the bytes of its file: quantised, with its recipe in it. Needs OpenCV and OpenEXR when called."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .embedded_recipe import KEY, PNG_IHDR_END, TIFF_DESCRIPTION, png_chunk
from .errors import GantlitzError
from .export_profiles import MapFormat, Output
from .maps import STRIP_ROWS, MapSet
from .recipe import Recipe

ERROR_FORMAT = MapFormat("_error", "PNG", 8)  # of a completed scan: grey


def format_of(kind: str, output: Output) -> MapFormat:
    """The file that a map, or an error, has."""
    found = ERROR_FORMAT if kind == "error" else getattr(output, kind)
    assert isinstance(found, MapFormat)
    return found


def encoded(array: np.ndarray, kind: str, output: Output, recipe: Recipe | None) -> list[bytes | memoryview]:
    """The contents of a PNG or TIFF, in pieces, for a map (H, W) or (H, W, 3). Raises GantlitzError (``not-finite``)."""
    form = format_of(kind, output)
    pixels = quantised(array, kind, output)
    return _encoded_png(pixels, recipe) if form.file == "PNG" else _encoded_tiff(pixels, recipe)


def as_floats(array: np.ndarray, kind: str, output: Output) -> np.ndarray:
    """The values of a map that goes into an EXR. Raises GantlitzError (``not-finite``)."""
    for top in range(0, len(array), STRIP_ROWS):
        _check_finite(array[top : top + STRIP_ROWS], kind)
    if kind == "displacement" and (output.displacement_mm, output.midlevel) == (1.0, 0.0):
        return array  # millimetres as they are: no copy
    out = np.empty(array.shape, np.float32)
    channels = [(out, array)] if array.ndim == 2 else [(out[..., c], array[..., c]) for c in range(3)]
    for channel, (target, source) in enumerate(channels):
        gain, offset = _line(kind, channel, output)
        np.multiply(source, np.float32(gain), out=target)
        target += np.float32(offset)
    return out


def quantised(array: np.ndarray, kind: str, output: Output) -> np.ndarray:
    """`array` as an integer file holds it: uint8 or uint16, (H, W) or (H, W, 3) in BGR, which is OpenCV's order.

    Worked in strips: the temporaries of a whole 6144 x 4096 map would double the memory.
    Raises GantlitzError (``not-finite``).
    """
    dtype = np.uint8 if format_of(kind, output).bits == 8 else np.uint16
    full = float(np.iinfo(dtype).max)
    out = np.empty(array.shape, dtype)
    # Channel by channel: numpy is slow where the innermost axis has three entries, the more so in views of stacked maps.
    channels = [(out, array)] if array.ndim == 2 else [(out[..., 2 - c], array[..., c]) for c in range(3)]
    for channel, (target, source) in enumerate(channels):
        gain, offset = (full * number for number in _line(kind, channel, output))
        for top in range(0, array.shape[0], STRIP_ROWS):
            scaled = source[top : top + STRIP_ROWS] * np.float32(gain)
            scaled += np.float32(offset)
            _check_finite(scaled, kind)
            np.clip(scaled, 0, full, out=scaled)
            np.rint(scaled, out=scaled)
            target[top : top + STRIP_ROWS] = scaled
    return out


def clipped(maps: MapSet, output: Output) -> float:
    """The share of texels, [0, 1], whose displacement an integer file cannot hold at this scale and midlevel."""
    if output.displacement.bits == 32:
        return 0.0
    low, high = -output.midlevel * output.displacement_mm, (1 - output.midlevel) * output.displacement_mm
    strips = (maps.displacement[top : top + STRIP_ROWS] for top in range(0, maps.height, STRIP_ROWS))
    return sum(int(((strip < low) | (strip > high)).sum()) for strip in strips) / maps.displacement.size


def write_exr(path: Path, values: np.ndarray, recipe: Recipe | None) -> None:
    """Write float32 (H, W) as the channel Y, or (H, W, 3) as R, G, B. Raises GantlitzError (``write-failed``) or OSError."""
    import OpenEXR

    # Relief is not compressed: float noise shrinks by 4 % only, and ZIP would take 1.4 s instead of 0.2 s. Blender shows a
    # channel named Y as grey (and reads one named Z wrongly).
    grey = values.ndim == 2
    header = {"compression": OpenEXR.NO_COMPRESSION if grey else OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    if recipe:
        header[KEY] = recipe.to_json()
    try:
        OpenEXR.File(header, {"Y" if grey else "RGB": np.ascontiguousarray(values)}).write(str(path))
    except RuntimeError as error:
        # OpenEXR hides errno in a text; a disk that is full for it is full for one more byte as well.
        with path.open("ab") as file:
            file.write(b"\0" * 4096)
        raise GantlitzError(
            f"{path.name} could not be written: {error}.", "Choose another folder.", "write-failed"
        ) from error


def _line(kind: str, channel: int, output: Output) -> tuple[float, float]:
    """(gain, offset) from a map's unit to what its file holds, 1 being full."""
    if kind == "normal":
        return (-0.5 if channel == 1 and output.directx else 0.5), 0.5
    if kind == "displacement":
        return 1 / output.displacement_mm, output.midlevel
    return 1.0, 0.0


def _encoded_png(pixels: np.ndarray, recipe: Recipe | None) -> list[bytes | memoryview]:
    import cv2

    # OpenCV's own settings (one filter, run lengths) are twice as fast as its compression level 1, which tries every
    # filter, and the files are no larger: 1.8 s and 104 MB against 4.2 s and 108 MB for 6144 x 4096 normals.
    good, whole = cv2.imencode(".png", pixels)
    if not good:
        raise GantlitzError("OpenCV could not encode a PNG.", "Reinstall opencv-python-headless.", "write-failed")
    data = whole.data
    return [data[:PNG_IHDR_END], png_chunk(recipe.to_json()), data[PNG_IHDR_END:]] if recipe else [data]


def _encoded_tiff(pixels: np.ndarray, recipe: Recipe | None) -> list[bytes | memoryview]:
    """Baseline TIFF, little-endian, not compressed, the recipe as its ImageDescription. 16-bit noise hardly shrinks."""
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels if pixels.ndim == 2 else pixels[..., ::-1], pixels.dtype.newbyteorder("<"))
    channels = 1 if pixels.ndim == 2 else 3
    text = recipe.to_json().encode() + b"\0" if recipe else b""
    rows = min(height, STRIP_ROWS)
    tops = range(0, height, rows)
    row_bytes = data.nbytes // height
    counts = [min(rows, height - top) * row_bytes for top in tops]
    short, long, ascii_ = (3, "H"), (4, "I"), (2, "s")
    tags = [
        (256, long, [width]), (257, long, [height]), (258, short, [8 * pixels.itemsize] * channels), (259, short, [1]),
        (262, short, [1 if channels == 1 else 2]), *([(TIFF_DESCRIPTION, ascii_, text)] if text else []),
        (273, long, [0] * len(counts)), (277, short, [channels]), (278, long, [rows]), (279, long, counts),
        (339, short, [1] * channels),
    ]  # fmt: skip
    directory_end = 8 + 2 + 12 * len(tags) + 4
    sizes = [_tiff_size(kind, values) for _, kind, values in tags]
    extra_size = sum((size + 1) // 2 * 2 for size in sizes if size > 4)
    first = directory_end + extra_size
    entries, extra = b"", b""
    for tag, kind, values in tags:
        if tag == 273:
            values = [first + top * row_bytes for top in tops]
        packed = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{kind[1]}", *values)
        entries += struct.pack("<HHI", tag, kind[0], len(values))
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", directory_end + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + struct.pack("<I", 0) + extra
    return [head, data.data.cast("B")]


def _tiff_size(kind: tuple[int, str], values: Sequence[int]) -> int:
    return len(values) * {"H": 2, "I": 4, "s": 1}[kind[1]]


def _check_finite(strip: np.ndarray, kind: str) -> None:
    if not np.isfinite(strip).all():
        raise GantlitzError(
            f"The {kind} map holds values that are not numbers.",
            "Render it on the CPU, or take another seed.",
            "not-finite",
        )
