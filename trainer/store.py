"""Reading a store of aligned, masked subjects: any level, any rectangle, without loading whole maps."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import zarr

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.rects import Rect

from .store_format import STEPS, checksums, level_sizes, open_root, subject_names

KEPT_TEXELS = 768 * 512  # levels up to this size are read whole and kept
KEPT_BYTES = 1 << 30


class Store:
    """Subjects as (7, H, W) arrays in physical units: albedo and specular [0, 1], normal x, y, displacement in mm.

    canvas_width: the model's, in texels; None for the store's own. ``level``: the level of that canvas at which the store was
    made; every level here counts from that canvas. Raises GantlitzError ("bad-store") for what cannot be read, naming the
    subject and the file.
    """

    def __init__(self, folder: Path, canvas_width: int | None = 6144):
        self.folder = Path(folder)
        self._root = open_root(self.folder)
        self.about: dict[str, Any] = dict(self._root.attrs["about"])
        self.width, self.height = int(self._root.attrs["width"]), int(self._root.attrs["height"])
        self.names = sorted(subject_names(self.folder))
        if not self.names:
            raise GantlitzError(
                f"The store {folder} holds no whole subject.", "Run the command that makes it again to go on.", "bad-store"
            )
        canvas_width = canvas_width or self.width
        self.level = max(0, (canvas_width // self.width).bit_length() - 1)
        if self.width << self.level != canvas_width:
            raise GantlitzError(
                f"The store {folder} is {self.width} texels wide, which is not the model's {canvas_width} halved some times.",
                "Make the store again at a fitting --size.",
                "bad-store",
            )
        self._sizes = level_sizes(self.width, self.height)
        self._steps = np.array(self._root.attrs["steps"], np.float32)[:, None, None]
        self._arrays: dict[tuple[int, int], zarr.Array] = {}
        self._attributes: dict[int, dict[str, Any]] = {}
        self._keeping = Lock()  # batches are read beside the thread that trains
        self._kept: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()
        try:
            self.mask: np.ndarray = self._root["mask"][:].astype(np.float32) / 255
        except Exception as error:  # zarr lets through whatever its codecs raise
            raise GantlitzError(f"The mask of the store {folder} is damaged ({error}).", "Make it again.", "bad-store") from error

    def __len__(self) -> int:
        return len(self.names)

    def description(self) -> dict[str, Any]:
        """What a model says of the data it was trained on."""
        licences = sorted({self._of(i)["licence"] for i in range(len(self))})
        return {
            **self.about,
            "name": self.folder.name,
            "width": self.width,
            "height": self.height,
            "subjects": len(self),
            "first": self.names[0],
            "last": self.names[-1],
            "licences": licences,
        }

    def modalities(self, index: int) -> tuple[str, ...]:
        """The maps that a subject has."""
        return tuple(self._of(index)["modalities"])

    def labels(self, index: int) -> dict[str, float]:
        """What is known of a subject in numbers; empty for most scans."""
        return dict(self._of(index)["labels"])

    def provenance(self, index: int) -> dict[str, Any]:
        """Where a subject comes from."""
        return dict(self._of(index)["provenance"])

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """(mean, sigma) of the seven channels over the mask of all subjects that have them, at the store's own level.

        From each subject's sums. sigma is one step at least; a channel that no subject has is given mean 0 and sigma 0.
        """
        rows = [self._of(i)["moments"] for i in range(len(self))]
        count, first, second = (np.sum([r[key] for r in rows], axis=0) for key in ("count", "sum", "sum_of_squares"))
        there = count > 0
        mean = first / np.maximum(count, 1)
        sigma = np.sqrt(np.maximum(second / np.maximum(count, 1) - mean**2, np.square(STEPS)))
        return mean * there, sigma * there

    def subject(self, index: int, level: int, mirrored: bool = False) -> np.ndarray:
        """(7, H, W) float32 of a whole subject at a level."""
        return self.read(index, level, Rect(0, 0, *self._sizes[level - self.level]), mirrored)

    def channel(self, index: int, level: int, channel: int) -> np.ndarray:
        """(H, W) float32 of one channel at a level: a seventh of the memory of ``subject``."""
        return self._integers(index, level, slice(None), slice(None))[channel] * self._steps[channel]

    def read(self, index: int, level: int, rect: Rect, mirrored: bool = False) -> np.ndarray:
        """(7, h, w) float32 of a subject, or of its mirror image (the normal's x turns its sign)."""
        width = self._sizes[level - self.level][1]
        left, right = (width - rect.right, width - rect.left) if mirrored else (rect.left, rect.right)
        whole = self._integers(index, level, slice(rect.top, rect.bottom), slice(left, right))
        patch = (whole[..., ::-1] if mirrored else whole) * self._steps
        if mirrored:
            patch[3] *= -1
        return patch

    def mask_at(self, level: int) -> np.ndarray:
        """(H, W) float32 area average of the UV mask."""
        f = 1 << (level - self.level)
        h, w = self.mask.shape
        return self.mask.reshape(h // f, f, w // f, f).mean(axis=(1, 3))

    def verify(self) -> list[str]:
        """One sentence for each subject that is not as it was written, by its checksums; empty if all is well."""
        out = []
        if checksums(self.folder / "mask") != self._root.attrs["checksums"]:
            out.append("The mask is damaged.")
        for i, name in enumerate(self.names):
            damage = self._damage(i)
            if damage:
                out.append(f"The subject {name} is damaged: {damage}.")
        return out

    def _damage(self, index: int) -> str:
        """The first of a subject's files that is not as it was written, and how; empty if all are."""
        folder = self.folder / "subjects" / self.names[index]
        try:
            wanted = self._of(index)["checksums"]
        except GantlitzError as error:
            return error.sentence.rstrip(".")
        found = checksums(folder)
        for path in sorted(wanted.keys() | found.keys()):
            if path not in found:
                return f"{path} is missing"
            if path not in wanted:
                return f"{path} does not belong to it"
            if found[path] != wanted[path]:
                return f"{path} has changed"
        return ""

    def _integers(self, index: int, level: int, rows: slice, columns: slice) -> np.ndarray:
        key = (index, level)
        height, width = self._sizes[level - self.level]
        if height * width > KEPT_TEXELS:
            return self._load(key, rows, columns)
        with self._keeping:
            if key not in self._kept:
                self._kept[key] = self._load(key, slice(None), slice(None))
                while sum(a.nbytes for a in self._kept.values()) > KEPT_BYTES:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key][:, rows, columns]

    def _load(self, key: tuple[int, int], rows: slice, columns: slice) -> np.ndarray:
        index, level = key
        try:
            if key not in self._arrays:
                path = f"subjects/{self.names[index]}/{level - self.level}"
                self._arrays[key] = self._root[path]
            return self._arrays[key][:, rows, columns]
        except Exception as error:  # zarr lets through whatever its codecs raise
            damage = self._damage(index) or f"level {level}: {error}"
            raise self._unreadable(index, damage) from error

    def _of(self, index: int) -> dict[str, Any]:
        """A subject's attributes."""
        if index not in self._attributes:
            try:
                attributes = self._root[f"subjects/{self.names[index]}"].attrs.asdict()
                for key in ("modalities", "provenance", "licence", "labels", "moments", "checksums"):
                    attributes[key]
            except Exception as error:  # as above
                raise self._unreadable(index, f"zarr.json: {type(error).__name__} {error}") from error
            self._attributes[index] = attributes
        return self._attributes[index]

    def _unreadable(self, index: int, damage: str) -> GantlitzError:
        return GantlitzError(
            f"The subject {self.names[index]} of the store {self.folder} cannot be read: {damage}.",
            "Delete its folder in subjects/ and make it again: what is whole is kept.",
            "bad-store",
        )
