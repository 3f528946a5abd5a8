"""Bake: finished maps in the files that a program expects. Several bakes queue; one operator works the queue."""

from typing import Any

import bpy
from bpy.props import IntProperty

from .. import session
from ..bake_properties import bake_properties, output_of
from ..bake_queue import queue
from ..properties import input_properties
from ..redrawing import redraw
from ..runtime.errors import GantlitzError
from ..translation import said, told
from .face_operator import FaceOperator
from .job_operator import BUSY, POLL_SECONDS, JobOperator, note_error

HIDDEN = {"SKIP_SAVE", "HIDDEN"}


class GANTLITZ_OT_bake(FaceOperator, bpy.types.Operator):
    """Make the maps of this face as files, and put them on the active object, or on a new preview head. Pressed again meanwhile, \
the next bake waits for its turn. From scripts, every input that is not given is the scene's"""

    bl_idname = "gantlitz.bake"
    bl_label = "Bake Maps"
    bl_options = {"REGISTER", "UNDO"}

    __annotations__ = {
        **{name: found for name, found in input_properties(options=HIDDEN).items() if name != "resolution"},
        **bake_properties(options=HIDDEN),
        "width": IntProperty(name="Width", description="Texels; 0 takes the size above", min=0, options=HIDDEN),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if session.running() and queue.active is None:
            cls.poll_message_set(said(BUSY))
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set(said("Baking changes objects and materials: go to Object Mode first."))
            return False
        return True

    def how(self, context: bpy.types.Context) -> dict[str, Any]:
        return {
            "level": 0,
            "width": self.width or int(self.value(context, "size")),
            "profile": self.value(context, "profile"),
            "output": output_of(lambda name: self.value(context, name)),
        }

    def value(self, context: bpy.types.Context, name: str):
        if self.properties.is_property_set(name):
            return getattr(self, name)
        scene = context.scene
        return getattr(scene.gantlitz if hasattr(scene.gantlitz, name) else scene.gantlitz_bake, name)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            item = self.order(context)
        except GantlitzError as error:
            self.report({"ERROR"}, told(note_error(self.state(context), error)))
            return {"CANCELLED"}
        if queue.active is not None:
            queue.waiting.append(item)
            redraw()
            return {"CANCELLED"}  # nothing has changed yet that could be undone
        self.item = item
        queue.start(item)
        return JobOperator.invoke(self, context, event)

    def after(self, context: bpy.types.Context, outcome: set[str]) -> set[str]:
        """Begin with the next bake, if one waits."""
        self.note_failure(context)
        while self.in_window and (item := queue.next()) is not None:
            if outcome == {"FINISHED"}:
                bpy.ops.ed.undo_push(message="Bake Maps")  # each bake can be taken back by itself
            self.item = item
            if self.begin(context):
                self.timer = context.window_manager.event_timer_add(POLL_SECONDS, window=context.window)
                return {"PASS_THROUGH"}
            self.note_failure(context)
        queue.clear()
        return outcome

    def stopped(self) -> None:
        queue.clear()

    def note_failure(self, context: bpy.types.Context) -> None:
        sentence = self.state(context).error_sentence
        if sentence and self.item is not None and queue.active is not None:
            queue.failures.append(f"{self.item.label}: {sentence}")


class GANTLITZ_OT_unqueue_bake(bpy.types.Operator):
    """Take this bake out of the queue"""

    bl_idname = "gantlitz.unqueue_bake"
    bl_label = "Remove from Queue"
    bl_options = {"INTERNAL"}

    index: IntProperty(options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not 0 <= self.index < len(queue.waiting):  # its turn has come meanwhile
            return {"CANCELLED"}
        del queue.waiting[self.index]
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_bake, GANTLITZ_OT_unqueue_bake)
