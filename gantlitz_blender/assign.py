"""Finished map files -> datablocks on an object. The only place where sampling changes the artist's file.

Whose material is changed:

- The object wears a face material already: its map nodes get the new images, and everything else in it stays as the
  artist has it. If other objects wear that material as well, this object first gets a copy, so that theirs stay as
  they are. (Objects that share one mesh share its materials, hence the face.)
- Otherwise a new material takes the face's slot (slots.py). A material that loses its last user by that is kept by a fake user.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

from . import conventions, images, material, slots
from .head import add_head
from .runtime.export_profiles import NODE_WRANGLER, Output
from .runtime.recipe import Recipe

METRES_PER_MILLIMETRE = 0.001


def find_target(context: bpy.types.Context) -> bpy.types.Object | None:
    """The active object, if it is selected, editable and a mesh with a UV map."""
    found = context.view_layer.objects.active
    return found if found is not None and found.select_get() and is_suitable(found) else None


def is_suitable(candidate: bpy.types.Object | None) -> bool:
    return (
        candidate is not None
        and candidate.type == "MESH"
        and bool(candidate.data.uv_layers)
        and candidate.library is None
        and candidate.data.library is None
    )


def assign_face(
    context: bpy.types.Context,
    paths: Mapping[str, Path],
    recipe: Recipe | None,
    name: str,
    target_name: str,
    pack: bool,
    scan: Mapping[str, Any] | None = None,
    output: Output = NODE_WRANGLER,
    slot: int | None = None,
) -> str:
    """Put a face on the object of that name, or on a new preview head when the name is empty or the object is gone.

    paths: the four map files by kind. recipe, scan: what the face was made from. name: of a new material. output: the convention
    of the files. slot: of the object's materials; None to choose as ``slots.face_slot`` does.
    Returns one sentence that says what was done.
    """
    held = bpy.data.objects.get(target_name) if target_name else None
    added = not is_suitable(held)
    target = add_head(context) if added else held
    assert target is not None
    loaded = images.load_maps(paths, pack=pack)
    worn = slots.face_in(target, slot)
    if worn is None:
        new = material.build_face_material(loaded, recipe, name, *millimetres(context.scene, target), scan=scan)
        conventions.follow(new, output)
        slots.put(target, new, slot)
        return f"{new.name} is on a new head, {target.name}." if added else f"{new.name} is on {target.name}."
    if is_worn_elsewhere(worn, target):
        worn = replace_in_slots(target, worn, worn.copy())
    lost = material.replace_maps(worn, loaded, recipe, scan)
    conventions.follow(worn, output)
    if not lost:
        return f"{worn.name} on {target.name} has the new maps."
    gone = ", ".join(lost)
    return f"{worn.name} on {target.name} has new maps, but its nodes for {gone} are gone: wire these yourself."


def millimetres(scene: bpy.types.Scene, target: bpy.types.Object) -> tuple[float, float]:
    """The length of a millimetre in scene units, and in the object's own units (an imported head may be scaled)."""
    in_scene = METRES_PER_MILLIMETRE / scene.unit_settings.scale_length
    scale = abs(target.matrix_world.to_3x3().determinant()) ** (1 / 3)
    return in_scene, in_scene / scale if scale > 0 else in_scene


def worn_face(target: bpy.types.Object) -> bpy.types.Material | None:
    """The face material on the object: that of the face's slot, if it has one."""
    return slots.face_in(target)


def is_worn_elsewhere(worn: bpy.types.Material, target: bpy.types.Object) -> bool:
    others = (other for other in bpy.data.objects if other != target and other.data != target.data)
    return any(slot.material == worn for other in others for slot in other.material_slots)


def replace_in_slots(target: bpy.types.Object, old: bpy.types.Material, new: bpy.types.Material) -> bpy.types.Material:
    for slot in target.material_slots:
        if slot.material == old:
            slot.material = new
    return new
