"""The Bake sub-panel: size, files, the button, and the queue."""

import bpy

from .. import naming
from ..assign import find_target
from ..bake_properties import KINDS, output_of
from ..bake_queue import queue
from ..runtime.errors import GantlitzError
from ..translation import told
from .common import Panel, draw_error, draw_line, draw_running, draw_wrapped, for_settings

ASPECT = 2 / 3  # of the standard canvas, for the estimate
MEGABYTE = 1 << 20


class GANTLITZ_PT_bake(Panel, bpy.types.Panel):
    """The finished maps, as files."""

    bl_label = "Bake"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_order = 40

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        inputs, settings = context.scene.gantlitz, context.scene.gantlitz_bake
        state = context.window_manager.gantlitz
        column = layout.column()
        column.prop(settings, "size")
        column.prop(settings, "profile")
        column.prop(inputs, "folder")
        column.prop(inputs, "prefix")
        column.prop(inputs, "pack")
        draw_custom(layout, settings)
        draw_estimate(context, layout, settings)
        row = layout.row()
        row.scale_y = 1.5
        row.operator("gantlitz.bake", icon="RENDER_STILL")
        target = find_target(context)
        draw_line(layout, f"On {target.name}" if target else "On a new preview head", icon="MESH_MONKEY")
        if state.running:
            draw_running(layout, state)
        draw_queue(context, layout)
        if state.error_sentence:
            draw_error(context, layout, state)
        elif state.result and not state.running:
            draw_wrapped(context, layout, state.result, icon="CHECKMARK")
        for warning in filter(None, state.warnings.split("\n")):
            draw_wrapped(context, layout, warning, icon="INFO")


def draw_custom(layout: bpy.types.UILayout, settings) -> None:
    """Formats and conventions, folded away."""
    box = layout.box()
    row = box.row()
    row.use_property_split = False
    row.alignment = "LEFT"
    row.prop(settings, "show_custom", icon="DOWNARROW_HLT" if settings.show_custom else "RIGHTARROW", emboss=False)
    if not settings.show_custom:
        return
    column = box.column()
    for kind in KINDS:
        column.prop(settings, f"{kind}_format")
    column.prop(settings, "normals")
    column.prop(settings, "own_units")
    units = column.column()
    units.active = settings.own_units
    units.prop(settings, "displacement_mm", text="Millimetres")
    units.prop(settings, "midlevel")
    column.prop(settings, "square")


def draw_estimate(context: bpy.types.Context, layout: bpy.types.UILayout, settings) -> None:
    """What the bake will take on disk, or why it cannot be; and where it goes while the .blend has no place."""
    inputs = context.scene.gantlitz
    try:
        output = output_of(lambda name: getattr(settings, name))
    except GantlitzError as error:
        draw_wrapped(context, layout, told(error), icon="ERROR")
        return
    width = int(settings.size)
    height = round(width * ASPECT)
    texels = height * height if output.square else width * height
    draw_line(layout, f"Up to {max(1, texels * output.bytes_per_texel() // MEGABYTE)} MB of files", icon="DISK_DRIVE")
    if inputs.folder.startswith("//") and not bpy.data.filepath:
        draw_wrapped(context, layout, f"This file is not saved yet: maps go to {naming.fallback_folder()}", icon="INFO")


def draw_queue(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    """What waits, each with a button that takes it out, and what has failed."""
    if queue.waiting:
        box = layout.box()
        draw_line(box, "Waiting", icon="TIME")
        for index, item in enumerate(queue.waiting):
            row = box.row()
            draw_line(row, f"{item.label}, {item.order.width} px")
            row.operator("gantlitz.unqueue_bake", text="", icon="X", emboss=False).index = index
    for failure in queue.failures:
        draw_wrapped(context, layout, failure, icon="ERROR")


CLASSES = (GANTLITZ_PT_bake,)
