"""Whether the look was touched since the live look last asked. Cheap and safe in any context; knows no bpy."""

from __future__ import annotations

from typing import Any

_touched = False
_scene = ""  # the name of the scene whose settings were touched


def changed(settings: Any, context: Any) -> None:
    """An update callback of settings: scripts, drivers, animation and undo call it too, from any thread."""
    global _touched, _scene
    _scene = getattr(settings.id_data, "name", "")
    _touched = True


def touch() -> None:
    """As if a setting had changed."""
    global _touched
    _touched = True


def take() -> bool:
    """Whether anything was touched since the last call."""
    global _touched
    was, _touched = _touched, False
    return was


def scene_name() -> str:
    """Of the scene whose settings were changed last; empty so far."""
    return _scene
