"""The Scan sub-panel in the 3D view's sidebar, and the points once more in the Image Editor's. Drawing reads properties only."""

import bpy

from .. import previews, scan_images, scan_points, session
from ..placing import NEEDED
from ..runtime.completion.landmarks import LANDMARKS
from ..runtime.scan_request import MAPS
from ..translation import said
from .common import Panel, draw_error, draw_line, draw_running, draw_wrapped, for_settings

PICTURE_SCALE = 5.0


class GANTLITZ_PT_scan(Panel, bpy.types.Panel):
    """The missing maps of a scan, from those it has."""

    bl_label = "Scan"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_order = 60
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        scan, state = context.scene.gantlitz_scan, context.window_manager.gantlitz_scan
        waiting = session.waiting()
        draw_maps(context, layout, scan)
        layout.prop(scan, "layout")
        if scan.layout == "OWN":
            draw_points(context, layout, scan)
        column = layout.column()
        column.prop(scan, "method")
        column.prop(scan, "own_width" if scan.layout == "OWN" else "model_width")
        column.prop(scan, "keep")
        if scan.layout == "OWN":
            column.prop(scan, "refine")
            column.prop(scan, "use_mesh")
        draw_pictures(layout)
        if state.running:
            draw_running(layout, state)
        elif waiting:
            draw_answer(context, layout, waiting[0])
        else:
            row = layout.row()
            row.scale_y = 1.5
            row.operator("gantlitz.complete", icon="MOD_DATA_TRANSFER")
        for warning in filter(None, state.warnings.split("\n")):
            draw_wrapped(context, layout, warning, icon="ERROR")
        if state.error_sentence:
            draw_error(context, layout, state)
        elif state.result and not waiting:
            draw_wrapped(context, layout, state.result, icon="CHECKMARK")


class GANTLITZ_PT_scan_points(bpy.types.Panel):
    """The points of the scan, where they are clicked."""

    bl_label = "Scan Points"
    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "UI"
    bl_category = "GANtlitz"

    def draw(self, context: bpy.types.Context) -> None:
        draw_points(context, self.layout, context.scene.gantlitz_scan)


def draw_maps(context: bpy.types.Context, layout: bpy.types.UILayout, scan) -> None:
    layout.operator("gantlitz.scan_from_material", icon="MATERIAL")
    for kind in MAPS:
        image = getattr(scan, kind)
        column = layout.column(align=True)
        column.template_ID(scan, kind, open="image.open", text=said(kind.capitalize()), translate=False)
        if image is None:
            continue
        draw_wrapped(context, column, scan_images.describe(image), icon="INFO")
        if kind == "normal":
            column.prop(scan, "directx")
        if kind == "displacement" and image.file_format == "OPEN_EXR":
            draw_line(column, "An EXR: its values are millimetres", icon="BLANK1")
        elif kind == "displacement":
            column.prop(scan, "displacement_mm")
            if not scan.displacement_mm:
                draw_wrapped(context, column, "How deep it is, is not known: it will be guessed", icon="ERROR")


def draw_points(context: bpy.types.Context, layout: bpy.types.UILayout, scan) -> None:
    missing = scan_points.missing(scan)
    column = layout.column(align=True)
    row = column.row(align=True)
    row.operator("gantlitz.scan_place_points", icon="CURSOR")
    row.operator("gantlitz.scan_load_points", text="", icon="FILE_FOLDER")
    row.operator("gantlitz.scan_save_points", text="", icon="FILE_TICK")
    row.operator("gantlitz.scan_clear_points", text="", icon="TRASH")
    if missing:
        done = f"{len(NEEDED) - len(missing)} of {len(NEEDED)} needed points."
        draw_wrapped(context, column, f"{done} Next: {scan_points.where(missing[0])}", icon="INFO")
    else:
        draw_line(column, f"{len(scan.points)} of {len(LANDMARKS)} points: enough", icon="CHECKMARK")


def draw_pictures(layout: bpy.types.UILayout) -> None:
    found = previews.icons()
    kinds = list(found)
    for pair in (kinds[:2], kinds[2:]):
        row = layout.row(align=True)
        for kind in pair:
            column = row.column(align=True)
            column.template_icon(icon_value=found[kind], scale=PICTURE_SCALE)
            draw_line(column, kind.capitalize())


def draw_answer(context: bpy.types.Context, layout: bpy.types.UILayout, completion) -> None:
    box = layout.box()
    draw_wrapped(context, box, f"{completion.name} is ready, {completion.width} x {completion.height}.", icon="CHECKMARK")
    row = box.row(align=True)
    row.scale_y = 1.5
    row.operator("gantlitz.scan_accept", icon="CHECKMARK")
    row.operator("gantlitz.scan_discard", icon="X")


CLASSES = (GANTLITZ_PT_scan, GANTLITZ_PT_scan_points)
