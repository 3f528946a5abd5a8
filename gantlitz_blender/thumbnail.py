"""A small picture of a face as a text, to be kept in the .blend. Knows no bpy."""

from __future__ import annotations

import base64
import binascii
import zlib

import numpy as np

WIDTH, HEIGHT = 48, 32


def pack(albedo: np.ndarray) -> str:
    """albedo: (H, W, 3) in [0, 1], sRGB-encoded, of any size; about 5 KB of ASCII."""
    rows = (np.arange(HEIGHT) + 0.5) * albedo.shape[0] / HEIGHT
    columns = (np.arange(WIDTH) + 0.5) * albedo.shape[1] / WIDTH
    small = albedo[rows.astype(int)][:, columns.astype(int)]
    pixels = np.round(np.clip(small, 0, 1) * 255).astype(np.uint8)
    # The difference to the left neighbour packs better than the colour itself.
    steps = np.diff(pixels, axis=1, prepend=np.zeros((HEIGHT, 1, 3), np.uint8))
    return base64.b64encode(zlib.compress(steps.tobytes(), 9)).decode("ascii")


def unpack(text: str) -> np.ndarray | None:
    """uint8 (32, 48, 3), row 0 at the top; None for a text that is no thumbnail."""
    try:
        stream = zlib.decompressobj()
        data = stream.decompress(base64.b64decode(text, validate=True), WIDTH * HEIGHT * 3 + 1)
    except (binascii.Error, zlib.error, ValueError):
        return None
    if len(data) != WIDTH * HEIGHT * 3:
        return None
    steps = np.frombuffer(data, np.uint8).reshape(HEIGHT, WIDTH, 3)
    found: np.ndarray = np.cumsum(steps, axis=1, dtype=np.uint8)
    return found
