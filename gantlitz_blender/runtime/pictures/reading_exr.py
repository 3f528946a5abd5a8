"""The picture in an EXR file: its channels have any names and layers, and its data may fill only a part of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import OpenEXR

from ..layout import Array

_TRIPLES = (("R", "G", "B"), ("RED", "GREEN", "BLUE"), ("X", "Y", "Z"), ("NX", "NY", "NZ"))
_GREYS = ("Y", "V", "R", "Z")  # before any other
_ALPHAS = ("A", "ALPHA", "RA", "GA", "BA")


def read_exr(path: Path) -> Array:
    """(H, W, 3) or (H, W): the file's display window, 0 where it has no data.

    Raises ValueError for a file of alpha alone, or of several layers with colour of which none is the main one.
    """
    with OpenEXR.File(str(path), separate_channels=True) as file:
        data, display = (_corners(file.header()[key]) for key in ("dataWindow", "displayWindow"))
        names = _picture(list(file.channels()))
        planes = [file.channels()[name].pixels for name in names]
    del file  # which would hold all planes until the end
    pixels = _joined(planes)
    return pixels if data == display else _placed(pixels, data[0], display)


def _corners(window: Iterable[Array]) -> list[tuple[int, ...]]:
    return [tuple(int(n) for n in corner) for corner in window]


def _picture(names: list[str]) -> list[str]:
    """The channels that are the picture, red first, from names such as R, g, diffuse.B, N.X, displacement.Z."""
    layers: dict[str, dict[str, str]] = {}
    for name in names:
        layer, _, channel = name.rpartition(".")
        layers.setdefault(layer, {})[channel.upper()] = name
    coloured = {}
    for layer, channels in layers.items():
        if triple := next((t for t in _TRIPLES if all(c in channels for c in t)), None):
            coloured[layer] = [channels[c] for c in triple]
    if "" in coloured or len(coloured) == 1:
        return coloured.get("") or next(iter(coloured.values()))
    if coloured:
        raise ValueError(f"it holds several layers ({', '.join(coloured)}); export one alone")
    greys = [(c, name) for _, channels in sorted(layers.items()) for c, name in channels.items() if c not in _ALPHAS]
    if not greys:
        raise ValueError("it holds no channel but alpha")
    return [min(greys, key=lambda grey: _GREYS.index(grey[0]) if grey[0] in _GREYS else len(_GREYS))[1]]


def _joined(planes: list[Array]) -> Array:
    """(H, W, C), or (H, W) of one plane, a plane after the other in memory: each is let go once it is copied."""
    out = np.empty((len(planes), *planes[0].shape), np.float32)
    for i in reversed(range(len(planes))):
        out[i] = planes.pop()
    return out.transpose(1, 2, 0) if len(out) > 1 else out[0]


def _placed(pixels: Array, corner: tuple[int, ...], display: list[tuple[int, ...]]) -> Array:
    """The display window (both corners inclusive, x before y) of pixels whose first one lies at ``corner``."""
    (left, top), (right, bottom) = display
    out = np.zeros((bottom - top + 1, right - left + 1, *pixels.shape[2:]), np.float32)
    x, y = corner[0] - left, corner[1] - top
    part = pixels[max(0, -y) : max(0, len(out) - y), max(0, -x) : max(0, out.shape[1] - x)]
    out[max(0, y) :, max(0, x) :][: part.shape[0], : part.shape[1]] = part
    return out
