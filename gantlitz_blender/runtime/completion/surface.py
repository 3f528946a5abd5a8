"""An alignment led through two surfaces: that of our head, and the mesh of the scan.

Between the points that were clicked, a thin plate in the layout knows nothing of how the two layouts stretch the skin. In space it
can be known: our head is laid on the scan's by its points (a similarity, then the smoothest bend of space through them), and each
place of it goes to the nearest place of the scan's surface, and so to a place of its layout. The nearest place is not the right
one everywhere: beside the lids and nostrils, in the ear, behind a seam of the scan's layout. So what the surfaces say is heard
only where their normals agree and it is not far from what the points say; a stiff plate is fitted to it, and the points hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.interpolate import RBFInterpolator

from .. import layout
from ..errors import GantlitzError
from ..head.shape import face_positions
from .alignment import SHIFT_COLUMNS, SHIFT_ROWS, SHIFT_UNIT, Alignment
from .landmarks import LANDMARKS
from .mesh import Mesh, stop_if
from .warp import Floats

ROWS, COLUMNS = 28, 42  # of the places of our head that are looked for
WITHIN = 60.0  # canvas texels: how far inside the outline they lie
BEND = 1e-4  # smoothing of the bend in space, of the head's size
FACING = 0.7  # least cosine between the normals
FARTHEST = 0.03  # of the layout's width: what is shifted by more was found on another island, or on the wrong side of a fold
LEAST_HEARD = 0.5  # of the places: with less, mesh and points do not belong together
DISAGREEMENT = 0.006  # of the width: a place this far from its neighbours' has half its say
ROUNDS = 4
STIFFNESS, HOLD = 1e-2, 1e-6  # smoothing of the plate at places of the surface, and at the points
GENTLER = (1.0, 0.5, 0.25)  # shares of the shifts that are tried until nothing folds
ASPECT = layout.WIDTH / layout.HEIGHT


@dataclass(frozen=True, eq=False)
class SurfaceAlignment:
    """alignment: led through the surfaces, or as it was given where that cannot be. heard: the share of places that had a say.
    share: of the shifts that are in it, 0 where it is as given."""

    alignment: Alignment
    heard: float
    share: float


def through_mesh(alignment: Alignment, mesh: Mesh, cancelled: Callable[[], bool] | None = None) -> SurfaceAlignment:
    """Lead an alignment by points through the scan's mesh; what it says beyond the points is in its ``shifts``.

    cancelled: asked between the steps. Raises Cancelled, and GantlitzError (``bad-points``) for points that lie beside the
    mesh's UVs, with their names.
    """
    stop_if(cancelled)
    names = list(alignment.points.points)
    ours = np.array([LANDMARKS[name].uv for name in names])
    clicked = np.array([alignment.points.points[name] for name in names]) / alignment.points.image
    theirs, triangles = mesh.places(clicked)
    if missed := [name for name, triangle in zip(names, triangles, strict=True) if triangle < 0]:
        raise GantlitzError(
            f"The points {', '.join(missed)} lie beside the mesh's UVs.",
            "Give the mesh that the picture was made for, or click them again.",
            "bad-points",
        )
    stop_if(cancelled)
    skin = mesh.part_of(triangles)
    stop_if(cancelled)
    places, shifts, heard = _shifts(alignment, skin, ours, theirs)
    if heard.mean() < LEAST_HEARD:
        return SurfaceAlignment(alignment, float(heard.mean()), 0.0)
    stop_if(cancelled)
    field = _fitted(ours, places[heard], shifts[heard])
    for share in GENTLER:
        try:
            led = replace(alignment, shifts=np.round(field * share / SHIFT_UNIT).astype(np.int16))
        except GantlitzError:  # it folds
            continue
        return SurfaceAlignment(led, float(heard.mean()), share)
    return SurfaceAlignment(alignment, float(heard.mean()), 0.0)


def _shifts(alignment: Alignment, skin: Mesh, ours: Floats, theirs: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """Places of our layout (N, 2), how far from each the surfaces put what the points put there, and whether that is heard."""
    head = face_positions(ours[:, 0], ours[:, 1])
    onto = _similarity(head, theirs)
    laid = onto(head)
    size = float(np.linalg.norm(laid - laid.mean(0), axis=1).mean())
    bend = RBFInterpolator(laid, theirs - laid, kernel="linear", smoothing=BEND * size, degree=1)
    places, surface, ahead = _our_surface()
    here, towards = onto(surface), onto(surface + ahead)
    normals = (towards - here) / np.linalg.norm(towards - here, axis=1, keepdims=True)
    uvs, _, facing = skin.nearest(here + bend(here))
    cosine = np.einsum("nd,nd->n", normals, facing)
    cosine *= np.sign(np.median(cosine))  # faces may be wound either way
    u, v = alignment.inverse(uvs[:, 0], uvs[:, 1])
    shifts = np.stack([u, v], 1) - places
    near = np.hypot(shifts[:, 0], shifts[:, 1] / ASPECT) < FARTHEST
    return places, shifts, near & (cosine > FACING)


@cache
def _our_surface() -> tuple[Floats, Floats, Floats]:
    """Places all over our layout (N, 2), those of our head (N, 3) and its normals (N, 3), metres."""
    u, v = layout.uv_grid(COLUMNS, ROWS)
    inside = layout.inside(u, v) > WITHIN
    u, v = (np.broadcast_to(x, inside.shape)[inside].astype(float) for x in (u, v))
    across = face_positions(u + 1e-3, v) - face_positions(u - 1e-3, v)
    down = face_positions(u, v + 1e-3) - face_positions(u, v - 1e-3)
    normal = np.cross(down, across)
    return np.stack([u, v], 1), face_positions(u, v), normal / (1e3 * np.linalg.norm(normal, axis=1, keepdims=True))


def _similarity(source: Floats, target: Floats) -> Callable[[Floats], Floats]:
    """The turn, reflection, scale and shift that brings (N, 3) points closest to others (Umeyama 1991): a function of (M, 3)."""
    middle, aim = source.mean(0), target.mean(0)
    left, strength, right = np.linalg.svd((target - aim).T @ (source - middle))
    turn = left @ right * strength.sum() / ((source - middle) ** 2).sum()
    return lambda places: (places - middle) @ turn.T + aim


def _fitted(ours: Floats, places: Floats, shifts: Floats) -> Floats:
    """(33, 49, 2) canvas texels: a plate that is stiff at places of the surface and 0 at the points.

    Places that their neighbours contradict lose their say.
    """
    at = np.concatenate([ours, places]) * (ASPECT, 1)
    values = np.concatenate([np.zeros_like(ours), shifts])
    doubt = np.ones(len(places))
    for _ in range(ROUNDS):
        smoothing = np.concatenate([np.full(len(ours), HOLD), STIFFNESS * doubt])
        plate = RBFInterpolator(at, values, kernel="thin_plate_spline", smoothing=smoothing, degree=1)
        apart = (plate(places * (ASPECT, 1)) - shifts) * (1, 1 / ASPECT)
        doubt = 1 + np.einsum("nd,nd->n", apart, apart) / DISAGREEMENT**2
    u, v = np.meshgrid(np.linspace(0, ASPECT, SHIFT_COLUMNS), np.linspace(0, 1, SHIFT_ROWS))
    field = plate(np.stack([u.ravel(), v.ravel()], 1)).reshape(SHIFT_ROWS, SHIFT_COLUMNS, 2)
    return field * (layout.WIDTH, layout.HEIGHT)
