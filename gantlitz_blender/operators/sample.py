"""Sample: the operator that the whole add-on is about, and Cancel.

In a window it is modal and Blender stays usable; called from a script or in the background it blocks until the face is
there. Either way the worker makes files, and only when they are whole is the artist's scene touched, in one step, so
that one undo takes it back. Across the run the target is held by name: a pointer would not survive an undo meanwhile.
"""

import time

import bpy

from .. import images, naming, session
from ..assign import assign_face, find_target
from ..job import Order, SampleJob, explained
from ..preferences import preferences
from ..properties import LEVELS, input_properties
from ..runtime.errors import Cancelled
from ..runtime.recipe import Recipe

POLL_SECONDS = 0.1


class GANTLITZ_OT_sample(bpy.types.Operator):
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
            cls.poll_message_set("A face is being sampled: wait for it, or cancel it.")
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set("Sampling changes objects and materials: go to Object Mode first.")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not self.begin(context):
            return {"CANCELLED"}
        manager = context.window_manager
        try:
            self.timer = manager.event_timer_add(POLL_SECONDS, window=context.window)
            manager.modal_handler_add(self)
        except Exception as error:
            return self.give_up(context, error)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            return self.turn(context, event)
        except Exception as error:  # Blender would call a modal operator that raises again and again
            return self.give_up(context, error)

    def turn(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        state = context.window_manager.gantlitz
        escape = event.type == "ESC" and event.value == "PRESS"
        if escape or state.cancel_requested:
            self.job.cancel()
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        self.job.step()
        if self.job.error is None and self.job.result is not None and context.mode != "OBJECT":
            self.job.text = "Ready: go to Object Mode to get the face"
        elif self.job.finished:
            return self.end(context)
        self.show(context)
        return {"RUNNING_MODAL" if escape else "PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself: another file is being opened, or the window closed."""
        self.job.cancel()
        self.clean_up(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not self.begin(context):
            return {"CANCELLED"}
        try:
            while not self.job.finished:
                self.job.step()
                time.sleep(POLL_SECONDS / 5)
        except BaseException:  # Ctrl-C in a script: the worker must not go on
            self.job.cancel()
            self.clean_up(context)
            raise
        return self.end(context)

    def begin(self, context: bpy.types.Context) -> bool:
        """Start the job; False, with the error shown, when that is not possible."""
        context.window_manager.gantlitz.begin()
        try:
            target = find_target(context)
            self.target_name = target.name if target else ""
            self.pack_files = self.value(context, "pack")
            order = self.order(context)
            chosen = preferences(context)
            python = bpy.path.abspath(chosen.python) if chosen else ""
            self.job = SampleJob(lambda: session.connect(python), order, images.is_edited)
        except Exception as error:
            self.give_up(context, error)
            return False
        session.begin(self.job)
        return True

    def give_up(self, context: bpy.types.Context, error: Exception) -> set[str]:
        """End with the error shown and nothing left running, so that the next sampling can begin."""
        if job := getattr(self, "job", None):
            job.cancel()
        self.clean_up(context)
        self.show_error(context, error)
        return {"CANCELLED"}

    def order(self, context: bpy.types.Context) -> Order:
        recipe = Recipe(
            seed=self.value(context, "seed"),
            psi=round(self.value(context, "psi"), 6),  # Blender's floats have 32 bits: 0.7 must stay 0.7
            noise_seed=self.value(context, "noise_seed"),
            noise_strength=round(self.value(context, "noise_strength"), 6),
        )
        chosen = preferences(context)
        model = self.value(context, "model") or (chosen.model if chosen else "")
        return Order(
            recipe=recipe,
            level=LEVELS[self.value(context, "resolution")],
            folder=naming.output_folder(self.value(context, "folder"), bpy.data.filepath),
            prefix=self.value(context, "prefix"),
            model=bpy.path.abspath(model) if model else None,
            device=self.value(context, "device"),
        )

    def value(self, context: bpy.types.Context, name: str):
        """What this call was given, else the scene's setting."""
        given = self.properties.is_property_set(name)
        return getattr(self if given else context.scene.gantlitz, name)

    def end(self, context: bpy.types.Context) -> set[str]:
        job = self.job
        try:
            result = job.take()
            done = assign_face(context, result, self.target_name, self.pack_files)
        except Cancelled:
            context.window_manager.gantlitz.result = "Cancelled: the scene is as it was."
            self.report({"INFO"}, "Sampling was cancelled: the scene is as it was.")
            return {"CANCELLED"}
        except Exception as error:
            self.show_error(context, error)
            return {"CANCELLED"}
        finally:
            self.clean_up(context)
        context.window_manager.gantlitz.result = done
        self.report({"INFO"}, f"{done} Maps: {result.paths['albedo'].parent}")
        return {"FINISHED"}

    def show(self, context: bpy.types.Context) -> None:
        state = context.window_manager.gantlitz
        state.progress, state.text = self.job.progress, self.job.text
        if context.workspace:
            context.workspace.status_text_set(f"GANtlitz: {state.text} {state.progress:.0%}   (Esc cancels)")
        redraw(context)

    def show_error(self, context: bpy.types.Context, error: Exception) -> None:
        state, shown = context.window_manager.gantlitz, explained(error)
        state.error_sentence, state.error_fix, state.error_code = shown.sentence, shown.fix, shown.code
        # In a script, a report of ERROR becomes a RuntimeError with this text.
        self.report({"ERROR"}, str(shown))

    def clean_up(self, context: bpy.types.Context) -> None:
        session.end()
        context.window_manager.gantlitz.running = False
        if timer := getattr(self, "timer", None):
            context.window_manager.event_timer_remove(timer)
            self.timer = None
        if context.workspace:
            context.workspace.status_text_set(None)
        redraw(context)


class GANTLITZ_OT_cancel(bpy.types.Operator):
    """Stop sampling; nothing is written"""

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
        context.window_manager.gantlitz.cancel_requested = True  # the modal operator sees it within a tenth of a second
        return {"FINISHED"}


def redraw(context: bpy.types.Context) -> None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


CLASSES = (GANTLITZ_OT_sample, GANTLITZ_OT_cancel)
