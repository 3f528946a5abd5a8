"""Ways to the add-on's preferences."""

import bpy

PACKAGE = __package__.rpartition(".")[0]


class GANTLITZ_OT_open_preferences(bpy.types.Operator):
    """Show this add-on's preferences: the Python that has torch, and the default model"""

    bl_idname = "gantlitz.open_preferences"
    bl_label = "Runtime Settings"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        return bpy.ops.preferences.addon_show(module=PACKAGE)


CLASSES = (GANTLITZ_OT_open_preferences,)
