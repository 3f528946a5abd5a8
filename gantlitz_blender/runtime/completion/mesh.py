"""A scan's mesh: from a place in its UV layout to the place in space, and back from the place that is nearest.

An OBJ is read here and not by a library: of the whole format a scan needs three kinds of lines, and libraries that make
meshes for drawing split or weld vertices at the UV seams, which are two things (place and UV) that must be told apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ..errors import Cancelled, GantlitzError
from .warp import Floats

Indices = NDArray[np.int64]
NEAR = 12  # triangles among which the nearest one is looked for: those that own the nearest samples
BESIDE = 0.01  # of the picture: a click this far beside all triangles means the nearest one
LINES_AT_ONCE = 1 << 14  # of a file, between two questions whether to go on


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
        left, top = self.uv_corners.min(1).T - BESIDE
        right, bottom = self.uv_corners.max(1).T + BESIDE
        for i, (u, v) in enumerate(uvs):
            near = np.flatnonzero((left <= u) & (u <= right) & (top <= v) & (v <= bottom))  # _closest of all takes seconds
            if not near.size:
                continue
            places, weights = _closest(np.broadcast_to((u, v), (len(near), 2)), self.uv_corners[near])
            apart = np.linalg.norm(places - (u, v), axis=1)
            nearest = int(np.argmin(apart))
            if apart[nearest] < BESIDE:
                found[i], out[i] = near[nearest], weights[nearest] @ self.corners[near[nearest]]
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


def read_mesh(path: Path, cancelled: Callable[[], bool] | None = None) -> Mesh:
    """Read the places, UVs and faces of an OBJ; polygons become fans of triangles, what lies off the first UV tile is left out.

    cancelled: asked often on the way. Raises Cancelled, and GantlitzError: ``file-unreadable``, or ``bad-mesh`` for a file
    without faces that have UVs, and for broken ones.
    """
    vertices, uvs, faces, counts = _lines(path, cancelled)
    if not faces or not vertices:
        raise _bad(f"{path} holds no faces, so it is no OBJ of a scan.")
    try:
        places = _table(vertices, 3)
        coordinates = _table(uvs, 2) if uvs else np.empty((0, 2))
        stop_if(cancelled)
        lengths = np.array([len(face.split()) for face in faces])
        stop_if(cancelled)
        corners = _table(" ".join(faces).split(), 2, "/")
        stop_if(cancelled)
        numbers = corners.astype(np.int64)
        if (numbers != corners).any():
            raise ValueError("a face's corner is no whole number")
    except ValueError:
        raise _bad(f"{path} has damaged lines, or faces without UVs.") from None
    # OBJ counts from 1, or backwards from what has been given so far.
    numbers += np.where(numbers < 0, np.repeat(counts, lengths, 0), -1)
    if numbers.min() < 0 or (numbers >= (len(places), len(coordinates))).any() or lengths.max() < 3:
        raise _bad(f"{path} has faces of vertices or UVs that are not in it.")
    if not (np.isfinite(places).all() and np.isfinite(coordinates).all()):
        raise _bad(f"{path} has coordinates that are no numbers.")
    triangles, uv_triangles = numbers[_fans(lengths)].transpose(2, 0, 1)
    coordinates[:, 1] = 1 - coordinates[:, 1]
    middles = coordinates[uv_triangles].mean(1)
    here = ((middles >= 0) & (middles <= 1)).all(1)
    if not here.any():
        raise _bad(f"{path} has no UVs in the first tile.")
    return Mesh(places, coordinates, triangles[here], uv_triangles[here])


def _lines(path: Path, cancelled: Callable[[], bool] | None) -> tuple[list[str], list[str], list[str], list[tuple[int, int]]]:
    """What follows v, vt and f on their lines, and how many v and vt there were before each f."""
    vertices: list[str] = []
    uvs: list[str] = []
    faces: list[str] = []
    counts = []
    wanted = {"v": vertices, "vt": uvs, "f": faces}
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for i, line in enumerate(file):
                if i % LINES_AT_ONCE == 0:
                    stop_if(cancelled)
                kind, *rest = line.split(None, 1) or ("",)
                if rest and kind in wanted:
                    wanted[kind].append(rest[0])
                    if kind == "f":
                        counts.append((len(vertices), len(uvs)))
    except OSError as error:
        raise GantlitzError(f"{path} cannot be read: {error.strerror or error}.", "Export it again.", "file-unreadable") from error
    return vertices, uvs, faces, counts


def _table(lines: list[str], columns: int, delimiter: str | None = None) -> Floats:
    """(N, columns): the first numbers of each line. Raises ValueError where there are fewer, or others."""
    return np.loadtxt(lines, float, comments=None, delimiter=delimiter, usecols=range(columns), ndmin=2, encoding="utf-8")


def _fans(lengths: Indices) -> Indices:
    """(F, 3) numbers of corners: the triangles of polygons that have so many corners each and follow each other."""
    parts = np.maximum(lengths - 2, 0)
    first = np.repeat(np.cumsum(lengths) - lengths, parts)
    step = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    return np.stack([first, first + step + 1, first + step + 2], 1)


def stop_if(cancelled: Callable[[], bool] | None) -> None:
    """Raise Cancelled where that is asked for."""
    if cancelled and cancelled():
        raise Cancelled


def _bad(sentence: str) -> GantlitzError:
    return GantlitzError(sentence, "Export the mesh as OBJ with its UVs.", "bad-mesh")
