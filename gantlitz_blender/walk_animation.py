"""The walk in time: its keys, its position at any frame, and the sliders that follow it when the frame changes."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
from bpy.app.handlers import persistent

from . import looks
from .runtime.errors import GantlitzError
from .runtime.recipe import Recipe

PATH = "gantlitz.walk"

_rendering = False


def set_keys(scene: bpy.types.Scene, keys: Sequence[tuple[float, float]], smooth: bool) -> None:
    """Replace the keys of the walk by (frame, position) ones. smooth: slowing down at the ends, without overshooting."""
    curve = curve_of(scene)
    while curve is not None and curve.keyframe_points:
        curve.keyframe_points.remove(curve.keyframe_points[-1])
    first = keys[0][0]
    if not scene.keyframe_insert(PATH, frame=first):
        raise GantlitzError("The walk cannot be keyframed here.", "Make the scene's animation local and unlock it.")
    curve = curve_of(scene)
    assert curve is not None, "it has just got a key"
    for frame, position in keys:
        point = curve.keyframe_points.insert(frame, position)
        point.interpolation = "BEZIER" if smooth else "LINEAR"
        point.handle_left_type = point.handle_right_type = "AUTO_CLAMPED"
    curve.update()


def positions(scene: bpy.types.Scene, frames: Sequence[int]) -> list[float]:
    """Where the walk is at these frames, by its keys. Raises GantlitzError (``no-walk``) where it has none."""
    curve = curve_of(scene)
    if curve is None or not curve.keyframe_points:
        raise GantlitzError("The walk has no keys.", "Press Keyframe Walk first.", "no-walk")
    return [curve.evaluate(frame) for frame in frames]


def recipes(scene: bpy.types.Scene, frames: Sequence[int]) -> list[Recipe]:
    """The look at each of these frames. Raises GantlitzError (``no-walk``) for a walk of fewer than two looks or without keys."""
    found = [looks.walk_recipe(scene, position) for position in positions(scene, frames)]
    if None in found:
        raise GantlitzError("The walk has fewer than two looks.", "Add looks to it.", "no-walk")
    return [recipe for recipe in found if recipe is not None]


def curve_of(scene: bpy.types.Scene) -> bpy.types.FCurve | None:
    """The walk's curve in the scene's action, if it has one."""
    data = scene.animation_data
    action = data.action if data else None
    if action is None:
        return None
    if hasattr(action, "fcurves"):  # until Blender 4.5
        return action.fcurves.find(PATH)
    bags = (strip.channelbag(data.action_slot) for layer in action.layers for strip in layer.strips)
    return next((curve for bag in bags if bag for curve in bag.fcurves if curve.data_path == PATH), None)


@persistent
def follow(scene: bpy.types.Scene, depsgraph=None) -> None:
    """The sliders go along with a keyed walk; not in a render, which shows the maps that are baked."""
    if _rendering or not hasattr(scene, "gantlitz_looks"):
        return
    if scene.gantlitz.walk != scene.gantlitz_looks.walk_shown and len(scene.gantlitz_looks.walk) > 1:
        looks.go_along_walk(scene)


@persistent
def _render_begins(*_) -> None:
    global _rendering
    _rendering = True


@persistent
def _render_ends(*_) -> None:
    global _rendering
    _rendering = False


def _handlers():
    handlers = bpy.app.handlers
    yield handlers.frame_change_post, follow
    yield handlers.render_init, _render_begins
    yield handlers.render_complete, _render_ends
    yield handlers.render_cancel, _render_ends
    yield handlers.load_post, _render_ends


def register() -> None:
    for listeners, function in _handlers():
        listeners.append(function)


def unregister() -> None:
    for listeners, function in _handlers():
        if function in listeners:
            listeners.remove(function)
