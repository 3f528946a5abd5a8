"""Complete: the missing maps of a scan. The answer waits until the artist accepts or discards it."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import bpy
from bpy.props import BoolProperty, IntProperty

from .. import naming, previews, scan_images, scan_mesh, scan_points, session
from ..assign import assign_face, find_target, is_suitable
from ..completion_job import Completion, CompletionJob, CompletionOrder
from ..preferences import chosen_model, chosen_python
from ..redrawing import redraw
from ..runtime.errors import GantlitzError
from ..runtime.scan_request import MAPS, ScanRequest
from ..scan_properties import settings
from ..translation import said, told
from .job_operator import BUSY, JobOperator, note_error


class GANTLITZ_OT_complete(JobOperator, bpy.types.Operator):
    """Make the missing maps of the scan. In a window, the result waits for Accept or Discard. \
From scripts, every setting that is not given is the scene's"""

    bl_idname = "gantlitz.complete"
    bl_label = "Complete"
    bl_options = {"REGISTER", "UNDO"}

    state_name = "gantlitz_scan"
    cancelled = "no maps were written"
    job: CompletionJob

    __annotations__ = {  # as those of Sample
        **settings(options={"SKIP_SAVE", "HIDDEN"}),
        "width": IntProperty(
            name="Width", description="Texels; 0 is that of the widest known map", min=0, options={"SKIP_SAVE", "HIDDEN"}
        ),
        "accept": BoolProperty(
            name="Accept", description="From scripts: wire the result at once", default=True, options={"SKIP_SAVE", "HIDDEN"}
        ),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        hindrance = why_not(context)
        if hindrance:
            cls.poll_message_set(said(hindrance))
        return not hindrance

    def make_job(self, context: bpy.types.Context) -> CompletionJob:
        previews.clear()
        scan, inputs = context.scene.gantlitz_scan, context.scene.gantlitz
        target = find_target(context)
        self.target_name = target.name if target else ""
        self.scratch = tempfile.TemporaryDirectory(prefix="gantlitz-scan-")
        images = {kind: getattr(scan, kind) for kind in MAPS if getattr(scan, kind)}
        folder = naming.output_folder(inputs.folder, bpy.data.filepath)
        order = CompletionOrder(
            request=self.request(context, images),
            folder=folder,
            prefix=inputs.prefix,
            source={kind: image.name for kind, image in images.items()},
            model=chosen_model(context, inputs.model),
            device=inputs.device,
            new_folder=not folder.exists(),
        )
        python = chosen_python(context)
        return CompletionJob(lambda: session.connect(python), order)

    def request(self, context: bpy.types.Context, images: dict[str, bpy.types.Image]) -> ScanRequest:
        scan = context.scene.gantlitz_scan
        own = self.value(context, "layout") == "OWN"
        range_mm = round(self.value(context, "displacement_mm"), 6)
        scratch = Path(self.scratch.name)
        files = {kind: scan_images.picture_file(kind, image, range_mm == 0, scratch) for kind, image in images.items()}
        mesh = None
        if own:
            scan_points.gain_in(scan, scan_points.picture(scan))
            if self.value(context, "use_mesh"):
                mesh = str(scan_mesh.write_obj(self.chosen_mesh(context), scratch / "scan.obj"))
        width = self.width if self.properties.is_property_set("width") else scan.width_of_answer()
        return ScanRequest(
            maps={kind: str(path) for kind, path in files.items()},
            points=scan_points.to_dict(scan) if own else None,
            mesh=mesh,
            method=self.value(context, "method"),
            width=width or None,
            keep=self.value(context, "keep"),
            refine=own and self.value(context, "refine"),
            directx=self.value(context, "directx"),
            displacement_mm=range_mm,
        )

    def chosen_mesh(self, context: bpy.types.Context) -> bpy.types.Object:
        target = find_target(context)
        if target is None:
            raise GantlitzError(
                "No mesh with a UV map is selected, so the scan cannot be aligned through it.",
                "Select the scan's object, or turn off Through the Mesh.",
                "no-target",
            )
        return target

    def value(self, context: bpy.types.Context, name: str):
        """What this call was given, else the scene's setting."""
        given = self.properties.is_property_set(name)
        return getattr(self if given else context.scene.gantlitz_scan, name)

    def heard(self) -> None:
        previews.show(self.job.picture)

    def finish(self, context: bpy.types.Context, result: Completion) -> str:
        self.heard()
        session.hold(result, self.target_name)
        self.state(context).warnings = "\n".join(result.warnings)
        for warning in result.warnings:
            self.report({"WARNING"}, said(warning))
        if self.accept and not self.in_window:
            return accept(context)
        return f"{result.name} is ready, {result.width} x {result.height}: accept or discard it."

    def let_go(self) -> None:
        if scratch := getattr(self, "scratch", None):
            scratch.cleanup()


class _Answer:
    """A mixin: what is done with the completed scan that waits."""

    report: Callable[[set[str], str], None]  # bpy.types.Operator's
    poll_message_set: Callable[[str], None]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if session.waiting() is None:
            cls.poll_message_set(said("No completed scan is waiting."))
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set(said("This changes objects and materials: go to Object Mode first."))
            return False
        return True

    def answer(self, context: bpy.types.Context) -> str:
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        state = context.window_manager.gantlitz_scan
        state.begin()
        try:
            state.result = self.answer(context)
        except Exception as error:
            self.report({"ERROR"}, told(note_error(state, error)))
            return {"CANCELLED"}
        finally:
            state.running = False
            redraw()
        self.report({"INFO"}, said(state.result))
        return {"FINISHED"}


class GANTLITZ_OT_scan_accept(_Answer, bpy.types.Operator):
    """Put the completed maps on the object: into its face material where it wears one, else in a new material"""

    bl_idname = "gantlitz.scan_accept"
    bl_label = "Accept"
    bl_options = {"REGISTER", "UNDO"}

    def answer(self, context: bpy.types.Context) -> str:
        return accept(context)


class GANTLITZ_OT_scan_discard(_Answer, bpy.types.Operator):
    """Remove the files of the completed maps; everything is as before"""

    bl_idname = "gantlitz.scan_discard"
    bl_label = "Discard"
    bl_options = {"REGISTER"}

    def answer(self, context: bpy.types.Context) -> str:
        waiting = session.waiting()
        assert waiting is not None, "poll() saw one"
        session.let_go()
        previews.clear()
        waiting[0].remove_files()
        return "Discarded: everything is as before."


def why_not(context: bpy.types.Context) -> str:
    """Why the scan cannot be completed now; empty when it can."""
    scan = context.scene.gantlitz_scan
    if session.running():
        return BUSY
    if session.waiting() is not None:
        return "A completed scan is waiting: accept or discard it first."
    if scan_points.picture(scan) is None:
        return "Choose at least one map of the scan."
    if scan.layout == "OWN" and (missing := scan_points.missing(scan)):
        return f"{len(missing)} points of the face are missing: place them, or set UV Layout to GANtlitz."
    if all(getattr(scan, kind) for kind in MAPS) and (scan.keep or scan.method == "fast") and scan.width_of_answer() == 0:
        return "No map is missing: choose a larger size, or another method and not to keep your maps."
    return ""


def accept(context: bpy.types.Context) -> str:
    """Put the completed scan that waits on its object; returns a sentence that says what was done.

    Raises GantlitzError (``no-target``) when there is no object of its UV layout.
    """
    waiting = session.waiting()
    assert waiting is not None, "the caller saw one"
    completion, made_for = waiting
    target = bpy.data.objects.get(made_for) if made_for else find_target(context)
    if not is_suitable(target):
        if completion.order.request.points is not None:
            raise GantlitzError(
                "There is no object to put the maps on: they lie in the scan's own UV layout.",
                "Select the scan's object, a mesh with a UV map, and accept again.",
                "no-target",
            )
        target = None
    done = assign_face(
        context,
        completion.paths,
        completion.recipe,
        completion.name,
        target.name if target else "",
        context.scene.gantlitz.pack,
        completion.origin(),
    )
    session.let_go()
    previews.clear()
    return f"{done} Maps: {completion.order.folder}"


CLASSES = (GANTLITZ_OT_complete, GANTLITZ_OT_scan_accept, GANTLITZ_OT_scan_discard)
