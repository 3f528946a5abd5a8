"""The GANtlitz tab in the 3D view's sidebar. Drawing reads properties only: no files, no worker."""

import bpy

from .. import naming
from ..assign import find_target, worn_face
from .common import Panel, draw_error, draw_running, draw_wrapped, for_settings
from .live import draw_live
from .studio import draw_studio


class GANTLITZ_PT_main(Panel, bpy.types.Panel):
    """A seed, a button, and what came of it."""

    bl_label = "Face Maps"

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        inputs = context.scene.gantlitz
        state = context.window_manager.gantlitz

        column = layout.column()
        row = column.row(align=True)
        row.prop(inputs, "seed")
        row.operator("gantlitz.step_seed", text="", icon="TRIA_LEFT").by = -1
        row.operator("gantlitz.step_seed", text="", icon="TRIA_RIGHT").by = 1
        row.operator("gantlitz.random_seed", text="", icon="FILE_REFRESH")
        column.prop(inputs, "psi", slider=True)
        column.prop(inputs, "resolution")
        draw_live(context, layout)

        if state.running:
            draw_running(layout, state)
        else:
            row = layout.row()
            row.scale_y = 1.5
            row.operator("gantlitz.sample", icon="USER")
            target = find_target(context)
            layout.label(text=f"On {target.name}" if target else "On a new preview head", icon="MESH_MONKEY")
        if state.error_sentence:
            draw_error(context, layout, state)
        elif state.result:
            draw_wrapped(context, layout, state.result, icon="CHECKMARK")
        for warning in filter(None, state.warnings.split("\n")):
            draw_wrapped(context, layout, warning, icon="INFO")


class GANTLITZ_PT_output(Panel, bpy.types.Panel):
    """Where the maps go."""

    bl_label = "Files"
    bl_parent_id = "GANTLITZ_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        inputs = context.scene.gantlitz
        layout.prop(inputs, "folder")
        layout.prop(inputs, "prefix")
        layout.prop(inputs, "pack")
        if inputs.folder.startswith("//") and not bpy.data.filepath:
            draw_wrapped(context, layout, f"This file is not saved yet: maps go to {naming.fallback_folder()}", icon="INFO")


class GANTLITZ_PT_object(Panel, bpy.types.Panel):
    """The face on the active object, and the preview head."""

    bl_label = "Head"
    bl_parent_id = "GANTLITZ_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("gantlitz.add_head", icon="ADD")
        draw_studio(layout)
        target = find_target(context)
        worn = worn_face(target) if target else None
        if worn:
            layout.label(text=worn.name, icon="MATERIAL")
            layout.label(text=worn.gantlitz.summary())
            layout.operator("gantlitz.use_recipe", icon="LOOP_BACK")


CLASSES = (GANTLITZ_PT_main, GANTLITZ_PT_output, GANTLITZ_PT_object)
