"""How near a face is to the nearest subject of a training store, by small maps. zarr is needed only here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..errors import GantlitzError
from ..maps import MapSet
from .choosing import nearest, nearest_others

FORMAT = 2  # of trainer/store_format.py, which says what is in a store
LEAST_WIDTH = 96  # texels of the maps that are compared: identity and colour, no pores
TOO_NEAR = 0.5  # of the median distance from a subject to the nearest other one: nearer than that is a likeness


class TrainingPeople:
    """All subjects of a store as small maps; distances are root mean squares over the face, in standard deviations of each texel's
    channel over the subjects.

    width, height: of the maps. usual: the median distance from a subject to the nearest other. Raises GantlitzError
    (``bad-store``, and ``no-runtime`` where zarr is missing).
    """

    def __init__(self, folder: Path):
        try:
            import zarr
        except ImportError as error:
            raise GantlitzError(
                "A training store cannot be read: this Python has no zarr.", "Run: pip install zarr==3.1.5", "no-runtime"
            ) from error
        try:
            about = json.loads((folder / "zarr.json").read_text("utf-8"))["attributes"]
            if about["format"] != FORMAT:
                raise ValueError(f"its format is {about['format']}, not {FORMAT}")
            steps = np.array(about["steps"], np.float32)[:, None, None]
            names = sorted(p.name for p in (folder / "subjects").iterdir() if p.is_dir() and not p.name.startswith("."))
            root = zarr.open_group(folder, mode="r")
            level = _level(about["width"])
            mask = np.asarray(root["mask"][:])
            self.names: list[str] = []
            rows = []
            for name in names:
                subject = root["subjects"][name]
                if len(subject.attrs["modalities"]) == 4:  # one that lacks a map cannot be compared
                    rows.append(np.asarray(subject[str(level)][:], np.float32) * steps)
                    self.names.append(name)
        except Exception as error:  # zarr lets through whatever its parsers raise
            said = f"{folder} cannot be read as a training store ({error})."
            raise GantlitzError(said, "Choose a store.", "bad-store") from error
        if len(rows) < 3:
            raise GantlitzError(f"{folder} has {len(rows)} whole subjects.", "Choose the store of the training.", "bad-store")
        maps = np.stack(rows)
        self.height, self.width = maps.shape[2:]
        self._mean = maps.mean(0)
        deviation = maps.std(0)
        # Whole texels of the face: at its edge a subject is mixed with what is outside. Those that hardly vary count for little.
        self._there = mask.reshape(self.height, 1 << level, self.width, 1 << level).min((1, 3)) == 255
        floor = deviation[:, self._there].mean(1)[:, None, None] * 0.25
        self._scale = np.maximum(deviation, np.maximum(floor, 1e-6))
        self._vectors = np.stack([self._vector(row) for row in maps])
        self.usual = float(np.median(nearest_others(self._vectors)))

    def distance(self, maps: MapSet) -> float:
        """Of a face, whose maps have that size, to the nearest subject."""
        stacked = maps.stacked().transpose(2, 0, 1)
        face = stacked[[0, 1, 2, 3, 4, 6, 7]]  # the normal's z follows from x and y
        return float(nearest(self._vector(face)[None], self._vectors)[0])

    def _vector(self, maps: np.ndarray) -> np.ndarray:
        values = ((maps - self._mean) / self._scale)[:, self._there]
        out: np.ndarray = values.ravel() / np.sqrt(values.size)
        return out


def _level(width: int) -> int:
    """The coarsest level of a store that is LEAST_WIDTH texels wide or more."""
    level = 0
    while width % 2 == 0 and width // 2 >= LEAST_WIDTH:
        width, level = width // 2, level + 1
    return level
