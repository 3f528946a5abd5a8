"""The portrait studio's button: drawn inside the Head sub-panel."""

import bpy


def draw_studio(layout: bpy.types.UILayout) -> None:
    layout.operator("gantlitz.add_studio", icon="OUTLINER_OB_LIGHT")
