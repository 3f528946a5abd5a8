"""The GANtlitz tab in the 3D view's sidebar. Drawing reads properties only: no files, no worker."""

import bpy

from .common import Panel, for_settings
from .live import draw_live


class GANTLITZ_PT_main(Panel, bpy.types.Panel):
    """Which face: a seed, how far from the average, and the live look of it."""

    bl_label = "Face Maps"

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        inputs = context.scene.gantlitz

        column = layout.column()
        row = column.row(align=True)
        row.prop(inputs, "seed")
        row.operator("gantlitz.step_seed", text="", icon="TRIA_LEFT").by = -1
        row.operator("gantlitz.step_seed", text="", icon="TRIA_RIGHT").by = 1
        row.operator("gantlitz.random_seed", text="", icon="FILE_REFRESH")
        column.prop(inputs, "psi", slider=True)
        draw_live(context, layout)


CLASSES = (GANTLITZ_PT_main,)
