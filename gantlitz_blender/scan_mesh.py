"""The scan's mesh as an OBJ, as the runtime reads it: places, UVs and faces of the object as it is modelled, without modifiers."""

from pathlib import Path

import bpy
import numpy as np


def write_obj(target: bpy.types.Object, path: Path) -> Path:
    """Write a mesh object that has a UV map: its active one, and places in the object's own units, y up as OBJs have it."""
    mesh = target.data
    places = _read(mesh.vertices, "co", 3)
    uvs = _read(mesh.uv_layers.active.uv, "vector", 2)
    corners = _read(mesh.loops, "vertex_index", 1, np.int32).ravel() + 1
    lines = [f"v {x:.7g} {z:.7g} {-y:.7g}" for x, y, z in places]
    lines += [f"vt {u:.7g} {v:.7g}" for u, v in uvs]
    for polygon in mesh.polygons:
        lines.append("f " + " ".join(f"{corners[i]}/{i + 1}" for i in polygon.loop_indices))
    path.write_text("\n".join(lines) + "\n", "ascii")
    return path


def _read(items, name: str, width: int, kind: type = np.float32) -> np.ndarray:
    values: np.ndarray = np.empty(len(items) * width, kind)
    items.foreach_get(name, values)
    return values.reshape(-1, width)
