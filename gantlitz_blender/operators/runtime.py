"""The runtime installed, repaired, removed. In a window it goes on beside Blender; a script waits for it."""

from collections.abc import Callable

import bpy
from bpy.props import BoolProperty

from .. import runtime_state, session
from ..installer import Installation, make_plan
from ..installer_place import runtime_folder
from ..panels.common import draw_line
from ..panels.runtime import draw_plan
from ..preferences import preferences, wishes
from ..runtime.errors import GantlitzError
from ..runtime_state import Removal
from ..runtime_watch import watch
from ..translation import said, told
from .job_operator import BUSY

PLAN_WIDTH = 520


class RuntimeOperator:
    """A mixin beside bpy.types.Operator: what changes the runtime."""

    report: Callable[[set[str], str], None]  # bpy.types.Operator's
    poll_message_set: Callable[[str], None]

    # A dialog calls execute() as a script does: this tells them apart.
    wait: BoolProperty(name="Wait", description="Return only when it is done", default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if runtime_state.work is not None:
            cls.poll_message_set(said("The runtime is being installed or removed: wait, or cancel it."))
            return False
        if session.running():
            cls.poll_message_set(said(BUSY))
            return False
        return cls.allowed(context)

    @classmethod
    def allowed(cls, context: bpy.types.Context) -> bool:
        return True

    def make(self, context: bpy.types.Context) -> Installation | Removal:
        """What is to be done. Raises GantlitzError."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            job = self.make(context)
            if not self.wait:
                runtime_state.begin(job)
                watch()
                return {"FINISHED"}
            job.run()
        except GantlitzError as error:
            self.report({"ERROR"}, told(error))
            return {"CANCELLED"}
        finally:
            if self.wait:
                runtime_state.survey = None
        self.report({"INFO"}, said(runtime_state.ended(job)[0]))
        return {"FINISHED"}


class GANTLITZ_OT_install_runtime(RuntimeOperator, bpy.types.Operator):
    """Install torch in a folder of its own, for all Blender versions. Says first how much is downloaded and where it goes"""

    bl_idname = "gantlitz.install_runtime"
    bl_label = "Install"

    repair: BoolProperty(
        name="Download Again",
        description="Throw away what was downloaded, in case that is what is damaged",
        default=False,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def allowed(cls, context: bpy.types.Context) -> bool:
        chosen = preferences(context)
        if not bpy.app.online_access and not (chosen and chosen.wheel_folder):
            cls.poll_message_set(
                said("Blender may not use the network. Allow it in Preferences > System > Network > Allow Online Access, "
                "or choose a wheel folder")
            )
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        found = runtime_state.survey
        if found is None or found.wishes != wishes(context):
            if runtime_state.look(wishes(context)):
                watch()
            self.report({"WARNING"}, said("Still looking at this computer: press Install again in a moment."))
            return {"CANCELLED"}
        if found.plan is None:
            if found.error is not None:
                self.report({"ERROR"}, told(found.error))
            return {"CANCELLED"}
        self.wait = False
        dialog = context.window_manager.invoke_props_dialog
        return dialog(self, width=PLAN_WIDTH, title=said("Install the Runtime"), confirm_text=said("Install"))

    def draw(self, context: bpy.types.Context) -> None:
        found = runtime_state.survey
        if found is None or found.plan is None:
            draw_line(self.layout, "Still looking at this computer", icon="SORTTIME")
            return
        draw_plan(self.layout, found.plan)
        if found.state == "unfinished" and found.plan.needs_network:
            self.layout.prop(self, "repair")

    def make(self, context: bpy.types.Context) -> Installation:
        found = runtime_state.survey
        if self.wait or found is None or found.plan is None:
            chosen = wishes(context)
            plan = make_plan(chosen.folder, chosen.build, chosen.sources)
        else:
            plan = found.plan
        return Installation(plan, fresh=self.repair, around=runtime_state.release)


class GANTLITZ_OT_remove_runtime(RuntimeOperator, bpy.types.Operator):
    """Delete the installed runtime: only the folder that Install made. Faces that you have made stay"""

    bl_idname = "gantlitz.remove_runtime"
    bl_label = "Remove"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.wait = False
        return context.window_manager.invoke_confirm(
            self,
            event,
            title=said("Remove the Runtime"),
            message=said("Faces cannot be sampled until it is installed again."),
            icon="WARNING",
        )

    def make(self, context: bpy.types.Context) -> Removal:
        return Removal(runtime_folder(wishes(context).folder), around=runtime_state.release)


class GANTLITZ_OT_cancel_install(bpy.types.Operator):
    """Stop installing. What was downloaded is kept, and Install goes on from there"""

    bl_idname = "gantlitz.cancel_install"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not isinstance(runtime_state.work, Installation):
            cls.poll_message_set(said("Nothing is being installed."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        if runtime_state.work is not None:
            runtime_state.work.cancel()
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_install_runtime, GANTLITZ_OT_remove_runtime, GANTLITZ_OT_cancel_install)
