"""Which of an object's material slots is the face's: a body often has the face, the body and the eyes in slots of their own."""

import re

import bpy

from .material import is_face_material

FACE_NAMES = re.compile(r"(?<![a-z])(face|head)(?![a-z])", re.IGNORECASE)


def face_slot(target: bpy.types.Object) -> int:
    """The slot that the artist has chosen; else one that wears a face already, the active one before others; else one that is named
    after the face or the head; else the active one. -1 where there is no slot at all."""
    found = [slot.material for slot in target.material_slots]
    if not found:
        return -1
    active = target.active_material_index
    order = [active, *(index for index in range(len(found)) if index != active)]
    chosen = target.material_slots.find(target.gantlitz_slot) if target.gantlitz_slot else -1
    if chosen >= 0:
        return chosen
    wears = [index for index in order if is_face_material(found[index]) and found[index].library is None]
    named = [index for index in order if found[index] is not None and FACE_NAMES.search(found[index].name)]
    return [*wears, *named, active][0]


def face_in(target: bpy.types.Object, slot: int | None = None) -> bpy.types.Material | None:
    """The face material in a slot (None: the face's slot), if what it holds is one."""
    index = face_slot(target) if slot is None else slot
    worn = target.material_slots[index].material if 0 <= index < len(target.material_slots) else None
    return worn if worn is not None and is_face_material(worn) and worn.library is None else None


def put(target: bpy.types.Object, new: bpy.types.Material, slot: int | None = None) -> None:
    """Into a slot (None: the face's), or into a new one where there is none. A choice by name follows the new name."""
    index = face_slot(target) if slot is None else slot
    if not 0 <= index < len(target.material_slots):
        target.data.materials.append(new)
        return
    old = target.material_slots[index].material
    target.material_slots[index].material = new
    if target.gantlitz_slot:
        target.gantlitz_slot = target.material_slots[index].name
    if old is not None and old.users == 0:
        old.use_fake_user = True
