"""A scan's mesh: from a place in its UV layout to the place in space, and back from the place that is nearest.

An OBJ is read here and not by a library: of the whole format a scan needs three kinds of lines, and libraries that make
meshes for drawing split or weld vertices at the UV seams, which are two things (place and UV) that must be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ..errors import GantlitzError
from .warp import Floats

Indices = NDArray[np.int64]
NEAR = 12  # triangles among which the nearest one is looked for: those that own the nearest samples
BESIDE = 0.01  # of the picture: a click this far beside all triangles means the nearest one


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in space and in UV. vertices: (V, 3) in any unit. uvs: (T, 2) relative, v from the top. triangles,
    uv_triangles: (F, 3), indices into the two."""

    vertices: Floats
    uvs: Floats
    triangles: Indices
    uv_triangles: Indices

    @cached_property
    def corners(self) -> Floats:
        """(F, 3, 3): the places of each triangle's corners."""
        return self.vertices[self.triangles]

    @cached_property
    def uv_corners(self) -> Floats:
        """(F, 3, 2): their UVs."""
        return self.uvs[self.uv_triangles]

    @cached_property
    def normals(self) -> Floats:
        """(V, 3), of any length: at each vertex the mean of its triangles' normals by their area; corners turn anticlockwise."""
        a, b, c = self.corners.transpose(1, 0, 2)
        out = np.zeros_like(self.vertices)
        for corner in range(3):
            np.add.at(out, self.triangles[:, corner], np.cross(b - a, c - a))
        return out

    def places(self, uvs: Floats) -> tuple[Floats, Indices]:
        """(N, 3) places in space of (N, 2) UVs, and the triangles they lie in, -1 where there is no skin near."""
        out, found = np.full((len(uvs), 3), np.nan), np.full(len(uvs), -1)
        for i, uv in enumerate(uvs):
            places, weights = _closest(np.broadcast_to(uv, (len(self.uv_corners), 2)), self.uv_corners)
            apart = np.linalg.norm(places - uv, axis=1)
            nearest = int(np.argmin(apart))
            if apart[nearest] < BESIDE:
                found[i], out[i] = nearest, weights[nearest] @ self.corners[nearest]
        return out, found

    def nearest(self, places: Floats) -> tuple[Floats, Floats, Floats]:
        """Of the place on the surface that is nearest to each of (N, 3): its UV (N, 2), the place itself and its normal (N, 3)."""
        tree, owners = self._samples
        count = min(NEAR, len(owners))
        _, near = tree.query(places, range(1, count + 1))
        triangles = owners[near]
        on_each, weights = _closest(np.repeat(places, count, 0), self.corners[triangles.ravel()])
        apart = np.linalg.norm(on_each.reshape(-1, count, 3) - places[:, None], axis=2)
        best = np.arange(len(places)), np.argmin(apart, 1)
        chosen = triangles[best]
        weights = weights.reshape(-1, count, 3)[best]
        uvs, on, normals = (
            np.einsum("nk,nkc->nc", weights, each)
            for each in (self.uv_corners[chosen], self.corners[chosen], self.normals[self.triangles[chosen]])
        )
        return uvs, on, normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)

    @cached_property
    def _samples(self) -> tuple[cKDTree, Indices]:
        """Places all over the surface, and the triangle of each: closer than the usual triangle is wide, more on larger ones."""
        edges = np.linalg.norm(self.corners - np.roll(self.corners, 1, 1), axis=2).max(1)
        parts = np.clip(np.ceil(2 * edges / max(float(np.median(edges)), 1e-30)), 1, 12).astype(int)
        places, owners = [], []
        for n in np.unique(parts):
            some = np.flatnonzero(parts == n)
            i, j = (k.ravel() for k in np.meshgrid(np.arange(n), np.arange(n)))
            inside = i + j < n
            weights = np.stack([i[inside] + 1 / 3, j[inside] + 1 / 3, n - i[inside] - j[inside] - 2 / 3], 1) / n
            places.append(np.einsum("sk,fkc->fsc", weights, self.corners[some]).reshape(-1, 3))
            owners.append(np.repeat(some, len(weights)))
        return cKDTree(np.concatenate(places)), np.concatenate(owners)

    def part_of(self, triangles: Indices) -> Mesh:
        """The connected part in which most of some triangles lie: the skin, without eyes, teeth and lashes."""
        _, welded = np.unique(self.vertices, axis=0, return_inverse=True)
        joined = welded.reshape(-1)[self.triangles]
        first, second = np.concatenate([joined[:, 0], joined[:, 1]]), np.concatenate([joined[:, 1], joined[:, 2]])
        size = int(joined.max()) + 1
        graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(size, size))
        part = connected_components(graph, directed=False)[1][joined[:, 0]]
        here = part == np.bincount(part[triangles]).argmax()
        return replace(self, triangles=self.triangles[here], uv_triangles=self.uv_triangles[here])


def _closest(points: Floats, corners: Floats) -> tuple[Floats, Floats]:
    """(N, D) the place of each triangle (N, 3, D) that is nearest to each point, and its weights of the corners (N, 3).

    The nearest place of the plane, or else of the three edges.
    """
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac, ap = b - a, c - a, points - a

    def dot(x: Floats, y: Floats) -> Floats:
        return np.einsum("nd,nd->n", x, y)

    aa, bb, cross, pa, pb = dot(ab, ab), dot(ac, ac), dot(ab, ac), dot(ap, ab), dot(ap, ac)
    area = np.maximum(aa * bb - cross * cross, 1e-300)
    v, w = (bb * pa - cross * pb) / area, (aa * pb - cross * pa) / area
    weights = np.stack([1 - v - w, v, w], 1)
    best = np.where((weights >= 0).all(1), 0.0, np.inf)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        edge = corners[:, j] - corners[:, i]
        along = np.clip(dot(points - corners[:, i], edge) / np.maximum(dot(edge, edge), 1e-300), 0, 1)
        apart = np.linalg.norm(points - corners[:, i] - along[:, None] * edge, axis=1)
        nearer = apart < best
        best = np.where(nearer, apart, best)
        other = np.zeros_like(weights)
        other[:, i], other[:, j] = 1 - along, along
        weights = np.where(nearer[:, None], other, weights)
    return np.einsum("nk,nkd->nd", weights, corners), weights


def read_mesh(path: Path) -> Mesh:
    """Read the places, UVs and faces of an OBJ; polygons become fans of triangles, what lies off the first UV tile is left out.

    Raises GantlitzError: ``file-unreadable``, or ``bad-mesh`` for a file without faces that have UVs, and for broken ones.
    """
    vertices: list[list[str]] = []
    uvs: list[list[str]] = []
    faces: list[list[str]] = []
    wanted = {"v": vertices, "vt": uvs, "f": faces}
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                words = line.split()
                if words and words[0] in wanted:
                    wanted[words[0]].append(words[1:])
    except OSError as error:
        raise GantlitzError(f"{path} cannot be read: {error.strerror or error}.", "Export it again.", "file-unreadable") from error
    if not faces or not vertices:
        raise _bad(path, "holds no faces, so it is no OBJ of a scan")
    try:
        places = np.array([words[:3] for words in vertices], float).reshape(-1, 3)
        coordinates = np.array([words[:2] for words in uvs], float).reshape(-1, 2)
        corners = [[corner.split("/") for corner in face] for face in faces]
        fans = [(face[0], one, other) for face in corners for one, other in pairwise(face[1:])]
        triangles = np.array([[corner[0] for corner in fan] for fan in fans], np.int64)
        uv_triangles = np.array([[corner[1] for corner in fan] for fan in fans], np.int64)
    except (IndexError, ValueError):
        raise _bad(path, "has damaged lines, or faces without UVs") from None
    triangles, uv_triangles = triangles - 1, uv_triangles - 1  # OBJ counts from 1
    ends = ((triangles, len(places)), (uv_triangles, len(coordinates)))
    if not fans or any(indices.min() < 0 or indices.max() >= count for indices, count in ends):
        raise _bad(path, "has faces of vertices or UVs that are not in it, or that are counted backwards")
    if not (np.isfinite(places).all() and np.isfinite(coordinates).all()):
        raise _bad(path, "has coordinates that are no numbers")
    coordinates[:, 1] = 1 - coordinates[:, 1]
    middles = coordinates[uv_triangles].mean(1)
    here = ((middles >= 0) & (middles <= 1)).all(1)
    if not here.any():
        raise _bad(path, "has no UVs in the first tile")
    return Mesh(places, coordinates, triangles[here], uv_triangles[here])


def _bad(path: Path, what: str) -> GantlitzError:
    return GantlitzError(f"{path} {what}.", "Export the mesh as OBJ with its UVs.", "bad-mesh")
