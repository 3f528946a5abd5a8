"""What the panels share: their place, and how jobs, errors and long sentences are drawn. Drawing reads properties only."""

import textwrap

import bpy

from ..translation import said

CHARACTER_WIDTH = 7.5  # pixels at interface scale 1, on average
ICON_CHARACTERS = 6  # what the icon and the margins of a line take


class Panel:
    """Where the add-on's panels are: a mixin."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "GANtlitz"


def for_settings(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    """The layout with names on the left, and no dots: these settings are not for animation."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout


def draw_running(layout: bpy.types.UILayout, state) -> None:
    """How far the job is, and Cancel."""
    progress = f"{said(state.text)} {state.progress:.0%}"
    if state.seconds_left > 0:
        progress = said(f"{progress}, {state.seconds_left:.0f} s left")
    layout.progress(factor=state.progress, text=progress)
    layout.operator("gantlitz.cancel", icon="X")


def draw_error(context: bpy.types.Context, layout: bpy.types.UILayout, state) -> None:
    """What went wrong and what to do."""
    box = layout.box()
    draw_wrapped(context, box, state.error_sentence, icon="ERROR")
    if state.error_fix:
        draw_wrapped(context, box, state.error_fix, icon="TOOL_SETTINGS")
    if state.error_code == "no-runtime":
        box.operator("gantlitz.open_preferences", icon="PREFERENCES")


def draw_line(layout: bpy.types.UILayout, text: str, icon: str = "NONE") -> None:
    """A text on one line. Translated here: Blender would look up even what is the same in both languages, "Specular" say, in its
    own dictionary."""
    layout.label(text=said(text), translate=False, icon=icon)


def draw_wrapped(context: bpy.types.Context, layout: bpy.types.UILayout, text: str, icon: str) -> None:
    """A sentence over as many lines as the sidebar's width needs."""
    pixels = context.region.width if context.region else 300
    characters = int(pixels / (CHARACTER_WIDTH * (context.preferences.system.ui_scale or 1))) - ICON_CHARACTERS
    column = layout.column(align=True)
    for index, line in enumerate(textwrap.wrap(said(text), max(20, characters), break_on_hyphens=False)):
        column.label(text=line, translate=False, icon=icon if index == 0 else "BLANK1")
