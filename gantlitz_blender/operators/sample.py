"""Sample: the operator that the whole add-on is about, and Cancel."""

import bpy

from .. import images, looks, naming, session
from ..assign import assign_face, find_target
from ..job import Order, Result, SampleJob
from ..look import recipe_of
from ..properties import LEVELS, input_properties
from .job_operator import BUSY, JobOperator, chosen_model, chosen_python


class GANTLITZ_OT_sample(JobOperator, bpy.types.Operator):
    """Sample four registered maps of a face and put them on the active object, or on a new preview head. \
From scripts, every input that is not given is the scene's"""

    bl_idname = "gantlitz.sample"
    bl_label = "Sample"
    bl_options = {"REGISTER", "UNDO"}

    state_name = "gantlitz"
    cancelled = "the scene is as it was"

    # Not remembered between calls, so that is_property_set tells what this call was given; not shown either, because a
    # redo panel would sample anew with every drag.
    __annotations__ = input_properties(options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if session.running():
            cls.poll_message_set(BUSY)
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set("Sampling changes objects and materials: go to Object Mode first.")
            return False
        return True

    def make_job(self, context: bpy.types.Context) -> SampleJob:
        target = find_target(context)
        self.target_name = target.name if target else ""
        self.pack_files = self.value(context, "pack")
        order, python = self.order(context), chosen_python(context)
        return SampleJob(lambda: session.connect(python), order, images.is_edited)

    def order(self, context: bpy.types.Context) -> Order:
        return Order(
            recipe=recipe_of(lambda name: self.value(context, name)),
            level=LEVELS[self.value(context, "resolution")],
            folder=naming.output_folder(self.value(context, "folder"), bpy.data.filepath),
            prefix=self.value(context, "prefix"),
            model=chosen_model(context, self.value(context, "model")),
            device=self.value(context, "device"),
        )

    def value(self, context: bpy.types.Context, name: str):
        """What this call was given, else the scene's setting."""
        given = self.properties.is_property_set(name)
        return getattr(self if given else context.scene.gantlitz, name)

    def hindrance(self, context: bpy.types.Context) -> str:
        return "" if context.mode == "OBJECT" else "Ready: go to Object Mode to get the face"

    def finish(self, context: bpy.types.Context, result: Result) -> str:
        done = assign_face(context, result.paths, result.recipe, result.name, self.target_name, self.pack_files)
        looks.note(context, result.recipe)
        self.state(context).warnings = "\n".join(result.notices)
        return f"{done} Maps: {result.paths['albedo'].parent}"


class GANTLITZ_OT_cancel(bpy.types.Operator):
    """Stop what is being sampled or completed; nothing is written"""

    bl_idname = "gantlitz.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not session.running():
            cls.poll_message_set("Nothing is being sampled.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        for state in (context.window_manager.gantlitz, context.window_manager.gantlitz_scan):
            state.cancel_requested = state.running  # the modal operator sees it within a tenth of a second
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_sample, GANTLITZ_OT_cancel)
