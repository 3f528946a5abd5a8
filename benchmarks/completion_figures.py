"""What completions are judged by, and what photo tools make of an albedo, which they must beat."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.slopes import normals_of_displacement
from trainer.figures import correlation

DETAIL = 64.0  # canvas texels (3.5 mm): detail is what a Gaussian blur of this sigma takes away
FIGURES = ("normal degrees", "specular error", "displacement detail", "n_x detail", "n_y detail", "specular detail")
OF = dict(zip(FIGURES, ("normal", "specular", "displacement", "normal", "normal", "specular"), strict=True))
FILTERS = (2.0, 4.0, 8.0, 16.0)  # texels
GAINS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # mm from black to white
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


def detail(plane: Array, sigma: float) -> Array:
    """A plane less its Gaussian blur."""
    return plane - cv2.GaussianBlur(plane, (0, 0), sigma)


def well_inside(known: Array) -> NDArray[np.bool_]:
    """Where a mask (H, W) is whole for 4 texels around."""
    return np.asarray(cv2.erode((known > 0.99).astype(np.uint8), np.ones((9, 9), np.uint8), borderValue=[0.0]) > 0)


def degrees(found: Array, truth: Array, inside: Array) -> float:
    """Mean angle between normals (H, W, 3)."""
    cosine = np.einsum("hwc,hwc->hw", found, truth)[inside].clip(-1, 1)
    return float(np.degrees(np.arccos(cosine)).mean())


def errors(found: MapSet, truth: MapSet, inside: Array) -> dict[str, float]:
    """FIGURES of maps beside the truth: mean angle between normals, mean error of specular, correlations of detail."""
    planes = [(m.displacement, m.normal[..., 0], m.normal[..., 1], m.specular) for m in (found, truth)]
    sigma = DETAIL * truth.width / layout.WIDTH
    alike = [
        correlation(*(detail(np.ascontiguousarray(p), sigma)[inside] for p in pair)) if a.std() > 0 else 0.0
        for pair in zip(*planes, strict=True)
        for a in pair[:1]
    ]
    specular = float(np.abs(found.specular - truth.specular)[inside].mean())
    return dict(zip(FIGURES, (degrees(found.normal, truth.normal, inside), specular, *alike), strict=True))


def photo_tools(albedo: Array, specular: Array) -> Iterator[tuple[float, float, MapSet]]:
    """(filter, gain, maps): luminance without its broad shapes for height, and its normals, in every setting."""
    luminance = albedo @ LUMINANCE
    for sigma in FILTERS:
        fine = detail(luminance, sigma)
        for gain in GAINS:
            height = fine * np.float32(gain)
            normal = normals_of_displacement(height, layout.texel_mm(albedo.shape[1]))
            yield sigma, gain, MapSet(albedo, normal, specular, height)


def flat(albedo: Array) -> MapSet:
    """No relief at all."""
    plane = np.zeros(albedo.shape[:2], np.float32)
    return MapSet(albedo, np.stack([plane, plane, plane + 1], axis=2), plane + np.float32(0.5), plane)


def table(rows: dict[str, dict[str, float]], first: str, missing: str = "") -> str:
    """Markdown: one row a name, one column a figure."""
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    lines = [f"| {first} | " + " | ".join(columns) + " |", "|---" * (1 + len(columns)) + "|"]
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(f"{row[key]:.3f}" if key in row else missing for key in columns) + " |")
    return "\n".join(lines)
