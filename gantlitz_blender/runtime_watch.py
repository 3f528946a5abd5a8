"""Redraws the windows while something goes on with the runtime. A timer, so that it outlives windows and files."""

import bpy

from . import runtime_state

SECONDS = 0.2


def watch() -> None:
    """Follow what goes on until it has ended."""
    if not bpy.app.background and not bpy.app.timers.is_registered(_follow):
        bpy.app.timers.register(_follow, first_interval=SECONDS, persistent=True)


def unwatch() -> None:
    if bpy.app.timers.is_registered(_follow):
        bpy.app.timers.unregister(_follow)


def _follow() -> float | None:
    runtime_state.settle()
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("PREFERENCES", "VIEW_3D"):
                area.tag_redraw()
    return SECONDS if runtime_state.busy() else None
