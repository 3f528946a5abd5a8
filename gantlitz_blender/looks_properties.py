"""What a scene remembers of looks: the history, the slots A and B, the walk."""

import bpy
from bpy.props import BoolProperty, CollectionProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from . import looks
from .translation import register_class


class GANTLITZ_PG_look(bpy.types.PropertyGroup):
    """One look that was tried."""

    name: StringProperty(name="Name", description="What you call this look")
    recipe: StringProperty(name="Recipe", description="The look as a recipe, JSON; empty where there is none")
    favourite: BoolProperty(name="Favourite", description="Keep this look, whatever else the history forgets")
    date: StringProperty(name="Tried", description="When this look was tried")
    thumbnail: StringProperty(name="Picture", description="A small picture of the skin, packed")


class GANTLITZ_PG_looks(bpy.types.PropertyGroup):
    """The looks of a scene."""

    entries: CollectionProperty(type=GANTLITZ_PG_look, name="History", description="The looks tried so far, newest first")
    active: IntProperty(name="Look", description="The chosen look of the history")
    only_favourites: BoolProperty(name="Favourites Only", description="Show only the looks with a star", default=False)
    slot_a: PointerProperty(type=GANTLITZ_PG_look, name="A")
    slot_b: PointerProperty(type=GANTLITZ_PG_look, name="B")
    crossfade: FloatProperty(
        name="A to B",
        description="Go from look A to look B: 0 is A, 1 is B. Pores and hairs stay in place: they are A's",
        min=0.0,
        max=1.0,
        step=5,
        update=looks.on_crossfade,
    )
    walk: CollectionProperty(type=GANTLITZ_PG_look, name="Walk", description="The looks that the walk goes along, in order")
    walk_active: IntProperty(name="Stop", description="The chosen look of the walk")
    walk_shown: FloatProperty(description="The position of the walk that the sliders show")


CLASSES = (GANTLITZ_PG_look, GANTLITZ_PG_looks)


def register() -> None:
    for cls in CLASSES:
        register_class(cls)
    bpy.types.Scene.gantlitz_looks = PointerProperty(type=GANTLITZ_PG_looks)


def unregister() -> None:
    del bpy.types.Scene.gantlitz_looks
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
