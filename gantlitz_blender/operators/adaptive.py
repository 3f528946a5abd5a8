"""The switch of true displacement."""

import bpy
from bpy.props import BoolProperty

from .. import subdivision
from ..assign import find_target
from ..translation import said


class GANTLITZ_OT_adaptive_displacement(bpy.types.Operator):
    """Let Cycles dice the mesh as finely as the picture needs, so that pores and wrinkles are real geometry. Needs memory"""

    bl_idname = "gantlitz.adaptive_displacement"
    bl_label = "Adaptive Displacement"
    bl_options = {"REGISTER", "UNDO"}

    on: BoolProperty(name="On", default=True, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if find_target(context) is None:
            cls.poll_message_set(said("Select a mesh with a UV map."))
            return False
        if not hasattr(context.scene, "cycles"):
            cls.poll_message_set(said("Cycles is switched off in the preferences: enable its add-on."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        target = find_target(context)
        assert target is not None, "poll() saw one"
        (subdivision.switch_on if self.on else subdivision.switch_off)(context.scene, target)
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_adaptive_displacement,)
