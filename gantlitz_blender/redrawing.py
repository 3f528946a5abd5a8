"""Have Blender draw what shows the add-on's state anew."""

import bpy


def redraw(*kinds: str) -> None:
    """Every area of these types; without any, those in which faces and their panels are seen."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in (kinds or ("VIEW_3D", "IMAGE_EDITOR")):
                area.tag_redraw()


def redraw_sidebars() -> None:
    """The 3D views' sidebars alone: the views themselves may take long."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
