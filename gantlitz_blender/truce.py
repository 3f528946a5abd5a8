"""The truce over memory with Blender's own renders: the model gives way before one. And what panels know of worker and model."""

import bpy
from bpy.app.handlers import persistent

from . import model_cards, session
from .preferences import preferences
from .redrawing import redraw_sidebars
from .worker_memory import MemoryWatch, release_for_render

WATCH_SECONDS = 2.0

watch = MemoryWatch(session.current)


@persistent
def _before_render(*_) -> None:
    """Called in the render's own thread. Nothing waits here: Cycles needs longer to reach the card than the worker to leave it."""
    chosen = preferences(bpy.context)
    when = chosen.release if chosen else "GPU"
    if when != "NEVER":
        release_for_render(session.current(), everything=when == "ALWAYS")


def _look() -> float:
    if watch.step() | model_cards.step():
        redraw_sidebars()
    return WATCH_SECONDS


def register() -> None:
    bpy.app.handlers.render_init.append(_before_render)
    bpy.app.timers.register(_look, first_interval=WATCH_SECONDS, persistent=True)


def unregister() -> None:
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    if _before_render in bpy.app.handlers.render_init:
        bpy.app.handlers.render_init.remove(_before_render)
