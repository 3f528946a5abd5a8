"""Reading a store of aligned, masked subjects: any level, any rectangle, without loading whole maps."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path

import numpy as np

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.rects import Rect

OPEN_FILES = 200  # each mapped file holds a descriptor, of which some systems grant 256
CHANNELS = 7  # albedo r g b, normal x y, specular, displacement


class Store:
    """Subjects as (7, H, W) arrays in physical units: albedo and specular [0, 1], normal x, y, displacement in mm.

    canvas_width: the model's, in texels. ``level``: the level of that canvas at which the store was made; coarser ones are
    area averages, computed once and kept beside the store as float16.
    """

    def __init__(self, folder: Path, canvas_width: int = 6144):
        self.folder = Path(folder)
        try:
            self.header = json.loads((self.folder / "store.json").read_text())
        except (OSError, ValueError) as error:
            raise GantlitzError(
                f"{folder} is not a store: store.json cannot be read ({error}).",
                "Make one with: python -m trainer capture.",
            ) from error
        self.width, self.height = self.header["width"], self.header["height"]
        self.seeds: list[int] = self.header["subjects"]
        if not self.seeds:
            raise GantlitzError(f"The store {folder} holds no whole subject.", "Run the same capture again to go on.")
        self.level = max(0, (canvas_width // self.width).bit_length() - 1)
        if self.width << self.level != canvas_width:
            raise GantlitzError(
                f"The store {folder} is {self.width} texels wide, which is not the model's {canvas_width} halved some times.",
                "Make the store again at a fitting --size.",
            )
        self._open: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()
        self.mask = np.load(self.folder / "mask.npy").astype(np.float32) / 255

    def __len__(self) -> int:
        return len(self.seeds)

    def description(self) -> dict:
        """What a model says of the data it was trained on."""
        fields = {k: v for k, v in self.header.items() if k != "subjects"}
        return fields | {"name": self.folder.name, "subjects": len(self.seeds), "first_seed": min(self.seeds)}

    def subject(self, index: int, level: int) -> np.ndarray:
        """(7, H, W) float16 at a level not finer than the store's, memory-mapped."""
        key = (index, level)
        if key not in self._open:
            path = self.folder / f"{self.seeds[index]:05d}.level{level}.npy"
            if not path.exists():
                self._build(index, level, path)
            self._open[key] = np.load(path, mmap_mode="r")
            if len(self._open) > OPEN_FILES:
                self._open.popitem(last=False)
        return self._open[key]

    def _build(self, index: int, level: int, path: Path) -> None:
        if level > self.level:
            fine = self.subject(index, level - 1)
            c, h, w = fine.shape
            out = np.empty((c, h // 2, w // 2), np.float16)
            for i in range(c):
                out[i] = fine[i].astype(np.float32).reshape(h // 2, 2, w // 2, 2).mean(axis=(1, 3))
        else:
            out = self._pack(index)
        temporary = path.with_name("." + path.name)
        with open(temporary, "wb") as file:
            np.save(file, out)
        temporary.replace(path)

    def _pack(self, index: int) -> np.ndarray:
        stem = f"{self.seeds[index]:05d}"
        albedo, normal, specular, displacement = (
            np.load(self.folder / f"{stem}.{name}.npy", mmap_mode="r")
            for name in ("albedo", "normal", "specular", "displacement")
        )
        out = np.empty((CHANNELS, self.height, self.width), np.float16)
        for i in range(3):
            out[i] = albedo[..., i].astype(np.float32) / 255
        for i in range(2):
            out[3 + i] = normal[..., i].astype(np.float32) / 32767
        out[5] = specular.astype(np.float32) / np.iinfo(specular.dtype).max
        out[6] = displacement.astype(np.float32) * self.header["displacement_scale_mm"]
        return out

    def read(self, index: int, level: int, rect: Rect, mirrored: bool = False) -> np.ndarray:
        """(7, h, w) float32 of a subject, or of its mirror image (the normal's x turns its sign)."""
        maps = self.subject(index, level)
        if not mirrored:
            return maps[:, rect.top : rect.bottom, rect.left : rect.right].astype(np.float32)
        w = maps.shape[2]
        patch = maps[:, rect.top : rect.bottom, w - rect.right : w - rect.left][..., ::-1].astype(np.float32)
        patch[3] *= -1
        return patch

    def mask_at(self, level: int) -> np.ndarray:
        """(H, W) float32 area average of the UV mask."""
        f = 1 << (level - self.level)
        h, w = self.mask.shape
        return self.mask.reshape(h // f, f, w // f, f).mean(axis=(1, 3))
