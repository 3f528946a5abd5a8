"""Completions side by side: a row for each, its maps in columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.maps import MapSet

from .completion_figures import DETAIL, detail

EXAGGERATED = 4.0  # x and y of normals
SPREAD = 2.5  # standard deviations of the displacement's detail from grey to white
SHOWN = (0.03, 0.05, 0.97, 1.0)  # of the layout: left, top, right, bottom
SPECULAR = 2.0  # brighter than it is
COLUMN = 480  # texels wide
QUALITY = 85


def row(maps: MapSet, inside: NDArray[np.bool_], specular: bool) -> Array:
    """Normal, displacement without its broad shapes and, perhaps, specular: BGR in [0, 1], each displacement to its own range."""
    normal = (maps.normal[..., ::-1] * np.array([1, EXAGGERATED, EXAGGERATED], np.float32)).clip(-1, 1) * 0.5 + 0.5
    height = detail(maps.displacement, 3 * DETAIL * maps.width / layout.WIDTH)
    height = height / max(2 * SPREAD * float(height[inside].std()), 1e-6) + 0.5
    planes = [normal, *(np.repeat(p[..., None], 3, axis=2) for p in ([height, SPECULAR * maps.specular] if specular else [height]))]
    return np.hstack([_column(np.where(inside[..., None], p, 0.5)) for p in planes])


def write(path: Path, albedo: Array, rows: Mapping[str, MapSet], inside: NDArray[np.bool_], specular: bool) -> None:
    """A JPEG: the albedo that was given at the left, then the rows, each under its name."""
    lines = [_named(row(maps, inside, specular), name) for name, maps in rows.items()]
    given = _named(_column(albedo[..., ::-1]), "albedo")
    blank = np.full_like(given, 0.5)
    sheet = np.hstack([np.vstack([given, *[blank] * (len(lines) - 1)]), np.vstack(lines)])
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), (sheet.clip(0, 1) * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def _column(image: Array) -> Array:
    height, width = image.shape[:2]
    left, top, right, bottom = (round(share * n) for share, n in zip(SHOWN, (width, height, width, height), strict=True))
    cut = np.asarray(image[top:bottom, left:right], np.float32)
    size = (COLUMN, round(COLUMN * cut.shape[0] / cut.shape[1]))
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.float32)


def _named(image: Array, name: str) -> Array:
    out = np.ascontiguousarray(image)
    cv2.putText(out, name, (8, out.shape[0] - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (1, 1, 1), 1, cv2.LINE_AA)
    return out
