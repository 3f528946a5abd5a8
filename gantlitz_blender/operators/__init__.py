"""What the buttons do: one module for each subject."""

import bpy

from . import complete, head, live, place_points, recipe, sample, scan_maps, scan_points, seed, settings

PARTS = (sample, live, seed, recipe, head, settings, scan_maps, scan_points, place_points, complete)
CLASSES = tuple(cls for part in PARTS for cls in part.CLASSES)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
