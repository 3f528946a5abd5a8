"""A mesh seen from the front: of each pixel its UV, its place and tangent frame, and how much light reaches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .mesh import PortraitMesh
from .raster import rasterise

Floats = NDArray[np.float32]
Cancel = Callable[[], bool] | None
OVERSAMPLING = 2  # pixels a side that are averaged into one
DISTANCE = 5.0  # of the camera, in heights of the picture: a long lens
MARGIN = 0.05  # of what must be seen, beside it
CROWN = 0.22  # of it, above: a face's texture ends at the hairline
SHADOW_SIDE = 256  # pixels of a picture of what the light sees
AMBIENT_SIDE = 96
AMBIENT_DIRECTIONS = 20
AMBIENT_TRIANGLES = 400_000  # beyond so many the hollows are not darkened: it would take many seconds
BIAS = 0.012  # of the mesh's framed height: how far behind the foremost a place is still lit


@dataclass(frozen=True, eq=False)
class View:
    """The pixels that show something, N of them, of a square picture of ``side`` pixels, row 0 at the top.

    pixels: (N,) int, row * side + column. uv: (N, 2), v from the top. skin: (N,) bool. plain: (N, 4) of what is none.
    normal, tangent, bitangent: (N, 3) unit vectors: towards the viewer, along u, and up the texture. eye: (N, 3), to the camera.
    lit: (N, L) in [0, 1], how much of each light arrives. open: (N,) in [0, 1], how much of the surroundings a place sees.
    """

    side: int
    pixels: NDArray[np.int64]
    uv: Floats
    normal: Floats
    tangent: Floats
    bitangent: Floats
    eye: Floats
    skin: NDArray[np.bool_]
    plain: Floats
    lit: Floats
    open: Floats


def look_at(mesh: PortraitMesh, width: int, lights: np.ndarray, cancelled: Cancel = None) -> View:
    """The view from the front for a picture of width x width. lights: (L, 3) unit vectors towards the lights.

    Raises Cancelled.
    """
    side = width * OVERSAMPLING
    positions = mesh.positions.astype(np.float32)
    shown = positions[np.unique(mesh.triangles[mesh.framed()])]
    low, high = shown.min(0), shown.max(0)
    high[2] += CROWN * (high[2] - low[2])
    middle, height = (low + high) / 2, float(max((high[0] - low[0]) * (1 + 2 * MARGIN), high[2] - low[2], 1e-9))
    camera = np.array([middle[0], low[1] - DISTANCE * height, middle[2]], np.float32)
    away = np.maximum(positions[:, 1] - camera[1], 1e-3 * height)
    scale = side / height * (middle[1] * 0.35 + low[1] * 0.65 - camera[1])  # life-size a little behind the nose
    x = side / 2 + (positions[:, 0] - camera[0]) / away * scale
    y = side / 2 - (positions[:, 2] - camera[2]) / away * scale
    screen = np.stack([x, y, 1 / away], -1)[mesh.triangles]
    raster = rasterise(screen, (side, side), cancelled)
    pixels = np.flatnonzero(raster.owner.ravel() >= 0)
    owner, weights = raster.owner.ravel()[pixels], raster.weights.reshape(-1, 3)[pixels]
    weights = weights * screen[owner, :, 2]  # from linear on the picture to linear on the triangle
    weights /= weights.sum(1, keepdims=True)

    def at(corners: np.ndarray) -> Floats:
        return np.einsum("nk,nkc->nc", weights, corners).astype(np.float32)

    place = at(positions[mesh.triangles[owner]])
    eye = _unit(camera - place)
    normal = _unit(at(mesh.normals[owner]))
    outside = _facing(positions, mesh.triangles[owner], eye)
    normal *= outside[:, None]
    tangent, bitangent = _frame(positions[mesh.triangles[owner]], mesh.uvs[owner], normal)
    lifted = place + normal * BIAS * height * 0.5
    lit = np.stack([_visible(mesh, positions, lifted, light, SHADOW_SIDE, height, cancelled) for light in lights], -1)
    return View(
        side, pixels, at(mesh.uvs[owner]), normal, tangent, bitangent, eye, mesh.skin[owner], mesh.plain[owner], lit,
        _openness(mesh, positions, lifted, normal, height, cancelled),
    )  # fmt: skip


def _facing(positions: Floats, triangles: np.ndarray, eye: Floats) -> Floats:
    """(N,): 1 where the outside of a triangle is seen, -1 where its back."""
    a, b, c = positions[triangles].transpose(1, 0, 2)
    return np.where(np.einsum("nc,nc->n", np.cross(b - a, c - a), eye) < 0, -1, 1).astype(np.float32)


def _frame(corners: np.ndarray, uvs: np.ndarray, normal: Floats) -> tuple[Floats, Floats]:
    """Tangent and bitangent, (N, 3) each, of triangles (N, 3, 3) with (N, 3, 2) uvs: along u and up the texture."""
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    (u1, v1), (u2, v2) = (uvs[:, 1] - uvs[:, 0]).T, (uvs[:, 2] - uvs[:, 0]).T
    turn = np.where(u1 * v2 - u2 * v1 < 0, -1, 1)[:, None]
    along = turn * (one * v2[:, None] - two * v1[:, None])
    up = -turn * (two * u1[:, None] - one * u2[:, None])
    tangent = along - normal * np.einsum("nc,nc->n", along, normal)[:, None]
    tangent = _unit(np.where(np.linalg.norm(tangent, axis=1, keepdims=True) > 1e-20, tangent, np.roll(normal, 1, 1)))
    bitangent = np.cross(normal, tangent)
    return tangent, (bitangent * np.where(np.einsum("nc,nc->n", bitangent, up) < 0, -1, 1)[:, None]).astype(np.float32)


def _visible(
    mesh: PortraitMesh, positions: Floats, places: Floats, towards: np.ndarray, side: int, height: float, cancelled: Cancel
) -> Floats:
    """(N,) in [0, 1]: whether a light far away in that direction sees the places, with soft edges."""
    across = _unit(np.cross(towards, [0.3, 0.2, 1.0])[None])[0]
    axes = np.stack([across, np.cross(towards, across), towards]).astype(np.float32)
    seen, wanted = positions @ axes.T, places @ axes.T
    low, high = wanted[:, :2].min(0) - 0.1 * height, wanted[:, :2].max(0) + 0.1 * height
    scale = side / float((high - low).max())
    seen[:, :2], wanted[:, :2] = (seen[:, :2] - low) * scale, (wanted[:, :2] - low) * scale
    near = rasterise(seen[mesh.triangles], (side, side), cancelled).nearness
    total = np.zeros(len(places), np.float32)
    steps = (-1.0, 0.0, 1.0)
    for dx in steps:
        for dy in steps:
            column, row = (np.clip(wanted[:, k] + d, 0, side - 1).astype(int) for k, d in ((0, dx), (1, dy)))
            behind = near[row, column] - wanted[:, 2]
            total += np.clip(2 - behind / (BIAS * height), 0, 1)
    return total / len(steps) ** 2


def _openness(
    mesh: PortraitMesh, positions: Floats, places: Floats, normals: Floats, height: float, cancelled: Cancel
) -> Floats:
    """(N,) in [0, 1]: the share of the sky above each place that nothing hides."""
    if len(mesh.triangles) > AMBIENT_TRIANGLES:
        return np.ones(len(places), np.float32)
    total, possible = np.full(len(places), 1e-6, np.float32), np.full(len(places), 1e-6, np.float32)
    for direction in _sphere(AMBIENT_DIRECTIONS):
        if direction[1] > 0.45:  # from behind: hardly anything that is seen looks there
            continue
        share = np.maximum(normals @ direction, 0)
        total += share * _visible(mesh, positions, places, direction, AMBIENT_SIDE, height, cancelled)
        possible += share
    return total / possible


def _sphere(count: int) -> Floats:
    """(count, 3) unit vectors, evenly spread."""
    z = 1 - (2 * np.arange(count) + 1) / count
    turn = np.arange(count) * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - z * z)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), z], -1).astype(np.float32)


def _unit(vectors: np.ndarray) -> Floats:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-20)).astype(np.float32)


def looked_up(view: View, picture: np.ndarray) -> Floats:
    """(N, C) of a map (H, W, C), C up to 4, at the view's UVs; linear between texels."""
    height, width = picture.shape[:2]
    # OpenCV's coordinates are limited to 32767 in the picture they come in: fold the list into rows.
    rows = -(-len(view.uv) // view.side)
    x, y = np.zeros((2, rows * view.side), np.float32)
    x[: len(view.uv)], y[: len(view.uv)] = view.uv[:, 0] * width - 0.5, view.uv[:, 1] * height - 0.5
    x, y = x.reshape(rows, -1), y.reshape(rows, -1)
    found = np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    return found.reshape(rows * view.side, -1)[: len(view.uv)]
