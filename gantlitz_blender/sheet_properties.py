"""What Blender remembers of the contact sheet: how many seeds, from which on, on what."""

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, PointerProperty

from .look import SEED_MAX
from .translation import register_class

COUNTS = tuple((str(n), str(n), f"{n} seeds at a time") for n in (16, 25, 36, 49, 64))
SHAPES = (
    ("FLAT", "Flat", "The albedo as it lies in the texture: the quickest", "TEXTURE", 0),
    ("HEAD", "Head", "A lit portrait on the preview head", "USER", 1),
    ("MESH", "My Mesh", "A lit portrait on the selected object, seen from the front (-Y)", "MESH_DATA", 2),
)


class GANTLITZ_PG_sheet(bpy.types.PropertyGroup):
    """The contact sheet's settings; on the scene."""

    count: EnumProperty(name="Seeds", description="How many faces to show at a time", items=COUNTS, default="16")
    first: IntProperty(name="First Seed", description="The seed of the first face", default=0, min=0, max=SEED_MAX)
    on: EnumProperty(name="Show On", description="What the faces are shown on", items=SHAPES, default="HEAD")
    large: BoolProperty(name="Large", description="Fewer and larger thumbnails beside each other", default=False)


CLASSES = (GANTLITZ_PG_sheet,)


def register() -> None:
    for cls in CLASSES:
        register_class(cls)
    bpy.types.Scene.gantlitz_sheet = PointerProperty(type=GANTLITZ_PG_sheet)


def unregister() -> None:
    del bpy.types.Scene.gantlitz_sheet
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
