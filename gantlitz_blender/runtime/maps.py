"""A face's four registered maps as arrays, with their units and ranges, and their way to and from files.

Importing this needs numpy only; OpenCV and OpenEXR are imported by the methods that need them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .embedded_recipe import read_recipe as read_recipe
from .errors import GantlitzError
from .export_profiles import NODE_WRANGLER, Output
from .recipe import Recipe

STRIP_ROWS = 256  # rows handled at a time where temporaries would otherwise be as large as the maps


@dataclass(frozen=True, eq=False)
class MapSet:
    """Aligned maps of one face, float32, row 0 at the top.

    albedo: (H, W, 3), sRGB-encoded, [0, 1].
    normal: (H, W, 3), unit vectors in tangent space, OpenGL (+Y up).
    specular: (H, W), linear, [0, 1].
    displacement: (H, W), millimetres, signed, 0 = the base surface.

    Raises GantlitzError (``bad-maps``) when an array has another shape or dtype.
    """

    albedo: np.ndarray
    normal: np.ndarray
    specular: np.ndarray
    displacement: np.ndarray
    _stack: np.ndarray | None = field(default=None, init=False, repr=False)  # what the four are views of, if from_stacked was

    def __post_init__(self) -> None:
        if not isinstance(self.specular, np.ndarray) or self.specular.ndim != 2 or 0 in self.specular.shape:
            raise GantlitzError("The specular map must be an array of shape (H, W).", "Pass one channel.", "bad-maps")
        size = self.specular.shape
        shapes = {"albedo": (*size, 3), "normal": (*size, 3), "specular": size, "displacement": size}
        for name, expected in shapes.items():
            array = getattr(self, name)
            if not isinstance(array, np.ndarray) or array.dtype != np.float32 or array.shape != expected:
                found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
                raise GantlitzError(
                    f"The {name} map must be float32 {expected} to match the specular map, not {found}.",
                    "The four maps of a face share one size.",
                    "bad-maps",
                )

    @property
    def width(self) -> int:
        """Texels per row."""
        return int(self.specular.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.specular.shape[0])

    def stacked(self) -> np.ndarray:
        """All maps in one array (H, W, 8), float32: albedo 3, normal 3, specular, displacement. The one they are views of, if
        there is one, otherwise a new one.
        """
        if self._stack is not None:
            return self._stack
        return np.concatenate(
            (self.albedo, self.normal, self.specular[..., None], self.displacement[..., None]), axis=2, dtype=np.float32
        )

    @classmethod
    def from_stacked(cls, stacked: np.ndarray) -> MapSet:
        """The MapSet whose arrays are views of `stacked`, (H, W, 8) float32 as stacked() lays it out."""
        if stacked.ndim != 3 or stacked.shape[2] != 8:
            raise GantlitzError(f"Stacked maps have shape (H, W, 8), not {stacked.shape}.", "", "bad-maps")
        maps = cls(stacked[..., 0:3], stacked[..., 3:6], stacked[..., 6], stacked[..., 7])
        object.__setattr__(maps, "_stack", stacked)  # frozen is for others
        return maps

    def resized(self, width: int, height: int) -> MapSet:
        """The maps area-averaged to a size no larger than their own; normals are made unit vectors again.

        Albedo is averaged as it is encoded, as the model's own coarser levels are.
        Raises GantlitzError (``bad-request``) for a size that is larger or not positive.
        """
        if not (0 < width <= self.width and 0 < height <= self.height):
            raise GantlitzError(
                f"Maps of {self.width} x {self.height} cannot be reduced to {width} x {height}.",
                f"Ask for a size from 1 x 1 to {self.width} x {self.height}.",
            )
        if (width, height) == (self.width, self.height):
            return self
        import cv2

        albedo, normal, specular, displacement = (
            cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA)
            for array in (self.albedo, self.normal, self.specular, self.displacement)
        )
        normalise(normal)
        return MapSet(albedo, normal, specular, displacement)

    def write(
        self,
        folder: str | os.PathLike[str],
        name: str,
        recipe: Recipe,
        *,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        output: Output | None = None,
    ) -> dict[str, Path]:
        """Write the four maps and the recipe into `folder` (made if need be) and return their paths.

        ``<name>_albedo.png`` 8-bit sRGB; ``<name>_normal.png`` 16-bit RGB, 0.5 + 0.5 n; ``<name>_specular.png`` 16-bit
        grey; ``<name>_displacement.exr`` 32-bit float, channel Y, millimetres; ``<name>_recipe.json``. The keys of the
        answer are albedo, normal, specular, displacement and recipe. The recipe is inside each map as well. Files of
        these names are replaced, and only when all new ones are whole; after a failure nothing is left behind.

        output: other names, formats and conventions than these.
        progress(fraction) is called from this thread, cancelled() about ten times a second.
        Raises Cancelled, or GantlitzError: ``bad-request`` (the name), ``folder-unwritable``, ``disk-full``,
        ``write-failed``, ``not-finite`` (a map holds NaN or infinity).
        """
        from . import map_files

        maps = {kind: getattr(self, kind) for kind in ("albedo", "normal", "specular", "displacement")}
        return map_files.write(maps, Path(folder), name, recipe, progress, cancelled, output=output or NODE_WRANGLER)

    @classmethod
    def read(cls, folder: str | os.PathLike[str], name: str) -> MapSet:
        """Read the maps that write() wrote. Displacement comes back bit for bit, the others as finely as quantised.

        Raises GantlitzError: ``file-not-found``, ``file-unreadable``, ``bad-maps`` (the sizes differ, or a file is no
        map of its kind).
        """
        from . import map_files

        return map_files.read(Path(folder), name)


def remove_unfinished(folder: str | os.PathLike[str], name: str, pid: int) -> None:
    """Remove the hidden files that the process `pid`, now dead, had begun in MapSet.write(folder, name); never raises."""
    from . import map_files

    map_files.remove_unfinished(Path(folder), name, pid)


def normalise(normal: np.ndarray) -> None:
    """Make every vector of `normal` (H, W, 3) a unit vector, in place; a zero vector becomes +Z."""
    for top in range(0, normal.shape[0], STRIP_ROWS):
        strip = normal[top : top + STRIP_ROWS]
        length = np.sqrt(np.einsum("hwc,hwc->hw", strip, strip))
        flat = length < 1e-6
        strip /= np.where(flat, 1, length)[..., None].astype(np.float32, copy=False)
        strip[flat] = (0, 0, 1)
