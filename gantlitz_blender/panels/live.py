"""The live look's part of the main panel."""

import bpy

from .common import draw_error, draw_line, draw_wrapped


def draw_live(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    """The switch, and what it shows now."""
    state = context.window_manager.gantlitz_live
    row = layout.row(align=True)
    row.scale_y = 1.5
    row.operator("gantlitz.live", icon="HIDE_OFF" if state.on else "HIDE_ON", depress=state.on)
    if state.on:
        layout.prop(context.scene, "gantlitz_live_width")
        if state.text:
            draw_line(layout, state.text, icon="TIME")
        elif state.width:
            draw_line(layout, f"{state.width} px, {state.seconds:.1f} s", icon="CHECKMARK")
        space = context.space_data
        if space is not None and space.type == "VIEW_3D" and space.shading.type in ("SOLID", "WIREFRAME"):
            draw_wrapped(context, layout, "Switch the viewport to Material Preview to see it (Z).", icon="INFO")
    if state.error_sentence:
        draw_error(context, layout, state)
