"""Whether clicked points can be those of a face: none exchanged, and no fold in the warp they make."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from scipy.spatial import Delaunay

from .. import layout
from ..errors import GantlitzError
from .landmarks import LANDMARKS, Points
from .warp import Floats, Warp

LEAST_ALTITUDE = 0.2  # of its longest side: a flatter triangle may lie the other way round in another layout
CLEAR_FLIP = 0.1  # of the area a triangle should have: less is a click that is a little off


def check_order(points: Points) -> None:
    """Every triangle of neighbouring points must lie the same way round as in the layout, or every one the other way.

    Raises GantlitzError (``bad-points``) with the names of two points whose exchange mends it, or of those at fault.
    """
    names = list(points.points)
    ours = np.array([LANDMARKS[n].uv for n in names]) * (layout.WIDTH / layout.HEIGHT, 1)
    theirs = np.array([points.points[n] for n in names], float)
    triangles = _triangles(ours)
    flipped = _flipped(ours, theirs, triangles)
    if not flipped.any():
        return
    blamed = Counter(names[i] for t in triangles[flipped] for i in t)
    suspects = sorted(range(len(names)), key=lambda i: -blamed[names[i]])
    for a, b in itertools.combinations(suspects, 2):
        if blamed[names[a]] and blamed[names[b]]:
            swapped = theirs.copy()
            swapped[[a, b]] = theirs[[b, a]]
            if not _flipped(ours, swapped, triangles).any():
                raise GantlitzError(
                    f"The points {names[a]} and {names[b]} are exchanged.", "Click them the other way round.", "bad-points"
                )
    worst = [name for name, _ in blamed.most_common(3)]
    raise GantlitzError(
        f"The points {', '.join(worst)} do not lie as they do on a face.",
        "Left is the left of the upright picture; look at each of them again.",
        "bad-points",
    )


def _triangles(places: Floats) -> np.ndarray:
    triangles = Delaunay(places).simplices
    corners = places[triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, 1), axis=2).max(1)
    return triangles[np.abs(_doubled_area(corners)) > LEAST_ALTITUDE * longest**2]


def _doubled_area(corners: Floats) -> Floats:
    (ax, ay), (bx, by) = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    return ax * by - ay * bx


def _flipped(ours: Floats, theirs: Floats, triangles: np.ndarray) -> np.ndarray:
    """Of each triangle, whether it clearly lies the other way round than most of the area does."""
    before, after = _doubled_area(ours[triangles]), _doubled_area(theirs[triangles])
    ratio = after * np.sign(before)
    ratio *= np.sign(ratio.sum()) or 1
    return ratio < -CLEAR_FLIP * np.abs(after).sum() / np.abs(before).sum() * np.abs(before)


def check_folds(warp: Warp, points: Points) -> None:
    """Raises GantlitzError (``bad-points``) where the warp folds within the face, with the points nearest to the fold."""
    u, v = layout.uv_grid(384, 256)
    face = layout.mask(384, 256) > 0
    area = warp.determinant(u[0].astype(float), v[:, 0].astype(float))
    area *= np.sign(np.median(area[face]))
    if (area[face] > 0).all():
        return
    row, column = np.unravel_index(np.argmin(np.where(face, area, np.inf)), face.shape)
    aspect = layout.WIDTH / layout.HEIGHT
    worst = np.array([u[0, column] * aspect, v[row, 0]])
    names = sorted(points.points, key=lambda n: float(np.hypot(*(np.array(LANDMARKS[n].uv) * (aspect, 1) - worst))))
    raise GantlitzError(
        f"The alignment folds over near {names[0]} and {names[1]}.", "Click these two again, or leave out one.", "bad-points"
    )
