"""The doctor's buttons: see that everything is there that a face needs, and copy what was found."""

import bpy
from bpy.props import BoolProperty

from .. import naming, runtime_state
from ..doctor import Subject, addon_version, report
from ..preferences import chosen_model, chosen_python
from ..runtime_watch import watch
from ..translation import said


class GANTLITZ_OT_doctor(bpy.types.Operator):
    """Check driver, torch, memory, disk, model and worker, in about ten seconds. Each line is good, or has its fix"""

    bl_idname = "gantlitz.doctor"
    bl_label = "Doctor"

    wait: BoolProperty(name="Wait", description="Return only when it is done", default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if runtime_state.work is not None:
            cls.poll_message_set(said("The runtime is being installed or removed: wait, or cancel it."))
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.wait = False
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        examination = runtime_state.diagnose(subject(context))
        if not self.wait:
            watch()
            return {"FINISHED"}
        examination.join()
        print(report(examination.findings))
        bad = [finding.about for finding in examination.findings if finding.good is False]
        if bad:
            self.report({"WARNING"}, said(f"Something needs a fix: {', '.join(bad)}."))
        else:
            self.report({"INFO"}, said("Everything is there."))
        return {"FINISHED"}


class GANTLITZ_OT_copy_report(bpy.types.Operator):
    """Copy what the doctor found, to paste into a message. Your home folder and passwords are left out"""

    bl_idname = "gantlitz.copy_report"
    bl_label = "Copy Report"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if runtime_state.examination is None or not runtime_state.examination.finished:
            cls.poll_message_set(said("There is no report yet: press Doctor first."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        if runtime_state.examination is not None:
            context.window_manager.clipboard = report(runtime_state.examination.findings)
        self.report({"INFO"}, said("The report is in the clipboard."))
        return {"FINISHED"}


def subject(context: bpy.types.Context) -> Subject:
    """What the doctor is to look at, as Blender has it set."""
    inputs = context.scene.gantlitz
    return Subject(
        python=chosen_python(context),
        model=chosen_model(context, inputs.model) or "",
        maps=str(naming.output_folder(inputs.folder, bpy.data.filepath)),
        online=bpy.app.online_access,
        versions=(("GANtlitz", addon_version()), ("Blender", bpy.app.version_string)),
    )


CLASSES = (GANTLITZ_OT_doctor, GANTLITZ_OT_copy_report)
