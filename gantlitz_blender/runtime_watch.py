"""Redraws the windows while something goes on with the runtime. A timer, so that it outlives windows and files."""

import bpy

from . import runtime_state
from .redrawing import redraw

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
    redraw("PREFERENCES", "VIEW_3D")
    return SECONDS if runtime_state.busy() else None
