"""The Contact Sheet sub-panel: many seeds at once, a click takes one. Drawing reads properties and icons only."""

import bpy

from ..preferences import chosen_model
from ..runtime.errors import GantlitzError
from ..sheet import settings_now, sheet
from ..translation import said
from .common import Panel, draw_wrapped, for_settings

CELL = 74  # pixels at interface scale 1 that a thumbnail should have at least
LARGE_CELL = 150
UNIT = 20  # pixels of an icon of scale 1
SIDE_MARGINS = 52  # pixels of the sidebar that are no room for thumbnails


class GANTLITZ_PT_sheet(Panel, bpy.types.Panel):
    """Seeds in a grid."""

    bl_label = "Contact Sheet"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_order = 10
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        chosen = context.scene.gantlitz_sheet
        row = layout.row(align=True)
        row.use_property_split = False
        row.prop(chosen, "on", expand=True)
        column = layout.column()
        column.prop(chosen, "count")
        row = column.row(align=True)
        row.prop(chosen, "first")
        for to, icon in (("BACK", "TRIA_LEFT"), ("FORWARD", "TRIA_RIGHT"), ("RANDOM", "FILE_REFRESH")):
            row.operator("gantlitz.sheet_page", text="", icon=icon).to = to
        stale = is_stale(context)
        if sheet.run is not None:
            draw_progress(layout, sheet.run)
        else:
            row = layout.row()
            row.scale_y = 1.3
            row.operator("gantlitz.contact_sheet", icon="IMGDISPLAY")
        if stale:
            draw_wrapped(context, layout, "The look has changed since: Show Seeds makes these anew", icon="FILE_REFRESH")
        if sheet.error is not None:
            box = layout.box()
            draw_wrapped(context, box, sheet.error.sentence, icon="ERROR")
            draw_wrapped(context, box, sheet.error.fix, icon="TOOL_SETTINGS")
            if sheet.error.code == "no-runtime":
                box.operator("gantlitz.open_preferences", icon="PREFERENCES")
        if sheet.seeds:
            draw_grid(context, layout)
            row = layout.row(align=True)
            row.use_property_split = False
            row.prop(chosen, "large", toggle=True, icon="FULLSCREEN_ENTER")
            row.operator("gantlitz.sheet_image", icon="IMAGE_DATA")


def draw_progress(layout: bpy.types.UILayout, run) -> None:
    left = run.seconds_left
    text = said(f"{run.made} of {run.count} seeds" if left is None else f"{run.made} of {run.count} seeds, {left:.0f} s left")
    row = layout.row(align=True)
    row.progress(factor=run.made / max(1, run.count), text=text)
    row.operator("gantlitz.sheet_cancel", text="", icon="X")


def draw_grid(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    """As many thumbnails in a row as the sidebar has room for, each over the button that takes it."""
    scale = context.preferences.system.ui_scale or 1
    room = (context.region.width if context.region else 300) / scale - SIDE_MARGINS
    columns = columns_in(room, context.scene.gantlitz_sheet.large)
    grid = layout.column(align=True)
    for start in range(0, len(sheet.seeds), columns):
        row = grid.row(align=True)
        for seed in sheet.seeds[start : start + columns]:
            draw_cell(row.column(align=True), seed, room / columns / UNIT, seed == context.scene.gantlitz.seed)
        for _ in range(start + columns - len(sheet.seeds)):
            row.column().label(text="")  # the last row's cells are as wide as the others'


def draw_cell(cell: bpy.types.UILayout, seed: int, scale: float, picked: bool) -> None:
    icon = sheet.icon(seed)
    if icon is not None:
        cell.template_icon(icon_value=icon, scale=scale)
    else:
        empty = cell.row()
        empty.scale_y = scale
        empty.label(text="", icon="SORTTIME" if sheet.running else "X")
    cell.operator("gantlitz.pick_seed", text=str(seed), depress=picked).seed = seed


def columns_in(room: float, large: bool) -> int:
    """How many thumbnails lie beside each other in so many pixels at interface scale 1."""
    return max(1 if large else 2, int(room // (LARGE_CELL if large else CELL)))


def is_stale(context: bpy.types.Context) -> bool:
    """Whether what is shown was made with another look than the one that is set."""
    if sheet.settings is None:
        return False
    try:
        model = chosen_model(context, context.scene.gantlitz.model)
        return settings_now(context, context.scene.gantlitz_sheet.on, model).key != sheet.settings.key
    except GantlitzError:
        return True


CLASSES = (GANTLITZ_PT_sheet,)
