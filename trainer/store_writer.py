"""Writing subjects into a store: several processes may, each subject aside and renamed, so that one that is there is whole."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, Crc32cCodec

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.config import MODALITIES, channels_of

from .store_format import (
    CHANNEL_NAMES,
    CHANNELS,
    CHUNK,
    FORMAT,
    MASK_CHUNK,
    STEPS,
    checksums,
    is_vacant,
    level_sizes,
    open_root,
    subject_names,
)

NEUTRAL = np.array([0.5, 0.5, 0.5, 0, 0, 0.5, 0], np.float32)[:, None, None]  # outside the mask: mid grey, a flat normal, 0 mm
LIMIT = 32767
ABANDONED_SECONDS = 3600  # a subject is written in seconds
_STEPS = np.array(STEPS, np.float32)[:, None, None]


class StoreWriter:
    """A store to write subjects into: made where the folder is absent or empty, else gone on with.

    mask: (H, W) float32 in [0, 1]. about: what the maker says of the store, JSON; a store holds subjects of one maker and
    version only. Raises GantlitzError ("bad-store") where the folder is no store, or one of another size, mask or ``about``.
    """

    def __init__(self, folder: Path, width: int, height: int, mask: Array, about: dict[str, Any]):
        self.folder, self.width, self.height = Path(folder), width, height
        if mask.shape != (height, width):
            raise GantlitzError(f"A mask of {mask.shape} does not fit a store of {width} x {height}.", "", "bad-store")
        self._mask = np.round(mask * 255).astype(np.uint8)
        header = {
            "format": FORMAT,
            "width": width,
            "height": height,
            "channels": list(CHANNEL_NAMES),
            "steps": list(STEPS),
            "about": json.loads(json.dumps(about)),
        }
        if is_vacant(self.folder):
            self._create(header)
        self._check(header)
        self._sweep()

    def names(self) -> set[str]:
        """The whole subjects."""
        return subject_names(self.folder)

    def write(
        self,
        name: str,
        maps: dict[str, Array],
        provenance: dict[str, Any],
        licence: str,
        labels: dict[str, float] | None = None,
    ) -> None:
        """Add a subject. maps: modality -> float32 as in MapSet; missing ones are left out.

        Raises GantlitzError: "bad-request" for maps that do not fit, "subject-exists", "disk-full",
        "folder-unwritable"; nothing is left behind.
        """
        self._check_maps(name, maps)
        final = self.folder / "subjects" / name
        aside = final.with_name(f".{name}.{os.getpid()}")
        try:
            if final.exists():
                raise FileExistsError(final)
            group = zarr.create_group(aside, overwrite=True)
            figures = self._write_levels(group, name, maps)
            group.attrs.update(
                {
                    "modalities": [m.name for m in MODALITIES if m.name in maps],
                    "provenance": provenance,
                    "licence": licence,
                    "labels": labels or {},
                    **figures,
                    "checksums": checksums(aside),
                }
            )
            aside.rename(final)
        except OSError as error:
            if final.exists():
                raise GantlitzError(
                    f"The store {self.folder} already holds the subject {name}.",
                    "If another process writes to it too, wait for that one; then run the same command again.",
                    "subject-exists",
                ) from error
            raise _unwritable(final, error) from error
        finally:
            _discard(aside)

    def _create(self, header: dict[str, Any]) -> None:
        """Make the store aside and rename it, so that two processes cannot both be half-way through.

        A folder that is there stays: it may be mounted, or be the one that the program was started in.
        """
        there = self.folder.exists()
        aside = self.folder / f".{os.getpid()}" if there else self.folder.with_name(f".{self.folder.name}.{os.getpid()}")
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            root = zarr.create_group(aside, overwrite=True)
            chunks = (min(MASK_CHUNK, self.height), min(MASK_CHUNK, self.width))
            root.create_array("mask", data=self._mask, chunks=chunks, compressors=_compressors())
            root.create_group("subjects")
            root.attrs.update({**header, "checksums": checksums(aside / "mask")})
            if there:
                for part in ("subjects", "mask", "zarr.json"):  # the last one makes it a store
                    (aside / part).rename(self.folder / part)
            else:
                aside.rename(self.folder)
        except OSError as error:
            if not (self.folder / "zarr.json").exists():  # else another process was quicker: its store is checked like any
                raise _unwritable(self.folder, error) from error
        finally:
            _discard(aside)

    def _check(self, header: dict[str, Any]) -> None:
        root = open_root(self.folder)
        held, wanted = ({**of, **of["about"]} for of in (dict(root.attrs), header))
        for key in {**wanted, **held}:
            if key not in ("about", "checksums") and held.get(key) != wanted.get(key):
                raise GantlitzError(
                    f"The store {self.folder} has {key} {held.get(key)}, but {wanted.get(key)} is to be written.",
                    "Write to another folder, or delete this one.",
                    "bad-store",
                )
        if not np.array_equal(root["mask"][:], self._mask):
            raise GantlitzError(
                f"The store {self.folder} has another mask, or its mask is damaged.",
                "Write to another folder, or delete this one.",
                "bad-store",
            )

    def _sweep(self) -> None:
        """Remove what a killed process left unfinished long ago."""
        for path in (self.folder / "subjects").glob(".*"):
            try:
                if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)
            except FileNotFoundError:
                continue  # its writer has just renamed it

    def _check_maps(self, name: str, maps: dict[str, Array]) -> None:
        if not name or name.startswith(".") or Path(name).name != name:
            raise GantlitzError(f"{name!r} cannot name a subject.", "Use letters, digits and underscores.")
        known = {m.name for m in MODALITIES}
        if not maps or maps.keys() - known:
            raise GantlitzError(f"The subject {name} has the maps {sorted(maps)}.", f"Give some of {', '.join(sorted(known))}.")
        for kind, array in maps.items():
            shape = (self.height, self.width, 3) if kind in ("albedo", "normal") else (self.height, self.width)
            if array.shape != shape:
                raise GantlitzError(
                    f"The {kind} of the subject {name} has the shape {array.shape}, and {shape} is needed.",
                    "Resample it to the store's size.",
                )

    def _write_levels(self, group: zarr.Group, name: str, maps: dict[str, Array]) -> dict[str, Any]:
        """Write all levels, strip by strip so that no more than one coarser level is held; -> ``moments`` and ``bands``."""
        inside = self._mask > 127
        there = np.repeat([m.name in maps for m in MODALITIES], [m.channels for m in MODALITIES])
        count, first, second = int(inside.sum()), np.zeros(CHANNELS, np.int64), np.zeros(CHANNELS, np.int64)
        bands: list[list[float]] = []
        sizes = level_sizes(self.width, self.height)
        fine = np.empty(0, np.float32)
        for level, (height, width) in enumerate(sizes):
            array = group.create_array(
                str(level),
                shape=(CHANNELS, height, width),
                dtype="int16",
                chunks=(CHANNELS, min(CHUNK, height), min(CHUNK, width)),
                compressors=_compressors(),
                fill_value=0,
                dimension_names=("channel", "y", "x"),
            )
            last = level == len(sizes) - 1
            coarse = np.empty((CHANNELS, height // 2, width // 2) if not last else 0, np.float32)
            inside_coarse = _halved(inside.astype(np.float32)) == 1 if not last else inside
            energy = np.zeros(CHANNELS)
            for top in range(0, height, CHUNK):
                rows = slice(top, min(top + CHUNK, height))
                strip = self._strip(maps, there, rows) if level == 0 else fine[:, rows]
                whole = self._integers(name, strip)
                array[:, rows] = whole
                if level == 0:
                    values = [whole[c][inside[rows]] for c in range(CHANNELS)]
                    first += [v.sum(dtype=np.int64) for v in values]
                    second += [np.square(v, dtype=np.int64).sum() for v in values]
                if not last:
                    half = slice(top // 2, rows.stop // 2)
                    coarse[:, half] = _halved(strip)
                    energy += _detail(strip, coarse[:, half], inside_coarse[half])
            if not last:
                bands.append((energy / max(1, 4 * int(inside_coarse.sum()))).tolist())
            fine, inside = coarse, inside_coarse
        steps = np.array(STEPS)
        moments = {
            "count": (count * there).tolist(),
            "sum": (first * steps).tolist(),
            "sum_of_squares": (second * steps**2).tolist(),
        }
        return {"moments": moments, "bands": bands}

    def _strip(self, maps: dict[str, Array], there: NDArray[np.bool_], rows: slice) -> Array:
        """(7, rows, W) float32 in physical units, neutral outside the mask, 0 where the modality is missing."""
        mask = self._mask[rows]
        strip = np.zeros((CHANNELS, *mask.shape), np.float32)
        for kind, array in maps.items():
            part = strip[channels_of(kind)]
            part[:] = np.moveaxis(array[rows, :, : len(part)], -1, 0) if array.ndim == 3 else array[None, rows]
        strip[:, mask == 0] = np.where(there[:, None], NEUTRAL[:, 0], 0)
        return strip

    def _integers(self, name: str, strip: Array) -> NDArray[np.int16]:
        """In steps. What overshoots [0, 1] or unit length is clipped; displacement is not: its clipping would be seen."""
        whole = np.round(strip / _STEPS)
        if not np.isfinite(whole).all():
            raise GantlitzError(f"The maps of the subject {name} hold values that are no numbers.", "Look at its source files.")
        reach = float(np.abs(whole[6]).max())
        if reach > LIMIT:
            raise GantlitzError(
                f"The displacement of the subject {name} reaches {reach * STEPS[6]:.2f} mm, and a store holds "
                f"{LIMIT * STEPS[6]:.2f} mm.",
                "Check that its unit is millimetres, and take its mean off.",
            )
        for c in (0, 1, 2, 5):
            np.clip(whole[c], 0, 1 / STEPS[c], out=whole[c])
        np.clip(whole[3:5], -1 / STEPS[3], 1 / STEPS[3], out=whole[3:5])
        return whole.astype(np.int16)


def _compressors() -> list:
    """LZ4 for reading speed: Zstandard would save an eighth of the space and cost a patch half as much time again."""
    return [BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"), Crc32cCodec()]


def _halved(image: Array) -> Array:
    """(..., H, W) -> (..., H / 2, W / 2) area average."""
    return 0.25 * (image[..., ::2, ::2] + image[..., 1::2, ::2] + image[..., ::2, 1::2] + image[..., 1::2, 1::2])


def _detail(fine: Array, coarse: Array, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(7,): sum of squares of what each texel differs from the average of its block of four, over the blocks inside."""
    out = np.zeros(len(fine))
    for dy in (0, 1):
        for dx in (0, 1):
            difference = fine[:, dy::2, dx::2] - coarse
            out += (np.square(difference) * inside).sum(axis=(1, 2), dtype=np.float64)
    return out


def _discard(folder: Path) -> None:
    """Remove what a failure left. zarr's other threads may still be writing there for a moment: until nothing comes back."""
    quiet = 0 if folder.exists() else 4
    for _ in range(100):
        if quiet >= 4:
            return
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)
        quiet = 0 if folder.exists() else quiet + 1


def _unwritable(path: Path, error: OSError) -> GantlitzError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return GantlitzError(
        f"{path} could not be written: {error.strerror or error}.",
        "Free some space or choose another folder."
        if full
        else "Give yourself the right to write there, or choose another folder.",
        "disk-full" if full else "folder-unwritable",
    )
