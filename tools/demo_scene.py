"""The demo's studio: three lights, a camera, a grey room, and Cycles settings that suit two processor cores."""

import bpy
from mathutils import Vector

RENDER_SIZE = (700, 860)
SAMPLES = 96
# name, direction from the face (x right, y away from the camera, z up), distance and size in metres, watts, colour
LIGHTS = (
    ("Key", (-1.0, -0.75, 0.75), 0.8, 0.25, 13.0, (1.0, 0.94, 0.88)),
    ("Fill", (1.0, -0.9, 0.0), 1.2, 0.8, 2.2, (0.85, 0.92, 1.0)),
    ("Rim", (0.9, 0.8, 0.5), 0.8, 0.3, 7.0, (0.95, 0.97, 1.0)),
)
CAMERA_DIRECTION = (-0.22, -1.0, 0.02)
CAMERA_DISTANCE = 0.65
LENS_MM = 85.0
BEHIND_NOSE = 0.06  # metres from the tip of the nose back to the point that the camera looks at


def build_studio(scene: bpy.types.Scene, head: bpy.types.Object) -> None:
    """Light the head and aim a camera at its face."""
    parts = (head, *head.children_recursive)
    corners = [part.matrix_world @ Vector(corner) for part in parts for corner in part.bound_box]
    low, high = (Vector(limit(axis) for axis in zip(*corners, strict=True)) for limit in (min, max))
    face = Vector(((low.x + high.x) / 2, low.y + BEHIND_NOSE, (low.z + high.z) / 2))
    for name, direction, distance, size, watts, colour in LIGHTS:
        light = bpy.data.lights.new(name, "AREA")
        light.size, light.energy, light.color = size, watts, colour
        place(scene, bpy.data.objects.new(name, light), face, direction, distance)
    camera = bpy.data.cameras.new("Camera")
    camera.lens = LENS_MM
    camera.clip_start = 0.01
    scene.camera = place(scene, bpy.data.objects.new("Camera", camera), face, CAMERA_DIRECTION, CAMERA_DISTANCE)
    world = bpy.data.worlds.new("Studio")
    if world.node_tree is None:
        world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.035, 0.037, 0.04, 1.0)
    scene.world = world


def place(
    scene: bpy.types.Scene, added: bpy.types.Object, target: Vector, direction: tuple[float, ...], distance: float
) -> bpy.types.Object:
    """Put a light or camera that far from the target, looking at it."""
    towards = Vector(direction).normalized()
    added.location = target + towards * distance
    added.rotation_euler = (-towards).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(added)
    return added


def set_up_render(scene: bpy.types.Scene, path: str) -> None:
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = SAMPLES
    scene.cycles.use_adaptive_sampling = True
    scene.cycles.use_denoising = True
    scene.cycles.max_bounces = 6
    scene.render.resolution_x, scene.render.resolution_y = RENDER_SIZE
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = path
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"


def smooth_head(head: bpy.types.Object, levels: int) -> None:
    """Enough vertices for the displacement map to move."""
    subdivision = head.modifiers.new("Subdivision", "SUBSURF")
    subdivision.levels = 0
    subdivision.render_levels = levels
