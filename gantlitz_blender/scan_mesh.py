"""The scan's mesh as an OBJ, as the runtime reads it: places, UVs and faces of the object as it is modelled, without modifiers.

Blender stands still meanwhile, and a scan has half a million faces: nothing here goes through them one by one.
"""

from pathlib import Path
from typing import TextIO

import bpy
import numpy as np

LINES_AT_ONCE = 1 << 16


def write_obj(target: bpy.types.Object, path: Path) -> Path:
    """Write a mesh object that has a UV map: its active one, and places in the object's own units, y up as OBJs have it."""
    mesh = target.data
    x, y, z = _read(mesh.vertices, "co", 3).T
    uvs, uv_of_corner = _shared(_read(mesh.uv_layers.active.uv, "vector", 2))
    corners = np.column_stack([_read(mesh.loops, "vertex_index", 1, np.int32), uv_of_corner]) + 1
    first, count = (_read(mesh.polygons, name, 1, np.int32).ravel() for name in ("loop_start", "loop_total"))
    with path.open("w", encoding="ascii") as file:
        _write_lines(file, "v %.7g %.7g %.7g\n", np.column_stack([x, z, -y]))
        _write_lines(file, "vt %.7g %.7g\n", uvs)
        for sides in np.unique(count):
            loops = first[count == sides, None] + np.arange(sides)
            _write_lines(file, f"f{' %d/%d' * sides}\n", corners[loops].reshape(len(loops), -1))
    return path


def _write_lines(file: TextIO, line: str, rows: np.ndarray) -> None:
    for top in range(0, len(rows), LINES_AT_ONCE):
        some = rows[top : top + LINES_AT_ONCE]
        file.write(line * len(some) % tuple(some.ravel().tolist()))


def _shared(uvs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ones of (N, 2) float32, and which of them each is: most corners share theirs with their neighbours."""
    found, which = np.unique(np.ascontiguousarray(uvs).view(np.uint64).ravel(), return_inverse=True)
    return found.view(np.float32).reshape(-1, 2), which


def _read(items, name: str, width: int, kind: type = np.float32) -> np.ndarray:
    values: np.ndarray = np.empty(len(items) * width, kind)
    items.foreach_get(name, values)
    return values.reshape(-1, width)
