"""Four maps -> a Principled BSDF skin material, and new maps into a material that the artist may have changed.

How a map becomes light:

- albedo -> Base Color.
- specular m -> Specular IOR Level = 2 m (0.25, the mean of skin, is the neutral 0.5), with the IOR of skin, 1.4.
- roughness is derived, no map of its own: oily, bright spots are smoother: m = 0 -> 0.62, m = 0.5 and above -> 0.32.
- normal -> Normal Map, tangent space, OpenGL.
- displacement, in millimetres -> Displacement, midlevel 0, scale = one millimetre in the object's units.
- subsurface scattering: the radii of skin, with one millimetre in scene units as their measure.
- the displacement method is BOTH: geometry moves by the displacement map, and Cycles then keeps the normals of the
  surface before displacement, which is the base that the normal map means. DISPLACEMENT would apply the same relief
  twice (contrast 1.7 times that of the real surface, measured); BOTH matches the real surface within 0.1 %.
"""

import json
from collections.abc import Mapping
from typing import Any

import bpy

from .runtime.recipe import Recipe

MAP_NODES = {  # kind -> node name: new maps find their way by it, whatever else the artist has changed
    "albedo": "GANtlitz Albedo",
    "normal": "GANtlitz Normal",
    "specular": "GANtlitz Specular",
    "displacement": "GANtlitz Displacement",
}
HEIGHT_NODE = "Displacement in Millimetres"
ROUGHNESS_NODE = "Roughness from Specular"
SKIN_NODE = "Skin"
SKIN_IOR = 1.4
SPECULAR_GAIN = 2.0
ROUGHNESS_RANGE = ((0.0, 0.62), (0.5, 0.32))  # (specular, roughness) at both ends
SCATTERING_WEIGHT = 0.8
SCATTERING_MM = 1.2  # mean free path of red light; the radii below are shares of it
SCATTERING_RADIUS = (1.0, 0.35, 0.18)


def build_face_material(
    images: Mapping[str, bpy.types.Image],
    recipe: Recipe | None,
    name: str,
    scene_millimetre: float = 0.001,
    object_millimetre: float = 0.001,
    *,
    scan: Mapping[str, Any] | None = None,
) -> bpy.types.Material:
    """A new skin material from the four images (keys: albedo, normal, specular, displacement).

    recipe, scan: as of ``remember``.
    scene_millimetre, object_millimetre: its length in scene units, and in those of the object, which may be scaled.
    """
    material = bpy.data.materials.new(name)
    if material.node_tree is None:  # Blender 4; from 5.0 on there always is one, and use_nodes is deprecated
        material.use_nodes = True
    material.displacement_method = "BOTH"
    material.diffuse_color = (0.8, 0.55, 0.45, 1.0)  # solid view: skin, not grey
    material.roughness = 0.5
    _Graph(material.node_tree).build(images, scene_millimetre, object_millimetre)
    remember(material, recipe, scan)
    return material


def replace_maps(
    material: bpy.types.Material,
    images: Mapping[str, bpy.types.Image],
    recipe: Recipe | None,
    scan: Mapping[str, Any] | None = None,
) -> list[str]:
    """Put new images into the map nodes of a face material and leave all else as the artist has it.

    Returns the kinds whose node is gone; the rest is done.
    """
    lost = []
    for kind, image in images.items():
        node = material.node_tree.nodes.get(MAP_NODES[kind]) if material.node_tree else None
        if isinstance(node, bpy.types.ShaderNodeTexImage):
            node.image = image
        else:
            lost.append(kind)
    if len(lost) < len(images):
        remember(material, recipe, scan)
    return lost


def remember(material: bpy.types.Material, recipe: Recipe | None, scan: Mapping[str, Any] | None) -> None:
    """Write on the material what it was made from. recipe: None where there is none; scan: of a completed one, what was asked."""
    material.gantlitz.recipe = recipe.to_json() if recipe else ""
    material.gantlitz.scan = json.dumps(scan) if scan else ""


def is_face_material(material: bpy.types.Material | None) -> bool:
    return material is not None and bool(material.gantlitz.recipe or material.gantlitz.scan)


class _Graph:
    """Lays one node tree out. Sockets go by name: their order differs between Blender versions."""

    def __init__(self, tree: bpy.types.NodeTree):
        self.tree = tree
        tree.nodes.clear()
        self.frame = self.node("NodeFrame", "GANtlitz Maps", (0, 0))
        self.frame.label = "GANtlitz Face Maps"

    def build(self, images: Mapping[str, bpy.types.Image], scene_mm: float, object_mm: float) -> None:
        albedo = self.map(images, "albedo", 0, "Cubic")
        specular = self.map(images, "specular", -300)
        normal = self.map(images, "normal", -600)
        displacement = self.map(images, "displacement", -900, "Cubic")

        level = self.node("ShaderNodeMath", "Specular IOR Level", (340, -180), framed=True)
        level.operation, level.use_clamp = "MULTIPLY", True
        level.inputs[1].default_value = SPECULAR_GAIN
        self.link(specular, "Color", level, 0)

        roughness = self.node("ShaderNodeMapRange", ROUGHNESS_NODE, (340, -360), framed=True)
        (roughness.inputs["From Min"].default_value, roughness.inputs["To Min"].default_value) = ROUGHNESS_RANGE[0]
        (roughness.inputs["From Max"].default_value, roughness.inputs["To Max"].default_value) = ROUGHNESS_RANGE[1]
        roughness.clamp = True
        self.link(specular, "Color", roughness, "Value")

        normal_map = self.node("ShaderNodeNormalMap", "Normal Map", (340, -640), framed=True)
        normal_map.space = "TANGENT"  # uv_map stays empty: the active UV map, as the image nodes use
        self.link(normal, "Color", normal_map, "Color")

        height = self.node("ShaderNodeDisplacement", HEIGHT_NODE, (340, -940), framed=True)
        height.inputs["Midlevel"].default_value = 0.0
        height.inputs["Scale"].default_value = object_mm
        self.link(displacement, "Color", height, "Height")

        skin = self.node("ShaderNodeBsdfPrincipled", SKIN_NODE, (680, 0))
        skin.subsurface_method = "RANDOM_WALK_SKIN"
        skin.inputs["IOR"].default_value = SKIN_IOR
        skin.inputs["Subsurface Weight"].default_value = SCATTERING_WEIGHT
        skin.inputs["Subsurface Radius"].default_value = SCATTERING_RADIUS
        skin.inputs["Subsurface Scale"].default_value = SCATTERING_MM * scene_mm
        self.link(albedo, "Color", skin, "Base Color")
        self.link(level, "Value", skin, "Specular IOR Level")
        self.link(roughness, "Result", skin, "Roughness")
        self.link(normal_map, "Normal", skin, "Normal")

        output = self.node("ShaderNodeOutputMaterial", "Material Output", (1000, 0))
        self.link(skin, "BSDF", output, "Surface")
        self.link(height, "Displacement", output, "Displacement")

    def map(self, images: Mapping[str, bpy.types.Image], kind: str, y: float, interpolation: str = "Linear"):
        node = self.node("ShaderNodeTexImage", MAP_NODES[kind], (0, y), framed=True)
        node.label = kind.capitalize()
        node.image = images[kind]
        node.interpolation = interpolation
        node.extension = "EXTEND"  # a face does not repeat
        return node

    def node(self, kind: str, name: str, location: tuple[float, float], *, framed: bool = False):
        node = self.tree.nodes.new(kind)
        node.name = node.label = name
        node.location = location
        if framed:
            node.parent = self.frame
        return node

    def link(self, source, output: str, target, socket: str | int) -> None:
        self.tree.links.new(source.outputs[output], target.inputs[socket])
