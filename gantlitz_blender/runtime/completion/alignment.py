"""A scan in a UV layout of its own, aligned with ours: its maps brought over, and ours brought back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

from .. import layout
from ..errors import GantlitzError
from ..layout import Array
from .checks import check_folds, check_order
from .landmarks import LANDMARKS, Points, read_json, write_json
from .resampling import Maps, Resampling, blended
from .warp import Warp, grid_points, nodes, thin_plate

ALIGNMENT_VERSION = 1
SHIFT_ROWS, SHIFT_COLUMNS = 33, 49  # of a refinement: one node every 128 texels of the canvas
SHIFT_UNIT = 0.05  # canvas texels: what one step of a stored shift is
FEATHER = 96.0  # canvas texels over which a face that is brought back fades into the scan


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where each place of our layout lies in a scan.

    points: what was clicked. shifts: (33, 49, 2) int16 or None, what a refinement adds: how far to the right and down of
    its place in our layout each texel looks, in 0.05 canvas texels, on a grid from border to border.

    Raises GantlitzError (``bad-points``) for points that no face can have, or whose warp folds.
    """

    points: Points
    shifts: NDArray[np.int16] | None = None

    def __post_init__(self) -> None:
        check_order(self.points)
        check_folds(self.warp, self.points)

    @cached_property
    def warp(self) -> Warp:
        """From our layout to the scan."""
        names = list(self.points.points)
        ours = np.array([LANDMARKS[n].uv for n in names])
        theirs = np.array([self.points.points[n] for n in names]) / self.points.image
        clicked = thin_plate(ours, theirs, (layout.WIDTH, layout.HEIGHT), self.points.image)
        if self.shifts is None:
            return clicked
        du, dv = shifts_at(self.shifts, nodes(), nodes())
        places = grid_points()
        s, t = clicked(places[:, 0] + du.ravel(), places[:, 1] + dv.ravel())
        return Warp(s.reshape(du.shape), t.reshape(du.shape), clicked.target, clicked.source)

    @cached_property
    def inverse(self) -> Warp:
        """From the scan to our layout; good where the face is."""
        return self.warp.inverse()

    @cached_property
    def scale(self) -> float:
        """Texels of the picture that was clicked a canvas texel, on the average of the face; slopes are measured by it.

        A scan does not say how large its texels are, and they differ from place to place: over the whole face its skin
        is taken to be as large as ours.
        """
        u, v = layout.uv_grid(384, 256)
        area = np.abs(self.warp.determinant(u[0].astype(float), v[:, 0].astype(float)))
        return float(np.sqrt(area[layout.mask(384, 256) > 0].mean()))

    @property
    def across_mm(self) -> float:
        """How wide the picture that was clicked is on the skin, by ``scale``; what ``read_scan`` compares relief by."""
        return self.points.image[0] / (self.scale * layout.TEXELS_PER_MM)

    def to_layout(self, maps: Maps, width: int, height: int) -> dict[str, Array]:
        """The scan's maps in our layout, (height, width), soft at the mask's edge, neutral outside and where the scan ends.

        maps: any of albedo, normal, specular, displacement as a MapSet has them, each of its own size but of the aspect
        ratio of the picture that was clicked. Millimetres stay; slopes become those of the resampled displacement.
        """
        self._check_shapes(maps)
        mask = layout.mask(width, height)
        look = Resampling(self.warp, (width, height), mask > 0)
        weight = mask * look.where
        return {name: blended(name, look.map(name, source, self.scale), None, weight) for name, source in maps.items()}

    def known(self, width: int, height: int) -> Array:
        """Where ``to_layout`` brings skin, (height, width): the layout's mask, 0 where the scan's picture has ended."""
        mask = layout.mask(width, height)
        return mask * Resampling(self.warp, (width, height), mask > 0).where

    def to_scan(self, maps: Maps, width: int, height: int, scan: Maps | None = None, feather: float = FEATHER) -> dict[str, Array]:
        """Maps of our layout in the scan's, (height, width): the face fades over ``feather`` canvas texels into the scan.

        scan: the scan's own maps at that size, for what lies outside the face; those it has not are neutral there.
        """
        look = Resampling(self.inverse, (width, height))
        t = np.clip((look.plane(_depth()) - np.float32(layout.MASK_EDGE)) / np.float32(feather), 0, 1)
        weight = t * t * (3 - 2 * t)
        look.where &= weight > 0
        out = {}
        for name, source in maps.items():
            own = (scan or {}).get(name)
            if own is not None and own.shape[:2] != (height, width):
                raise GantlitzError(
                    f"The scan's {name} is {own.shape[1]} x {own.shape[0]}, not {width} x {height}.", "Resize it first.", "bad-maps"
                )
            out[name] = blended(name, look.map(name, source, 1 / self.scale), own, weight)
        return out

    def _check_shapes(self, maps: Maps) -> None:
        width, height = self.points.image
        for name, array in maps.items():
            if abs(array.shape[1] * height / (array.shape[0] * width) - 1) > 0.01:
                raise GantlitzError(
                    f"The {name} map is {array.shape[1]} x {array.shape[0]}, of another shape than the picture of "
                    f"{width} x {height} in which the points were clicked.",
                    "Export all maps of a scan with one UV layout.",
                    "bad-maps",
                )

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write it as JSON. Raises GantlitzError (``write-failed``)."""
        shifts = None if self.shifts is None else self.shifts.tolist()
        write_json(Path(path), {"version": ALIGNMENT_VERSION, "points": self.points.to_dict(), "shifts": shifts})

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Alignment:
        """Read what write() wrote; it maps every texel to the same place again.

        Raises GantlitzError: ``file-unreadable``, ``bad-points``, or ``bad-alignment`` for any other content.
        """
        data = read_json(Path(path))
        if not isinstance(data, dict) or data.get("version") != ALIGNMENT_VERSION:
            raise GantlitzError(f"{path} is no alignment of this version.", "Align the scan again.", "bad-alignment")
        shifts = data.get("shifts")
        if shifts is not None:
            try:
                shifts = np.array(shifts, np.int16)
            except (ValueError, TypeError, OverflowError) as error:
                raise GantlitzError(f"{path} holds shifts that are no numbers.", "Align again.", "bad-alignment") from error
            if shifts.shape != (SHIFT_ROWS, SHIFT_COLUMNS, 2):
                raise GantlitzError(f"{path} holds shifts of another size.", "Align the scan again.", "bad-alignment")
        return cls(Points.from_dict(data.get("points")), shifts)


def _depth() -> Array:
    """How deep within the face each place of our layout lies, (1024, 1536) in canvas texels; its neck ends with the canvas."""
    u, v = layout.uv_grid(1536, 1024)
    return np.minimum(layout.inside(u, v), (1 - v) * np.float32(layout.HEIGHT))


def shifts_at(shifts: NDArray[np.int16], u: NDArray[np.float64], v: NDArray[np.float64]) -> tuple[Array, Array]:
    """(du, dv) of the layout on the grid of u (columns) and v (rows); beyond the picture what they are at its border."""
    rows, columns = np.linspace(0, 1, SHIFT_ROWS), np.linspace(0, 1, SHIFT_COLUMNS)
    planes = (RectBivariateSpline(rows, columns, shifts[..., i] * SHIFT_UNIT)(v, u) for i in range(2))
    return next(planes) / layout.WIDTH, next(planes) / layout.HEIGHT
