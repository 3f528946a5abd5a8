"""Sample: a face in Blender's own files, the verb for scripts; and Cancel."""

from typing import Any

import bpy

from .. import session
from ..bake_queue import queue
from ..properties import LEVELS, input_properties
from ..translation import said
from .face_operator import FaceOperator
from .job_operator import BUSY


class GANTLITZ_OT_sample(FaceOperator, bpy.types.Operator):
    """Sample four registered maps of a face and put them on the active object, or on a new preview head. \
From scripts, every input that is not given is the scene's"""

    bl_idname = "gantlitz.sample"
    bl_label = "Sample"
    bl_options = {"REGISTER", "UNDO"}

    # Not remembered between calls, so that is_property_set tells what this call was given; not shown either, because a
    # redo panel would sample anew with every drag.
    __annotations__ = input_properties(options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if session.running():
            cls.poll_message_set(said(BUSY))
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set(said("Sampling changes objects and materials: go to Object Mode first."))
            return False
        return True

    def how(self, context: bpy.types.Context) -> dict[str, Any]:
        return {"level": LEVELS[self.value(context, "resolution")]}

    def value(self, context: bpy.types.Context, name: str):
        given = self.properties.is_property_set(name)
        return getattr(self if given else context.scene.gantlitz, name)


class GANTLITZ_OT_cancel(bpy.types.Operator):
    """Stop what is being made, and what waits behind it; nothing half-written stays"""

    bl_idname = "gantlitz.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not session.running():
            cls.poll_message_set(said("Nothing is being made."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        queue.waiting.clear()
        for state in (context.window_manager.gantlitz, context.window_manager.gantlitz_scan):
            state.cancel_requested = state.running  # the modal operator sees it within a tenth of a second
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_sample, GANTLITZ_OT_cancel)
