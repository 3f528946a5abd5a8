"""The preview head as Blender objects: the skin, and eyeballs between its lids."""

from __future__ import annotations

import bpy
import numpy as np

from .head_cap import cap_mesh_arrays
from .head_grid import head_mesh_arrays
from .runtime.head.features import EYE_CENTRE, EYE_RADIUS

COLOURS = {  # material name -> base colour (linear RGBA), roughness
    "GANtlitz Cap": ((0.05, 0.05, 0.05, 1.0), 0.6),
    "GANtlitz Sclera": ((0.62, 0.56, 0.52, 1.0), 0.08),
    "GANtlitz Iris": ((0.09, 0.045, 0.02, 1.0), 0.08),
    "GANtlitz Pupil": ((0.004, 0.004, 0.004, 1.0), 0.05),
}
IRIS_RADIUS, PUPIL_RADIUS = 5.9, 2.0  # millimetres
EYE_SEGMENTS = 48


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
    """Two eyeballs that look ahead: rings from the pupil's middle backwards about each eye's axis."""
    iris, pupil = (float(np.arcsin(r / EYE_RADIUS)) for r in (IRIS_RADIUS, PUPIL_RADIUS))
    angles = np.concatenate([np.linspace(0.02, pupil, 4), np.linspace(pupil, iris, 6)[1:],
                             np.linspace(iris, np.pi - 0.02, 24)[1:]])
    turn = np.linspace(0, 2 * np.pi, EYE_SEGMENTS, endpoint=False)
    # The cornea bulges before the iris; the eyeball is sphere enough elsewhere.
    radius = EYE_RADIUS + 0.9 * np.clip(1 - (angles / (1.15 * iris)) ** 2, 0, 1)
    ring = np.stack(np.broadcast_arrays(
        (radius * np.sin(angles))[:, None] * np.cos(turn), -(radius * np.cos(angles))[:, None],
        (radius * np.sin(angles))[:, None] * np.sin(turn)), -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(len(angles) - 1), np.arange(EYE_SEGMENTS), indexing="ij")
    k = (j + 1) % EYE_SEGMENTS
    n = EYE_SEGMENTS
    quads = np.stack([i * n + j, i * n + k, (i + 1) * n + k, (i + 1) * n + j], -1).reshape(-1, 4)
    slots = np.repeat(np.where(angles[:-1] >= iris, 0, np.where(angles[:-1] >= pupil, 1, 2)), n)
    x, d, z = EYE_CENTRE
    both = np.concatenate([ring + np.array([-x, -d, z]), ring + np.array([x, -d, z])]) * 1e-3
    mesh = _mesh(name, both, np.concatenate([quads, quads + len(ring)]))
    mesh.polygons.foreach_set("material_index", np.concatenate([slots, slots]).astype(np.int32))
    for part in ("Sclera", "Iris", "Pupil"):
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
