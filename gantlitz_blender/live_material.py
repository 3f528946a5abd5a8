"""Live images into the map nodes of face materials, and back out. Which materials show the live look is on them (gantlitz_live)."""

import json
from collections.abc import Iterator

import bpy

from . import conventions, live_images, slots
from .assign import find_target, is_worn_elsewhere, millimetres, replace_in_slots, worn_face
from .head import add_head
from .material import MAP_NODES, build_face_material, remember
from .runtime.export_profiles import NODE_WRANGLER, Output
from .runtime.recipe import Recipe


def marked() -> list[bpy.types.Material]:
    """The materials on which the live look is on, and which something wears."""
    return [material for material in bpy.data.materials if material.gantlitz_live.on and material.users > material.use_fake_user]


def shows_live(material: bpy.types.Material) -> bool:
    return any(node.image is not None and node.image.gantlitz_live for _, node in map_nodes(material))


def waits_for_a_first_look(material: bpy.types.Material) -> bool:
    """Whether nothing was shown on it since it was marked: not where a bake has taken the preview's place."""
    return not shows_live(material) and all(getattr(material.gantlitz_live, kind) is None for kind in MAP_NODES)


def map_nodes(material: bpy.types.Material) -> Iterator[tuple[str, bpy.types.ShaderNodeTexImage]]:
    """(kind, node) of those map nodes that are still there."""
    for kind, name in MAP_NODES.items():
        node = material.node_tree.nodes.get(name) if material.node_tree else None
        if isinstance(node, bpy.types.ShaderNodeTexImage):
            yield kind, node


def mark(context: bpy.types.Context, recipe: Recipe) -> bpy.types.Material:
    """Turn the live look on for the face of the active object; where it wears none, or there is no object, it gets one.

    A face that it wears keeps its images until the first preview is there.
    """
    target = find_target(context) or add_head(context)
    worn = worn_face(target)
    if worn is None:
        images = live_images.live_images()
        worn = build_face_material(images, recipe, "Live Look", *millimetres(context.scene, target))
        slots.put(target, worn)
    elif is_worn_elsewhere(worn, target):
        worn = replace_in_slots(target, worn, worn.copy())
    worn.gantlitz_live.on = True
    return worn


def attach(material: bpy.types.Material) -> None:
    """Have its map nodes show the live images, and remember those that they had."""
    for kind, node in map_nodes(material):
        if node.image is not None and node.image.source == "SEQUENCE":
            continue  # a baked walk follows the frames by itself
        image = live_images.live_image(kind)
        if node.image != image:
            setattr(material.gantlitz_live, kind, node.image)
            node.image = image
    if conventions.output_of(material) != NODE_WRANGLER:  # of maps that were baked for another program
        material.gantlitz_live.output = material.gantlitz.output
        conventions.follow(material, NODE_WRANGLER)


def unmark(material: bpy.types.Material, shown: Recipe | None) -> bool:
    """Turn the live look off: back to the images that were there before, or, where there were none, the preview stays, packed.

    shown: the recipe of the preview. Returns whether a preview stays.
    """
    stays, output = False, ""
    for kind, node in map_nodes(material):
        if node.image is None or not node.image.gantlitz_live:
            continue  # a bake, or the artist, has put another there
        before = getattr(material.gantlitz_live, kind)
        if before is None:
            live_images.keep(node.image, f"{material.name}_{kind}")
            stays = True
        else:
            node.image = before
            output = material.gantlitz_live.output
    if output:
        conventions.follow(material, Output.from_dict(json.loads(output)))
    material.gantlitz_live.forget()
    if stays and shown is not None:
        remember(material, shown, None)
    return stays
