"""The mesh that a portrait shows: as arrays, as a file, and the preview head's. numpy only."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import layout
from ..errors import GantlitzError
from ..head.cap import cap_mesh_arrays
from ..head.eyes import eye_mesh_arrays
from ..head.grid import head_mesh_arrays

Floats = NDArray[np.float32]
# Of what wears no face: linear r, g, b and roughness.
GRID = (176, 132)  # columns and rows of the skin: finer than a thumbnail's pixels, and made in half a second
CLAY = (0.30, 0.30, 0.30, 0.6)
CAP = (0.045, 0.042, 0.040, 0.6)
EYES = np.array([(0.55, 0.50, 0.47, 0.15), (0.09, 0.045, 0.02, 0.12), (0.004, 0.004, 0.004, 0.12)])  # by head.eyes.PARTS


@dataclass(frozen=True, eq=False)
class PortraitMesh:
    """Triangles in space, facing -Y, Z up. All arrays float32 but for `triangles` and `skin`.

    positions: (V, 3) in any unit. triangles: (T, 3) int, indices into them, anticlockwise seen from outside. uvs: (T, 3, 2) of
    the corners, v from the top. normals: (T, 3, 3) unit vectors of the corners. skin: (T,) bool, what wears the face's maps.
    plain: (T, 4), linear r, g, b and roughness of what does not.
    """

    positions: Floats
    triangles: NDArray[np.int64]
    uvs: Floats
    normals: Floats
    skin: NDArray[np.bool_]
    plain: Floats

    def framed(self) -> NDArray[np.bool_]:
        """(T,) bool: what a portrait must show. The skin; of that, where only a part lies in the layout's outline, that part."""
        middles = self.uvs.mean(1).astype(float)
        on_face = self.skin & (layout.inside(middles[:, :1], middles[:, 1:])[:, 0] > 0) & (np.abs(middles - 0.5) <= 0.5).all(1)
        return on_face if on_face.any() else self.skin

    def save(self, path: Path | str) -> None:
        """Write it as an .npz, aside first."""
        path = Path(path)
        aside = path.with_name(f".{path.name}.part")
        with aside.open("wb") as file:
            np.savez(file, **{field.name: getattr(self, field.name) for field in fields(self)})
        os.replace(aside, path)

    @classmethod
    def load(cls, path: Path | str) -> PortraitMesh:
        """What save() wrote. Raises GantlitzError (``bad-mesh``) for a file that is none, or has no skin."""
        try:
            with np.load(path) as file:
                mesh = cls(**{field.name: file[field.name] for field in fields(cls)})
            count = len(mesh.triangles)
            shapes = {"triangles": (3,), "uvs": (3, 2), "normals": (3, 3), "skin": (), "plain": (4,)}
            if any(getattr(mesh, name).shape != (count, *shape) for name, shape in shapes.items()):
                raise ValueError("the arrays do not fit together")
            if count and not 0 <= mesh.triangles.min() <= mesh.triangles.max() < len(mesh.positions):
                raise ValueError("a triangle has a corner that is not there")
            if not all(np.isfinite(getattr(mesh, name)).all() for name in ("positions", "uvs", "normals", "plain")):
                raise ValueError("a coordinate is no number")
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise GantlitzError(
                f"The mesh for the contact sheet cannot be used: {error}.", "Show the seeds on the preview head.", "bad-mesh"
            ) from error
        if not mesh.skin.any():
            raise GantlitzError(
                "The mesh for the contact sheet has no faces that wear a face.", "Show the seeds on the preview head.", "bad-mesh"
            )
        return mesh


def preview_head() -> PortraitMesh:
    """The preview head with its eyes and the cap behind it, metres."""
    vertices, quads, uvs = head_mesh_arrays(*GRID)
    cap, cap_quads = cap_mesh_arrays()
    eyes, eye_quads, eye_parts = eye_mesh_arrays()
    return joined(
        [
            smooth(vertices, _halved(quads), uvs=uvs),
            smooth(cap, _halved(cap_quads), plain=np.array(CAP)),
            smooth(eyes, _halved(eye_quads), plain=np.repeat(EYES[eye_parts], 2, axis=0)),
        ]
    )


def smooth(
    positions: np.ndarray, triangles: np.ndarray, uvs: np.ndarray | None = None, plain: np.ndarray | None = None
) -> PortraitMesh:
    """Smooth-shaded skin, with (V, 2) uvs, or something plain, (4,) or (T, 4)."""
    count = len(triangles)
    normals = _corner_normals(positions, triangles)[triangles]
    colours = np.broadcast_to(np.array(CLAY) if plain is None else plain, (count, 4))
    corners = uvs[triangles] if uvs is not None else np.zeros((count, 3, 2))
    skin = np.full(count, uvs is not None)
    return PortraitMesh(
        positions.astype(np.float32), triangles.astype(np.int64), corners.astype(np.float32), normals.astype(np.float32), skin,
        colours.astype(np.float32),
    )  # fmt: skip


def joined(parts: list[PortraitMesh]) -> PortraitMesh:
    """All of them as one."""
    first = np.cumsum([0, *(len(part.positions) for part in parts)])
    triangles = np.concatenate([part.triangles + start for part, start in zip(parts, first, strict=False)])
    rest = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in ("positions", "uvs", "normals", "skin", "plain")
    }
    return PortraitMesh(triangles=triangles, **rest)


def _halved(quads: np.ndarray) -> np.ndarray:
    """(2 Q, 3): quad by quad."""
    return quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)


def _corner_normals(positions: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(V, 3) unit vectors: the mean of the triangles about each vertex, by area."""
    a, b, c = positions[triangles].transpose(1, 0, 2)
    faces = np.cross(b - a, c - a)
    out = np.stack([np.bincount(triangles.ravel(), np.repeat(faces[:, k], 3), len(positions)) for k in range(3)], -1)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-20)
