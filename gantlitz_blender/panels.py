"""The GANtlitz tab in the 3D view's sidebar. Drawing reads properties only: no files, no worker."""

import textwrap

import bpy

from . import naming
from .assign import find_target, worn_face

CHARACTER_WIDTH = 7.5  # pixels at interface scale 1, on average
ICON_CHARACTERS = 6  # what the icon and the margins of a line take


class Panel:
    """Where the add-on's panels are: a mixin."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "GANtlitz"


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


class GANTLITZ_PT_detail(Panel, bpy.types.Panel):
    """The random fine detail."""

    bl_label = "Detail"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        layout.prop(context.scene.gantlitz, "noise_seed")
        layout.prop(context.scene.gantlitz, "noise_strength", slider=True)


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


class GANTLITZ_PT_model(Panel, bpy.types.Panel):
    """Which model, and where it runs."""

    bl_label = "Model"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        inputs = context.scene.gantlitz
        layout.prop(inputs, "model")
        if not inputs.model:
            layout.label(text="The bundled model is used", icon="INFO")
        layout.prop(inputs, "device")
        layout.operator("gantlitz.open_preferences", icon="PREFERENCES")


class GANTLITZ_PT_object(Panel, bpy.types.Panel):
    """The face on the active object, and the preview head."""

    bl_label = "Head"
    bl_parent_id = "GANTLITZ_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("gantlitz.add_head", icon="ADD")
        target = find_target(context)
        worn = worn_face(target) if target else None
        if worn:
            layout.label(text=worn.name, icon="MATERIAL")
            layout.label(text=worn.gantlitz.summary())
            layout.operator("gantlitz.use_recipe", icon="LOOP_BACK")


def for_settings(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    """The layout with names on the left, and no dots: these settings are not for animation."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout


def draw_running(layout: bpy.types.UILayout, state) -> None:
    """How far the job is, and Cancel."""
    layout.progress(factor=state.progress, text=f"{state.text} {state.progress:.0%}")
    layout.operator("gantlitz.cancel", icon="X")


def draw_error(context: bpy.types.Context, layout: bpy.types.UILayout, state) -> None:
    """What went wrong and what to do."""
    box = layout.box()
    draw_wrapped(context, box, state.error_sentence, icon="ERROR")
    if state.error_fix:
        draw_wrapped(context, box, state.error_fix, icon="TOOL_SETTINGS")
    if state.error_code == "no-runtime":
        box.operator("gantlitz.open_preferences", icon="PREFERENCES")


def draw_wrapped(context: bpy.types.Context, layout: bpy.types.UILayout, text: str, icon: str) -> None:
    """A sentence over as many lines as the sidebar's width needs."""
    pixels = context.region.width if context.region else 300
    characters = int(pixels / (CHARACTER_WIDTH * (context.preferences.system.ui_scale or 1))) - ICON_CHARACTERS
    column = layout.column(align=True)
    for index, line in enumerate(textwrap.wrap(text, max(20, characters), break_on_hyphens=False)):
        column.label(text=line, icon=icon if index == 0 else "BLANK1")


CLASSES = (GANTLITZ_PT_main, GANTLITZ_PT_detail, GANTLITZ_PT_output, GANTLITZ_PT_object, GANTLITZ_PT_model)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
