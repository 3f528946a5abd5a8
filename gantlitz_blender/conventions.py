"""What the values of a face material's maps mean, and the nodes that follow: which way green points, and how long a value is.

Only what differs between two conventions is changed, so that an artist's own scale or midlevel lives on.
"""

import json

import bpy

from .material import HEIGHT_NODE, MAP_NODES
from .runtime.export_profiles import NODE_WRANGLER, Output

FLIP_NODE = "GANtlitz DirectX to OpenGL"


def output_of(material: bpy.types.Material) -> Output:
    """The convention of the maps that it wears: Blender's own where nothing else is noted."""
    noted = material.gantlitz.output
    return Output.from_dict(json.loads(noted)) if noted else NODE_WRANGLER


def follow(material: bpy.types.Material, output: Output) -> None:
    """Have its nodes take maps of this convention, and note it on the material."""
    before = output_of(material)
    tree = material.node_tree
    material.gantlitz.output = "" if output == NODE_WRANGLER else json.dumps(output.to_dict())
    if tree is None:
        return
    height = tree.nodes.get(HEIGHT_NODE)
    if height is not None and (before.displacement_mm, before.midlevel) != (output.displacement_mm, output.midlevel):
        ratio = output.displacement_mm / before.displacement_mm
        scale, midlevel = height.inputs["Scale"], height.inputs["Midlevel"]
        scale.default_value *= ratio
        midlevel.default_value = output.midlevel + (midlevel.default_value - before.midlevel) / ratio
    normal = tree.nodes.get(MAP_NODES["normal"])
    flip = tree.nodes.get(FLIP_NODE)
    if normal is not None and output.directx and flip is None:
        _insert_flip(tree, normal)
    elif flip is not None and not output.directx:
        _remove_flip(tree, normal, flip)


def _insert_flip(tree: bpy.types.NodeTree, normal: bpy.types.Node) -> None:
    """green -> 1 - green between the map and all that it is linked to."""
    flip = tree.nodes.new("ShaderNodeVectorMath")
    flip.name, flip.label = FLIP_NODE, "DirectX to OpenGL"
    flip.operation, flip.parent, flip.location = "MULTIPLY_ADD", normal.parent, (normal.location.x + 280, normal.location.y)
    flip.inputs[1].default_value, flip.inputs[2].default_value = (1, -1, 1), (0, 1, 0)
    for link in list(normal.outputs["Color"].links):
        tree.links.new(flip.outputs["Vector"], link.to_socket)
    tree.links.new(normal.outputs["Color"], flip.inputs[0])


def _remove_flip(tree: bpy.types.NodeTree, normal: bpy.types.Node | None, flip: bpy.types.Node) -> None:
    for link in list(flip.outputs["Vector"].links):
        if normal is not None:
            tree.links.new(normal.outputs["Color"], link.to_socket)
    tree.nodes.remove(flip)
