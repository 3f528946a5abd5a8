"""The artist's mesh for the worker's portraits: as it is seen, with modifiers, its children with it."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from .assign import worn_face
from .runtime.portrait.mesh import CLAY, PortraitMesh, joined


def write_mesh(context: bpy.types.Context, target: bpy.types.Object, path: Path) -> Path:
    """Write the object, and its mesh children as what hides and surrounds it, for ``thumbnail`` requests.

    Skin is what wears the object's face material, or all of it where there is none. Places are the world's.
    """
    graph = context.evaluated_depsgraph_get()
    worn = worn_face(target)
    parts = [_part(target, graph, [slot.material == worn for slot in target.material_slots] if worn else [True])]
    for child in target.children_recursive:
        if child.type == "MESH" and child.visible_get():
            parts.append(_part(child, graph, [False]))
    joined([part for part in parts if part is not None]).save(path)
    return path


def _part(source: bpy.types.Object, graph: bpy.types.Depsgraph, skin_slots: list[bool]) -> PortraitMesh | None:
    """skin_slots: whether each slot wears the face; the last one speaks for those beyond."""
    evaluated = source.evaluated_get(graph)
    mesh = evaluated.to_mesh()
    try:
        mesh.calc_loop_triangles()
        triangles = mesh.loop_triangles
        if not triangles:
            return None
        corners = _read(triangles, "vertices", 3, np.int32)
        loops = _read(triangles, "loops", 3, np.int32)
        polygon = _read(triangles, "polygon_index", 1, np.int32).ravel()
        slot = _read(mesh.polygons, "material_index", 1, np.int32).ravel()[polygon]
        matrix = np.array(source.matrix_world, np.float32)
        positions = _read(mesh.vertices, "co", 3) @ matrix[:3, :3].T + matrix[:3, 3]
        # Normals by the inverse transpose; a flat or mirrored object has none that is better than its own.
        turn = np.linalg.pinv(matrix[:3, :3].astype(float)).T
        normals = _read(mesh.corner_normals, "vector", 3)[loops] @ turn.astype(np.float32).T
        normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-20)
        if np.linalg.det(matrix[:3, :3]) < 0:
            corners, loops, normals = corners[:, ::-1], loops[:, ::-1], normals[:, ::-1]
        layer = mesh.uv_layers.active
        uvs = _read(layer.uv, "vector", 2)[loops] if layer else np.zeros((len(corners), 3, 2), np.float32)
        uvs[..., 1] = 1 - uvs[..., 1]  # Blender counts v from the bottom
        wears = np.array(skin_slots)[np.minimum(slot, len(skin_slots) - 1)] & (layer is not None)
        colours = np.array([_colour(s.material) for s in source.material_slots] or [CLAY], np.float32)
        plain = colours[np.minimum(slot, len(colours) - 1)]
        return PortraitMesh(positions, corners.astype(np.int64), uvs, normals, wears, plain)
    finally:
        evaluated.to_mesh_clear()


def _colour(material: bpy.types.Material | None) -> tuple[float, ...]:
    """Linear r, g, b and roughness, as Solid view shows the material."""
    if material is None:
        return CLAY
    return (*material.diffuse_color[:3], max(material.roughness, 0.12))


def _read(items, name: str, width: int, kind: type = np.float32) -> np.ndarray:
    values: np.ndarray = np.empty(len(items) * width, kind)
    items.foreach_get(name, values)
    return values.reshape(-1, width)
