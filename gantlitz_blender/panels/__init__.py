"""The GANtlitz tab in the 3D view's sidebar: one module for each group of panels."""

import bpy

from ..translation import register_class
from . import bake, looks, main, material, memory, model, runtime, scan, sheet, variation

PARTS = (main, sheet, looks, variation, bake, material, scan, model, runtime, memory)
CLASSES = tuple(cls for part in PARTS for cls in part.CLASSES)


def register() -> None:
    for cls in CLASSES:
        register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
