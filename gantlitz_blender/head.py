"""The preview head as Blender objects: the skin, and eyeballs between its lids."""

from __future__ import annotations

import bpy
import numpy as np

from .runtime.head.cap import cap_mesh_arrays
from .runtime.head.eyes import PARTS, eye_mesh_arrays
from .runtime.head.grid import head_mesh_arrays

COLOURS = {  # material name -> base colour (linear RGBA), roughness
    "GANtlitz Cap": ((0.012, 0.012, 0.013, 1.0), 1.0),
    "GANtlitz Sclera": ((0.42, 0.36, 0.33, 1.0), 0.12),
    "GANtlitz Iris": ((0.045, 0.021, 0.01, 1.0), 0.08),
    "GANtlitz Pupil": ((0.004, 0.004, 0.004, 1.0), 0.05),
}


def add_head(context: bpy.types.Context, name: str = "GANtlitz Head") -> bpy.types.Object:
    """Adds the preview head to the active collection, selects it and makes it active; returns the skin's object.

    Life-size whatever the scene's unit scale, origin between the ear canals, facing -Y. UV layer "UVMap" follows the
    default layout. The eyeballs and the cap, which closes the back of the head, are child objects with materials of their own.
    """
    vertices, quads, uvs = head_mesh_arrays()
    uvs = np.stack([uvs[:, 0], 1 - uvs[:, 1]], -1)  # Blender counts v from the bottom
    skin = bpy.data.objects.new(name, _mesh(name, vertices, quads, uvs))
    eyes = bpy.data.objects.new(f"{name} Eyes", _eyes_mesh(f"{name} Eyes"))
    cap = bpy.data.objects.new(f"{name} Cap", _mesh(f"{name} Cap", *cap_mesh_arrays()))
    cap.data.materials.append(_plain_material("GANtlitz Cap"))
    eyes.parent = cap.parent = skin
    for added in (skin, eyes, cap):
        context.collection.objects.link(added)
    skin.scale = [1 / context.scene.unit_settings.scale_length] * 3
    context.view_layer.update()  # a view layer does not list what was linked a moment ago: select only now
    for other in context.view_layer.objects:
        other.select_set(other == skin)
    context.view_layer.objects.active = skin
    return skin


def _mesh(name: str, vertices: np.ndarray, quads: np.ndarray, uvs: np.ndarray | None = None) -> bpy.types.Mesh:
    """A smooth-shaded mesh of (V, 3) vertices, (Q, 4) quads and, for "UVMap", (V, 2) uvs from the bottom left."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(vertices, np.float32).ravel())
    mesh.loops.add(quads.size)
    mesh.loops.foreach_set("vertex_index", np.ascontiguousarray(quads, np.int32).ravel())
    mesh.polygons.add(len(quads))
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype=np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(quads), bool))
    mesh.update(calc_edges=True)
    if uvs is not None:
        layer = mesh.uv_layers.new(name="UVMap")
        layer.data.foreach_set("uv", np.ascontiguousarray(uvs[quads.ravel()], np.float32).ravel())
    mesh.validate()
    return mesh


def _eyes_mesh(name: str) -> bpy.types.Mesh:
    """Two eyeballs that look ahead."""
    vertices, quads, parts = eye_mesh_arrays()
    mesh = _mesh(name, vertices, quads)
    mesh.polygons.foreach_set("material_index", parts.astype(np.int32))
    for part in PARTS:
        mesh.materials.append(_plain_material(f"GANtlitz {part}"))
    return mesh


def _plain_material(name: str) -> bpy.types.Material:
    """The material of that name: the one already in the file, or a new one."""
    material = bpy.data.materials.get(name)
    if material is not None:
        return material
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    colour, roughness = COLOURS[name]
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = colour
    shader.inputs["Roughness"].default_value = roughness
    material.diffuse_color = colour  # what Solid view shows
    return material
