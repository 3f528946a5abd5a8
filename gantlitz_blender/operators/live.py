"""The switch of the live look."""

import bpy
from bpy.props import EnumProperty

from .. import live, live_images, live_material
from ..look import recipe_of
from ..runtime.errors import GantlitzError
from ..translation import said, told

ACTIONS = (
    ("TOGGLE", "Toggle", "On if it is off, off if it is on"),
    ("ON", "On", "Show the face of the sliders on the active object"),
    ("OFF", "Off", "Go back to the maps that were there before"),
)


class GANTLITZ_OT_live(bpy.types.Operator):
    """Show the face of the sliders on the head while you move them. Switched off, the maps that were there before come back; \
a face that had none keeps the last preview"""

    bl_idname = "gantlitz.live"
    bl_label = "Live Look"
    bl_options = {"REGISTER", "UNDO"}

    action: EnumProperty(name="Action", items=ACTIONS, default="TOGGLE", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set(said("The live look changes objects and materials: go to Object Mode first."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        on = live.running() is not None
        if self.action == "OFF" or (self.action == "TOGGLE" and on):
            return self.switch_off()
        return self.switch_on(context)

    def switch_on(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.gantlitz
        try:
            recipe = recipe_of(lambda name: getattr(settings, name))
        except GantlitzError as error:
            self.report({"ERROR"}, told(error))
            return {"CANCELLED"}
        before = live_material.marked()
        face = live_material.mark(context, recipe)
        for other in before:
            if other != face:
                live_material.unmark(other, None)
        live.switch_on()
        self.report({"INFO"}, said(f"The live look is on {face.name}."))
        return {"FINISHED"}

    def switch_off(self) -> set[str]:
        look = live.running()
        stays = [live_material.unmark(face, look.recipe if look else None) for face in live_material.marked()]
        live.switch_off()
        live_images.drop_unused()
        self.report({"INFO"}, said("The last preview stays, packed." if any(stays) else "The live look is off."))
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_live,)
