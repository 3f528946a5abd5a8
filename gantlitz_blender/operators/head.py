"""The preview head."""

from collections.abc import Callable

import bpy

from ..head import add_head
from ..translation import said


class AddsHead:
    """A mixin: the operator may add the preview head."""

    poll_message_set: Callable[[str], None]  # bpy.types.Operator's

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set(said("Leave Edit Mode first: the head is added in Object Mode."))
            return False
        return True


class GANTLITZ_OT_add_head(AddsHead, bpy.types.Operator):
    """Add a head whose UV map fits the sampled maps, and make it the active object"""

    bl_idname = "gantlitz.add_head"
    bl_label = "Add Preview Head"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        add_head(context)
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_add_head,)
