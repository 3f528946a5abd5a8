"""What a store is on disk: a zarr group of aligned, masked subjects at every level.

Root attributes: ``format``, ``width``, ``height``, ``channels`` and their ``steps``, ``about`` (what its maker says of it).
``mask`` (H, W) uint8: the UV mask times 255. ``subjects/<name>``: a group with the arrays ``0``, ``1``, ... of one subject,
(7, H >> k, W >> k) int16 in the channels' steps, and the attributes ``modalities``, ``provenance``, ``licence``, ``labels``,
``moments`` (count, sum and sum of squares of each channel over the mask), ``bands`` (mean square of each channel's octaves
over the mask, finest first: of what texels differ from the average of their block of four) and ``checksums`` (sha256 of
each file). A modality that a subject lacks is zeros and not among its ``modalities``.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import zarr

from gantlitz_blender.runtime.errors import GantlitzError

FORMAT = 2
CHANNEL_NAMES = ("albedo r", "albedo g", "albedo b", "normal x", "normal y", "specular", "displacement")
CHANNELS = len(CHANNEL_NAMES)
# The unit of one integer. Albedo: a quarter of an 8-bit level, so that 8-bit scans are kept exactly. Normal: finer than the
# slope that one step of displacement makes over a texel (1/540). Specular: a sixteenth of an 8-bit level, since it is sampled
# at 16. Displacement: 0.1 micrometre, +-3.27 mm.
STEPS = (1 / 1020, 1 / 1020, 1 / 1020, 1 / 4096, 1 / 4096, 1 / 4080, 1e-4)
CHUNK = 256  # texels a side, all channels: smaller ones cost zarr more time a patch than they save in decoding
MASK_CHUNK = 2048  # it is always read whole, and few large pieces open a store three times as fast
LEAST_WIDTH = 48  # of the coarsest level kept

zarr.config.set({"threading.max_workers": os.cpu_count()})  # it decodes; zarr's own choice, four more, is slower


def level_sizes(width: int, height: int) -> list[tuple[int, int]]:
    """(height, width) of the levels of a store: halved while both sides are even and the result is 48 texels wide or more."""
    sizes = [(height, width)]
    while width % 2 == 0 and height % 2 == 0 and width // 2 >= LEAST_WIDTH:
        width, height = width // 2, height // 2
        sizes.append((height, width))
    return sizes


def is_vacant(folder: Path) -> bool:
    """Whether a store can be made there: nothing is, or a folder without visible files. Raises GantlitzError for a file."""
    if folder.exists() and not folder.is_dir():
        raise GantlitzError(f"{folder} is a file, and a store is a folder.", "Choose another place.", "bad-store")
    return not folder.exists() or all(path.name.startswith(".") for path in folder.iterdir())


def open_root(folder: Path) -> zarr.Group:
    """The group of a store, for reading. Raises GantlitzError ("bad-store") where there is none of this format."""
    if (folder / "store.json").exists():
        raise GantlitzError(
            f"{folder} is a store of an older format (.npy files).",
            "Draw it again into another folder with: python -m trainer capture.",
            "bad-store",
        )
    if not (folder / "zarr.json").exists():
        raise GantlitzError(
            f"{folder} is not a store: it has no zarr.json.", "Make one with: python -m trainer capture, or prepare.", "bad-store"
        )
    try:
        root = zarr.open_group(folder, mode="r")
        found = root.attrs.get("format")
        if found == FORMAT:
            for key in ("width", "height", "steps", "about", "checksums"):
                root.attrs[key]
    except Exception as error:  # zarr lets through whatever its parsers raise
        raise GantlitzError(f"{folder}/zarr.json cannot be read ({_said(error)}).", "Make the store again.", "bad-store") from error
    if found != FORMAT:
        raise GantlitzError(
            f"{folder} is a store of format {found}, and this program reads format {FORMAT}.", "Make the store again.", "bad-store"
        )
    return root


def subject_names(folder: Path) -> set[str]:
    """The whole subjects: what is being written has a hidden name."""
    return {p.name for p in (folder / "subjects").iterdir() if p.is_dir() and not p.name.startswith(".")}


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder but its own zarr.json, where they are kept, by path relative to it."""
    out = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p != folder / "zarr.json"):
        with open(path, "rb") as file:
            out[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return out


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
