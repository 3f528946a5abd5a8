"""A portrait studio around a head: camera, three-point light and backdrop, in a collection of its own.

Sizes are those of a real studio in metres, whatever the scene's unit scale, and are placed in the head's own frame: it looks
along its -Y axis, Z is up. Pressing the button again sets the same objects right instead of adding more; deleting the
collection removes all of it but the head, the world and the render settings.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
from mathutils import Matrix, Vector

from .assign import worn_face
from .head import add_head
from .material import is_face_material

COLLECTION = "GANtlitz Studio"
CAMERA = "GANtlitz Camera"
BACKDROP = "GANtlitz Backdrop"
WORLD = "GANtlitz Studio"
HEAD = "GANtlitz Head"
SUBDIVISION = "GANtlitz Subdivision"

FACE = Vector((0.0, -0.075, 0.0))  # metres from the head's origin (between the ear canals): what the camera looks at
LENS_MM, SENSOR_MM = 85.0, 24.0
CAMERA_DIRECTION, CAMERA_DISTANCE = Vector((-0.2, -1.0, 0.0)), 0.92
CAMERA_TARGET = Vector((-0.012, 0.0, 0.013))  # metres from the face: room for the near ear and the crown, none for the neck's end
HEAD_HEIGHT = 0.3  # metres; of a mesh that is higher than a head, the head is the upper end
RENDER_SIZE, SAMPLES = (1080, 1350), 128
WORLD_COLOUR = (0.022, 0.024, 0.028, 1.0)
BACKDROP_COLOUR = (0.06, 0.063, 0.07, 1.0)
BACKDROP_SIZE, BACKDROP_BEHIND = (5.0, 3.6), 1.3
STARTUP_CAMERA = Vector((7.358891, -6.925791, 4.958309))  # where Blender's own startup file has its camera


@dataclass(frozen=True)
class Light:
    """direction: from its target (x to the head's left, y behind it, z up). distance, size (width, height): metres."""

    name: str
    direction: tuple[float, float, float]
    distance: float
    size: tuple[float, float]
    watts: float
    colour: tuple[float, float, float]
    target: tuple[float, float, float] = (0.0, 0.0, 0.0)  # from the face


LIGHTS = (
    Light("GANtlitz Key", (-0.85, -0.9, 0.62), 1.0, (0.5, 0.7), 25.0, (1.0, 0.945, 0.88)),
    Light("GANtlitz Fill", (1.0, -1.1, -0.05), 1.5, (1.2, 1.2), 6.0, (0.87, 0.93, 1.0)),
    Light("GANtlitz Rim", (0.85, 0.95, 0.45), 0.9, (0.25, 0.9), 12.0, (0.94, 0.97, 1.0)),
    Light("GANtlitz Background", (0.0, -1.0, -0.55), 1.1, (0.4, 0.4), 24.0, (0.85, 0.92, 1.0), (0.15, BACKDROP_BEHIND + 0.07, 0.0)),
)


def build_studio(context: bpy.types.Context) -> str:
    """Head, lights, camera and backdrop; returns a sentence that says what was done."""
    scene = context.scene
    collection = _collection(scene)
    head, added = _head(context, collection)
    metre = 1 / scene.unit_settings.scale_length
    frame = _frame(head, metre)
    for light in LIGHTS:
        _place_light(collection, light, frame, metre)
    _place_backdrop(collection, frame, metre)
    camera = _place_camera(collection, frame, metre)
    _set_world(scene)
    taken = _take_camera(scene, camera)
    begun = f"{head.name} was added, with lights and a camera." if added else f"The lights and the camera are set on {head.name}."
    if taken:
        return begun
    return f"{begun} The scene keeps its own camera and render settings: to look through ours, make {CAMERA} the scene's camera."


def _collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """The studio's collection in this scene. One of another scene is left alone."""
    found = next((each for each in scene.collection.children_recursive if each.name.startswith(COLLECTION)), None)
    if found is None:
        found = bpy.data.collections.new(COLLECTION)
        scene.collection.children.link(found)
    return found


def _head(context: bpy.types.Context, collection: bpy.types.Collection) -> tuple[bpy.types.Object, bool]:
    """The head to light, and whether it is new: the active object if it wears a face or is a preview head, else the studio's
    own, else any preview head of the scene, else a new one with the face that was made last."""
    active = context.view_layer.objects.active
    candidates = [active] if active is not None and active.select_get() else []
    candidates += [*collection.objects, *context.view_layer.objects]
    for held in candidates:
        if held.type == "MESH" and (_is_preview_head(held) or (held == active and worn_face(held) is not None)):
            return held, False
    faces = [material for material in bpy.data.materials if is_face_material(material) and material.library is None]
    head = add_head(context, HEAD)
    for part in (head, *head.children):
        for owner in part.users_collection:
            owner.objects.unlink(part)
        collection.objects.link(part)
    context.view_layer.update()
    head.select_set(True)
    context.view_layer.objects.active = head
    if faces:
        head.data.materials.append(faces[-1])
    smooth = head.modifiers.new(SUBDIVISION, "SUBSURF")
    smooth.levels, smooth.render_levels = 0, 2  # enough vertices for true displacement where it is rendered
    return head, True


def _is_preview_head(held: bpy.types.Object) -> bool:
    return held.name.startswith(HEAD) and bool(held.children) and held.parent is None


def _frame(head: bpy.types.Object, metre: float) -> Matrix:
    """The face's place and directions, without scale: an orthonormal frame in scene units."""
    if _is_preview_head(head):
        turned = head.matrix_world.to_quaternion().to_matrix().to_4x4()
        size = head.matrix_world.to_scale().x  # its mesh is in metres
        return Matrix.Translation(head.matrix_world.translation + turned.to_3x3() @ (FACE * size)) @ turned
    corners = [head.matrix_world @ Vector(corner) for corner in head.bound_box]
    low, high = (Vector([limit(axis) for axis in zip(*corners, strict=True)]) for limit in (min, max))
    height = min(high.z - low.z, HEAD_HEIGHT * metre)
    return Matrix.Translation(((low.x + high.x) / 2, low.y + 0.045 * metre, high.z - height * 0.55))


def _object(collection: bpy.types.Collection, name: str, data: bpy.types.ID | None) -> bpy.types.Object:
    """The studio's object of that name, or a new one with `data`."""
    found = next((held for held in collection.objects if held.name.partition(".")[0] == name), None)
    if found is None:
        found = bpy.data.objects.new(name, data)
        collection.objects.link(found)
    return found


def _aim(placed: bpy.types.Object, frame: Matrix, metre: float, target: Vector, direction: Vector, distance: float) -> None:
    towards = direction.normalized()
    rotation = (-towards).to_track_quat("-Z", "Y").to_matrix().to_4x4()
    placed.matrix_world = frame @ Matrix.Translation((target + towards * distance) * metre) @ rotation


def _place_light(collection: bpy.types.Collection, light: Light, frame: Matrix, metre: float) -> None:
    held = _object(collection, light.name, bpy.data.lights.new(light.name, "AREA"))
    data = held.data
    data.shape = "RECTANGLE"
    data.size, data.size_y = (side * metre for side in light.size)
    data.energy, data.color = light.watts * metre**2, light.colour  # light falls off with the square of scene units
    _aim(held, frame, metre, Vector(light.target), Vector(light.direction), light.distance)


def _place_camera(collection: bpy.types.Collection, frame: Matrix, metre: float) -> bpy.types.Object:
    held = _object(collection, CAMERA, bpy.data.cameras.new(CAMERA))
    held.data.lens, held.data.sensor_width = LENS_MM, SENSOR_MM
    held.data.clip_start, held.data.clip_end = 0.01 * metre, 100 * metre
    held.data.display_size = 0.2 * metre
    _aim(held, frame, metre, CAMERA_TARGET, CAMERA_DIRECTION, CAMERA_DISTANCE)
    return held


def _place_backdrop(collection: bpy.types.Collection, frame: Matrix, metre: float) -> None:
    held = _object(collection, BACKDROP, bpy.data.meshes.new(BACKDROP))
    mesh = held.data
    if not mesh.vertices:
        width, height = (side / 2 for side in BACKDROP_SIZE)
        corners = [(-width, 0, -height), (width, 0, -height), (width, 0, height), (-width, 0, height)]
        mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
        mesh.materials.append(_plain(BACKDROP, BACKDROP_COLOUR))
    held.matrix_world = frame @ Matrix.Translation((0, BACKDROP_BEHIND * metre, 0)) @ Matrix.Scale(metre, 4)


def _plain(name: str, colour: tuple[float, float, float, float]) -> bpy.types.Material:
    material = bpy.data.materials.get(name)
    if material is None:
        material = bpy.data.materials.new(name)
        if material.node_tree is None:
            material.use_nodes = True
        shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
        shader.inputs["Base Color"].default_value = material.diffuse_color = colour
        shader.inputs["Roughness"].default_value = 0.9
    return material


def _set_world(scene: bpy.types.Scene) -> None:
    """A dim grey one, where the artist has none: the startup file's even grey counts as none."""
    if scene.world is not None and not _is_startup_world(scene.world):
        return
    world = bpy.data.worlds.get(WORLD)
    if world is None:
        world = bpy.data.worlds.new(WORLD)
        if world.node_tree is None:
            world.use_nodes = True
        world.node_tree.nodes["Background"].inputs["Color"].default_value = WORLD_COLOUR
    scene.world = world


def _is_startup_world(world: bpy.types.World) -> bool:
    background = world.node_tree.nodes.get("Background") if world.name == "World" and world.node_tree else None
    if background is None or len(world.node_tree.nodes) > 2 or background.inputs["Color"].links:
        return False
    return all(abs(part - 0.0509) < 1e-3 for part in background.inputs["Color"].default_value[:3])


def _take_camera(scene: bpy.types.Scene, camera: bpy.types.Object) -> bool:
    """Make it the scene's, with settings for a portrait, where the artist has set none; whether it is."""
    if scene.camera == camera:
        return True
    if scene.camera is not None and (scene.camera.location - STARTUP_CAMERA).length > 1e-3:
        return False
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = RENDER_SIZE
    scene.cycles.samples, scene.cycles.use_denoising = SAMPLES, True
    return True
