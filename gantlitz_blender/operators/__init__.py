"""What the buttons do: one module for each subject."""

import bpy

from ..translation import register_class
from . import (
    adaptive,
    bake,
    command,
    complete,
    doctor,
    head,
    live,
    looks,
    memory,
    place_points,
    recipe,
    restore,
    runtime,
    sample,
    scan_maps,
    scan_points,
    seed,
    settings,
    sheet,
    studio,
    variation,
    walk,
)

PARTS = (
    live,
    sample,
    bake,
    adaptive,
    seed,
    recipe,
    head,
    settings,
    scan_maps,
    scan_points,
    place_points,
    complete,
    sheet,
    looks,
    variation,
    walk,
    studio,
    memory,
    runtime,
    doctor,
    restore,
    command,
)
CLASSES = tuple(cls for part in PARTS for cls in part.CLASSES)


def register() -> None:
    for cls in CLASSES:
        register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
