"""An image file as it is: all of its bits, channels in the order red, green, blue. PNG, TIFF, JPEG, EXR and TGA."""

from __future__ import annotations

import hashlib
import mmap
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import GantlitzError
from ..layout import Array
from .reading_exr import read_exr

MOST_TEXELS = 16384  # a side


@dataclass(frozen=True)
class Facts:
    """What is worth knowing of a file once its pixels are gone."""

    path: Path
    sha256: str
    width: int
    height: int
    channels: int
    bits: int
    is_float: bool

    def __str__(self) -> str:
        kind = "grey" if self.channels == 1 else "RGB"
        return f"{self.width}x{self.height} {self.bits}-bit{' float' if self.is_float else ''} {kind}"


@dataclass(frozen=True, eq=False)
class Image:
    """A decoded file, or a part of it. pixels: (H, W, C), C = 1 or 3, uint8, uint16, uint32 or float32; no alpha."""

    facts: Facts
    pixels: NDArray[Any]

    @property
    def path(self) -> Path:
        return self.facts.path

    @property
    def channels(self) -> int:
        return self.facts.channels

    @property
    def white(self) -> float:
        """The value that stands for 1."""
        return 1.0 if self.facts.is_float else float(np.iinfo(self.pixels.dtype).max)

    @property
    def holds_vectors(self) -> bool:
        """Whether a float normal map holds the vectors themselves, not 0.5 + 0.5 n."""
        return self.facts.is_float and float(self.pixels[..., :2].min()) < -0.01

    def plane(self, channel: int) -> Array:
        """One channel as float32, white = 1."""
        return np.divide(self.pixels[..., channel], np.float32(self.white), dtype=np.float32)

    def sample(self, most: int = 1 << 20) -> Array:
        """(N, C) float32: at most about ``most`` texels at even distances, white = 1, for checks and statistics."""
        height, width, channels = self.pixels.shape
        step = max(1, round((width * height / most) ** 0.5))
        return self.pixels[::step, ::step].reshape(-1, channels).astype(np.float32) / np.float32(self.white)


def read_image(path: Path) -> Image:
    """Raises GantlitzError (``file-unreadable``) for a file that is missing, damaged, cut off, of no known kind, with more
    than 16384 texels a side, or with values that are no numbers."""
    try:
        # Mapped, not read: an uncompressed file is as large as its picture, and need not be in memory twice.
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b"")
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    try:
        pixels = _decode(path, data)
    except Exception as error:  # each decoder has exceptions of its own for damaged data
        if "CV_IO_MAX_IMAGE" in str(error):
            raise _too_large(f"{path} is larger than {MOST_TEXELS} texels a side.") from error
        raise _unreadable(path, " ".join(str(error).split()) or type(error).__name__) from error
    if pixels.dtype == np.float64:
        pixels = pixels.astype(np.float32)
    if pixels.dtype not in (np.uint8, np.uint16, np.uint32, np.float32):
        raise _unreadable(path, f"it holds {pixels.dtype} values")
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    pixels = pixels[..., : 1 if pixels.shape[2] < 3 else 3]
    height, width, channels = pixels.shape
    if max(width, height) > MOST_TEXELS:
        raise _too_large(f"{path} is {width} x {height}, larger than {MOST_TEXELS} texels a side.")
    if pixels.dtype == np.float32:
        _check_finite(path, pixels)
    kind = pixels.dtype
    facts = Facts(path, sha256, width, height, channels, kind.itemsize * 8, kind.kind == "f")
    return Image(facts, pixels)


def _unreadable(path: Path, why: str) -> GantlitzError:
    return GantlitzError(f"{path} cannot be read: {why}.", "Export it again.", "file-unreadable")


def _too_large(sentence: str) -> GantlitzError:
    return GantlitzError(sentence, "Reduce it first.", "file-unreadable")


def _check_finite(path: Path, pixels: Array) -> None:
    count, first = 0, ""
    for row, texels in enumerate(pixels):
        broken = ~np.isfinite(texels).all(axis=-1)
        if broken.any():
            first = first or f"({int(np.argmax(broken))}, {row})"
            count += int(broken.sum())
    if count:
        what = f"{path} holds NaN or infinite values in {count} texels, the first at {first} from the upper left."
        raise GantlitzError(
            what if count > 1 else f"{path} holds a NaN or infinite value in one texel, at {first} from the upper left.",
            "Paint over them, or export it again.",
            "file-unreadable",
        )


def _decode(path: Path, data: memoryview) -> NDArray[Any]:
    """By what the file holds, not by its suffix, except for TGA, which begins like nothing in particular."""
    if not data:
        raise ValueError("it is empty")
    if data[:4] == b"\x76\x2f\x31\x01":
        return read_exr(path)
    return _decode_tga(path) if path.suffix.lower() == ".tga" else _decode_common(data)


def _decode_common(data: memoryview) -> NDArray[Any]:
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        _check_png(data)
    elif data[:2] == b"\xff\xd8" and b"\xff\xd9" not in data[-4096:].tobytes():
        raise ValueError("the file is cut off")
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("it is damaged, or no PNG, TIFF, JPEG or EXR that is known")
    if pixels.dtype == np.int32:  # OpenCV's name for the 32 bits of a TIFF
        pixels = pixels.view(np.uint32)
    return pixels if pixels.ndim == 2 else pixels[..., 2::-1] if pixels.shape[2] >= 3 else pixels


def _check_png(data: memoryview) -> None:
    """The checksums: OpenCV decodes what is left of a damaged file without a word. Raises ValueError."""
    at, kind = 8, b""
    while kind != b"IEND":
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8].tobytes()
        end = at + 8 + length
        if end + 4 > len(data):
            raise ValueError("the file is cut off")
        if zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise ValueError("it is damaged")
        at = end + 4


def _decode_tga(path: Path) -> NDArray[Any]:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise ValueError("TGA needs the Python package Pillow, which is not there; PNG does without") from None
    try:
        with Image.open(path, formats=["TGA"]) as image:
            return np.asarray(image.convert("RGB") if image.mode == "P" else image)
    except UnidentifiedImageError:
        raise ValueError("it is no TGA") from None
