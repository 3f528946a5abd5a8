"""Start script of a real, windowed Blender: installs the extension and opens its tab, ready for a click on Sample.

Settings come by environment variables: GANTLITZ_ZIP, GANTLITZ_PYTHON, GANTLITZ_MODEL (optional), GANTLITZ_SHADING, and
GANTLITZ_STATE, a file in which it writes how far things are: ready, running, done.
"""

import os
import tempfile
from pathlib import Path

import bpy

TAB = "GANtlitz"
SIDEBAR_WIDTH_HINT = 1.15  # user interface scale: readable in a small picture


def prepare() -> None:
    preferences = bpy.context.preferences
    preferences.view.show_splash = False
    preferences.view.ui_scale = SIDEBAR_WIDTH_HINT
    preferences.inputs.use_mouse_continuous = False  # else a drag driven from outside overshoots
    bpy.ops.extensions.package_install_files(filepath=os.environ["GANTLITZ_ZIP"], repo="user_default", enable_on_install=True)
    for name in list(bpy.data.objects.keys()):
        bpy.data.objects.remove(bpy.data.objects[name])
    scene = bpy.context.scene
    scene.gantlitz.model = os.environ.get("GANTLITZ_MODEL", "")
    folder = Path(tempfile.mkdtemp(prefix="gantlitz-window-"))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "portrait.blend"))
    bpy.app.timers.register(open_sidebar, first_interval=1.0)


def open_sidebar() -> None:
    for area in bpy.context.window_manager.windows[0].screen.areas:
        if area.type == "VIEW_3D":
            space = area.spaces.active
            space.show_region_ui = True
            space.shading.type = os.environ.get("GANTLITZ_SHADING", "SOLID")
            space.overlay.show_cursor = space.overlay.show_outline_selected = space.overlay.show_object_origins = False
            space.overlay.show_floor = space.overlay.show_axis_x = space.overlay.show_axis_y = False
            space.lens = 85
            space.clip_start = 0.01
            view = space.region_3d
            view.view_perspective = "PERSP"
            view.view_location = (0.0, -0.04, -0.02)
            view.view_rotation = (0.74, 0.66, -0.09, -0.09)
            view.view_distance = 0.75
            region = next(r for r in area.regions if r.type == "UI")
            # The tab exists only after the sidebar has been drawn once.
            bpy.app.timers.register(lambda region=region, area=area: pick_tab(region, area), first_interval=2.0)


def pick_tab(region, area) -> None:
    region.active_panel_category = TAB
    area.tag_redraw()
    bpy.app.timers.register(tell, first_interval=2.0)


def tell() -> float:
    state = bpy.context.window_manager.gantlitz
    finished = bool(state.result or state.error_sentence)
    Path(os.environ["GANTLITZ_STATE"]).write_text("running" if state.running else "done" if finished else "ready")
    return 0.5


prepare()
