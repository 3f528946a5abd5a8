"""A baked walk on an object: its face material's map nodes show image sequences, so that any machine can render them."""

from __future__ import annotations

from pathlib import Path

import bpy

from . import images
from .assign import worn_face
from .material import MAP_NODES


def show_sequences(target: bpy.types.Object, first: int, count: int) -> None:
    """Make the maps of the face that was just put on `target` the first of `count` frames, from the frame `first` on.

    The number in a file's name is its frame in the scene.
    """
    worn = worn_face(target)
    assert worn is not None and worn.node_tree is not None, "it has got a face a moment ago"
    for kind, name in MAP_NODES.items():
        node = worn.node_tree.nodes.get(name)
        if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image is not None:
            node.image = as_sequence(node.image, kind)
            user = node.image_user
            user.frame_start, user.frame_offset, user.frame_duration = first, first - 1, count
            user.use_auto_refresh, user.use_cyclic = True, False


def as_sequence(image: bpy.types.Image, kind: str) -> bpy.types.Image:
    """The sequence that begins with this image's file: one that is there from an earlier bake, or else the image itself."""
    if image.source == "SEQUENCE":
        return image
    path = _file(image)
    for other in bpy.data.images:
        if other.source == "SEQUENCE" and other.library is None and _file(other) == path:
            if image.users <= 1:
                bpy.data.images.remove(image)
            other.reload()
            return other
    image.source = "SEQUENCE"
    images.set_colour_space(image, kind)
    return image


def _file(image: bpy.types.Image) -> Path:
    return Path(bpy.path.abspath(image.filepath, library=image.library))
