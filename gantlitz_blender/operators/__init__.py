"""What the buttons do: one module for each subject."""

import bpy

from . import head, recipe, sample, seed, settings

CLASSES = (*sample.CLASSES, *seed.CLASSES, *recipe.CLASSES, *head.CLASSES, *settings.CLASSES)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
