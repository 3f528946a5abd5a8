"""The verbs of the command line for scripts: they block until it is done, or, called in a window, run beside it.

What the runtime does is done in its Python; what needs a Blender gets one of its own, so that the open file stays as it is.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from ..command_process import START, names_model
from ..command_run import CommandRun, words_of
from ..preferences import chosen_model, chosen_python
from ..python_finder import VARIABLE, child_environment, locate_python
from ..runtime.errors import GantlitzError
from ..translation import said, told
from .job_operator import POLL_SECONDS

SKIP = {"SKIP_SAVE"}
BATCH = Path(__file__).resolve().parents[1] / "batch.py"


def outdir_property():
    return StringProperty(name="Folder", description="Where the files and their manifest go", subtype="DIR_PATH", options=SKIP)


def more_property():
    return StringProperty(
        name="More", description="Further options as on the command line, such as --level 2 --trunc 0.5", options=SKIP
    )


class CommandOperator:
    """A mixin beside bpy.types.Operator. The subclass says the verb and its words; outdir and more are its properties."""

    report: Callable[[set[str], str], None]  # bpy.types.Operator's
    outdir: str
    more: str
    verb = ""
    in_blender = False
    stopping = False  # because the artist has asked for it
    timer: bpy.types.Timer | None = None

    def words(self, context: bpy.types.Context) -> list[str]:
        """What follows the verb, but for --outdir and what the caller adds."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not self.begin(context):
            return {"CANCELLED"}
        try:
            while self.run.code is None:
                time.sleep(POLL_SECONDS / 5)
        except BaseException:  # Ctrl-C in a script
            self.run.stop()
            raise
        return self.conclude()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not self.begin(context):
            return {"CANCELLED"}
        self.timer = context.window_manager.event_timer_add(POLL_SECONDS, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "ESC" and event.value == "PRESS":
            self.stopping = True
            self.run.stop()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if self.run.code is None:
            if context.workspace:
                context.workspace.status_text_set(f"GANtlitz: {self.run.said()}")
            return {"PASS_THROUGH"}
        self.cancel(context)
        return self.conclude()

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself, or it is over."""
        self.run.stop()
        if self.timer is not None:
            context.window_manager.event_timer_remove(self.timer)
            self.timer = None
        if context.workspace:
            context.workspace.status_text_set(None)

    def begin(self, context: bpy.types.Context) -> bool:
        try:
            words = [self.verb, *self.words(context)]
            if self.outdir:
                words += ["--outdir", bpy.path.abspath(self.outdir)]
            python = locate_python(chosen_python(context))
            environment = child_environment()
            if self.in_blender:
                command = [*_blender(), str(BATCH), "--", *words, *words_of(self.more)]
                environment[VARIABLE] = str(python)
            else:
                command = [str(python), str(START), *words, *words_of(self.more)]
            self.run = CommandRun(command, environment)
        except (GantlitzError, OSError, ValueError) as error:
            self.report({"ERROR"}, told(error) if isinstance(error, GantlitzError) else str(error))
            return False
        return True

    def conclude(self) -> set[str]:
        if self.run.code and self.stopping:
            self.report({"INFO"}, said("Cancelled: what is whole stays, and the same call goes on from there."))
            return {"CANCELLED"}
        if self.run.code:
            self.report({"ERROR"}, self.run.problem())
            return {"CANCELLED"}
        self.report({"INFO"}, self.run.said() or said("It is done."))
        return {"FINISHED"}

    def of_preferences(self, context: bpy.types.Context) -> list[str]:
        model = chosen_model(context, "")
        return ["--model", model] if model and "--model" not in self.more else []


class GANTLITZ_OT_batch(CommandOperator, bpy.types.Operator):
    """Make what a job file lists, as the command line's batch does: what is whole already is left"""

    bl_idname = "gantlitz.batch"
    bl_label = "Batch from Job File"
    verb = "batch"

    job: StringProperty(name="Job", description="A JSON file that says what to make", subtype="FILE_PATH", options=SKIP)
    outdir: outdir_property()
    more: more_property()

    def words(self, context: bpy.types.Context) -> list[str]:
        job = bpy.path.abspath(self.job)
        return [job, *([] if names_model(Path(job)) else self.of_preferences(context))]


class GANTLITZ_OT_upscale(CommandOperator, bpy.types.Operator):
    """Enlarge the maps of scans, as the command line's upscale does"""

    bl_idname = "gantlitz.upscale"
    bl_label = "Upscale Scans"
    verb = "upscale"

    scans: StringProperty(name="Scans", description="A picture, a scan's folder, or a folder of scans", options=SKIP)
    width: IntProperty(name="Width", description="Texels of the answer; 0 is as the widest known map", min=0, options=SKIP)
    outdir: outdir_property()
    more: more_property()

    def words(self, context: bpy.types.Context) -> list[str]:
        width = ["--width", str(self.width)] if self.width else []
        return [bpy.path.abspath(self.scans), *width, *self.of_preferences(context)]


class GANTLITZ_OT_render(CommandOperator, bpy.types.Operator):
    """Render portraits, turntables and contact sheets of faces in a Blender of their own, as the command line's render does"""

    bl_idname = "gantlitz.render"
    bl_label = "Render Faces"
    verb = "render"
    in_blender = True

    seeds: StringProperty(name="Seeds", description="Which faces: numbers and ranges, such as 7 or 0-3,7", options=SKIP)
    turntable: IntProperty(name="Turntable", description="Pictures around each face; 0 for one portrait", min=0, options=SKIP)
    sheet: BoolProperty(name="Sheet", description="Contact sheets of the pictures too", default=False, options=SKIP)
    blend: StringProperty(
        name="File",
        description="A .blend whose mesh wears the faces; empty for the preview head",
        subtype="FILE_PATH",
        options=SKIP,
    )
    outdir: outdir_property()
    more: more_property()

    def words(self, context: bpy.types.Context) -> list[str]:
        words = ["--seeds", self.seeds] if self.seeds else []
        words += ["--turntable", str(self.turntable)] if self.turntable else []
        words += ["--sheet"] if self.sheet else []
        words += ["--blend", bpy.path.abspath(self.blend)] if self.blend else []
        return [*words, *self.of_preferences(context)]


class GANTLITZ_OT_population(CommandOperator, bpy.types.Operator):
    """Make an asset library of people who differ, in a Blender of its own, as the command line's population does"""

    bl_idname = "gantlitz.population"
    bl_label = "Population"
    verb = "population"
    in_blender = True

    count: IntProperty(name="Count", description="How many people", default=20, min=1, options=SKIP)
    spread: StringProperty(
        name="Spread", description="Labels that are covered evenly, such as tone,redness; empty for all", options=SKIP
    )
    min_distance: FloatProperty(
        name="Distance",
        description="The least between two people; 1 is usual between two faces",
        default=0.5,
        min=0.0,
        options=SKIP,
    )
    outdir: outdir_property()
    more: more_property()

    def words(self, context: bpy.types.Context) -> list[str]:
        words = ["--count", str(self.count), "--min-distance", f"{self.min_distance:g}"]
        return [*words, *(["--spread", self.spread] if self.spread else []), *self.of_preferences(context)]


def _blender() -> list[str]:
    """What runs a Python script in a Blender without a window; where Blender is a Python module, that Python."""
    if bpy.app.binary_path and os.access(bpy.app.binary_path, os.X_OK):
        return [bpy.app.binary_path, "--background", "--python-exit-code", "1", "--python"]
    return [sys.executable]


CLASSES = (GANTLITZ_OT_batch, GANTLITZ_OT_upscale, GANTLITZ_OT_render, GANTLITZ_OT_population)
