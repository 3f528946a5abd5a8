"""An image in Blender -> a picture file as the runtime reads it. The artist's own files and datablocks are never changed.

A file is taken as it is. What lies in Blender only (packed, generated, painted on and not saved) goes to a temporary file:

- packed and unchanged: the packed file's own bytes.
- 8 bits a channel: an 8-bit PNG of the same values.
- float: a 16-bit PNG of what the file would hold (Blender keeps an sRGB file's floats linear: they are encoded again).
- a displacement in millimetres: an EXR.
"""

import struct
import zlib
from pathlib import Path

import bpy
import numpy as np

from .images import pixels_of
from .runtime.embedded_recipe import PNG_SIGNATURE
from .runtime.errors import GantlitzError

READABLE = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr")
SIGNATURES = {PNG_SIGNATURE: ".png", b"\xff\xd8": ".jpg", b"II*\0": ".tif", b"MM\0*": ".tif", b"\x76\x2f\x31\x01": ".exr"}
REFUSED = {
    "TILED": ("a UDIM set of several tiles", "Open the tile with the face as a single image."),
    "SEQUENCE": ("a sequence of pictures", "Open one of its pictures as a single image."),
    "MOVIE": ("a movie", "Save one of its frames as a picture."),
    "VIEWER": ("a result of rendering", "Save it as a picture and open that."),
}
STRIP_ROWS = 32  # of a picture at a time: more would not fit into the processor's cache, nor into what readers take as one chunk


def picture_file(kind: str, image: bpy.types.Image, in_millimetres: bool, scratch: Path) -> Path:
    """The file of `image` as it is now; one that has to be made is made in the folder `scratch`.

    in_millimetres: whether the floats of a displacement that lies in Blender only are millimetres.
    Raises GantlitzError (``bad-maps``, ``file-unreadable``) for what is no single picture, and for a file that is missing.
    """
    label = f"The {kind} image {image.name}"
    if image.source in REFUSED:
        what, fix = REFUSED[image.source]
        raise GantlitzError(f"{label} is no single picture but {what}.", fix, "bad-maps")
    packed = image.packed_files[0].packed_file.data if image.packed_files and not image.is_dirty else b""
    suffix = next((known for sign, known in SIGNATURES.items() if packed.startswith(sign)), None) if packed else None
    if suffix:
        made = scratch / f"{kind}{suffix}"
        made.write_bytes(packed)
        return made
    if image.source == "FILE" and not packed and not image.is_dirty:
        path = Path(bpy.path.abspath(image.filepath, library=image.library))
        if not path.is_file():
            raise GantlitzError(f"{label} has lost its file: {path}.", "Find it, or choose another image.", "file-unreadable")
        if path.suffix.lower() in READABLE:
            return path
    width, height = image.size
    if not width or not height:
        raise GantlitzError(f"{label} cannot be read.", "Choose another image.", "file-unreadable")
    if kind == "displacement" and image.is_float and (image.file_format == "OPEN_EXR" or in_millimetres):
        return _save_exr(image, scratch / f"{kind}.exr")
    return _save_png(image, scratch / f"{kind}.png")


def describe(image: bpy.types.Image) -> str:
    """For the panel: what the image is, as far as that is known without reading it."""
    if image.source in REFUSED:
        return f"Not usable: it is {REFUSED[image.source][0]}"
    words = [bpy.path.basename(image.filepath)] if image.source == "FILE" else []
    words += [f"{image.size[0]} x {image.size[1]}", "float" if image.is_float else "8 bit"] if image.has_data else []
    if image.is_dirty:
        words.append("with strokes not saved yet: taken as it is now")
    elif image.packed_files:
        words.append("packed")
    elif image.source == "GENERATED":
        words.append("generated in Blender")
    return ", ".join(words)


def _save_exr(image: bpy.types.Image, path: Path) -> Path:
    copy = bpy.data.images.new(image.name, *image.size, float_buffer=True, is_data=True)
    try:
        values = np.ones((image.size[1], image.size[0], 4), np.float32)
        values[..., :3] = _rgb(pixels_of(image))[::-1]
        copy.pixels.foreach_set(values.ravel())
        copy.file_format = "OPEN_EXR"
        copy.filepath_raw = str(path)
        copy.save()
    finally:
        bpy.data.images.remove(copy)
    return path


def _save_png(image: bpy.types.Image, path: Path) -> Path:
    """Stored, not packed: the file is read once and thrown away, and packing takes longer than all else, while Blender waits."""
    values = pixels_of(image)
    height, width, _ = values.shape
    encoded = image.is_float and not image.colorspace_settings.is_data
    full, kind = (65535, np.dtype(">u2")) if image.is_float else (255, np.dtype("u1"))
    packer = zlib.compressobj(0)
    with path.open("wb") as file:
        header = struct.pack(">IIBBBBB", width, height, 8 * kind.itemsize, 2, 0, 0, 0)
        file.write(PNG_SIGNATURE + _chunk(b"IHDR", header))
        for top in range(0, height, STRIP_ROWS):
            strip = _rgb(values[top : top + STRIP_ROWS])
            if image.is_float:
                strip = np.clip(np.nan_to_num(strip), 0, 1)
            strip = _srgb(strip) if encoded else strip
            rows = np.zeros((len(strip), 1 + width * 3 * kind.itemsize), np.uint8)  # each begins with its filter: none
            rows[:, 1:] = (strip * np.float32(full) + np.float32(0.5)).astype(kind).reshape(len(strip), -1).view(np.uint8)
            file.write(_chunk(b"IDAT", packer.compress(rows.data)))
        file.write(_chunk(b"IDAT", packer.flush()) + _chunk(b"IEND", b""))
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rgb(values: np.ndarray) -> np.ndarray:
    return values[..., :3] if values.shape[2] >= 3 else np.repeat(values[..., :1], 3, axis=2)


def _srgb(linear: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1, linear [0, 1] -> encoded [0, 1]."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055)
