"""The history of looks, its favourites, and the slots A and B."""

from collections.abc import Callable

import bpy
from bpy.props import EnumProperty, IntProperty

from .. import history, looks
from ..runtime.errors import GantlitzError
from ..runtime.recipe import Recipe
from ..translation import said
from .changing import Changing, move_in, remove_from

SLOTS = (("A", "A", "The first look"), ("B", "B", "The second look"))
END = {"A": 0.0, "B": 1.0}  # where the slider between them shows it
NO_LOOK = "There is no look in the history yet: choose or sample one."


def slot(scene: bpy.types.Scene, name: str):
    return scene.gantlitz_looks.slot_a if name == "A" else scene.gantlitz_looks.slot_b


class OfEntry(Changing):
    """A mixin: the operator is about one entry of the history, the chosen one unless it is given."""

    bl_options = {"REGISTER", "UNDO"}
    index: int
    poll_message_set: Callable[[str], None]  # bpy.types.Operator's

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.gantlitz_looks.entries:
            cls.poll_message_set(said(NO_LOOK))
            return False
        return True

    def place(self, context: bpy.types.Context) -> int:
        found = context.scene.gantlitz_looks
        index = self.index if self.index >= 0 else found.active
        if not 0 <= index < len(found.entries):
            raise GantlitzError(f"The history has no look {index}.", f"It has {len(found.entries)}, counted from 0.")
        return index


class OfSlot(Changing):
    """A mixin: the operator is about the slot A or B."""

    bl_options = {"REGISTER", "UNDO"}
    slot: EnumProperty(name="Slot", items=SLOTS, options={"SKIP_SAVE", "HIDDEN"})


def chosen(description: str = "Which look of the history, from 0; -1 is the chosen one"):
    return IntProperty(name="Look", description=description, default=-1, min=-1, options={"SKIP_SAVE", "HIDDEN"})


class GANTLITZ_OT_restore_look(OfEntry, bpy.types.Operator):
    """Set all sliders to this look"""

    bl_idname = "gantlitz.restore_look"
    bl_label = "Restore Look"

    index: chosen()

    def change(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        found.active = self.place(context)
        looks.put(context.scene, Recipe.from_json(found.entries[found.active].recipe))
        return {"FINISHED"}


class GANTLITZ_OT_note_look(bpy.types.Operator):
    """Keep what the sliders show now in the history"""

    bl_idname = "gantlitz.note_look"
    bl_label = "Keep This Look"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        looks.note(context)
        return {"FINISHED"}


class GANTLITZ_OT_favourite_look(OfEntry, bpy.types.Operator):
    """Give this look a star, or take it away. Looks with a star are never forgotten"""

    bl_idname = "gantlitz.favourite_look"
    bl_label = "Favourite"

    index: chosen()

    def change(self, context: bpy.types.Context) -> set[str]:
        entry = context.scene.gantlitz_looks.entries[self.place(context)]
        entry.favourite = not entry.favourite
        return {"FINISHED"}


class GANTLITZ_OT_delete_look(OfEntry, bpy.types.Operator):
    """Take the chosen look out of the history; the sliders stay as they are"""

    bl_idname = "gantlitz.delete_look"
    bl_label = "Delete Look"

    index: chosen()

    def change(self, context: bpy.types.Context) -> set[str]:
        return remove_from(context.scene.gantlitz_looks, "entries", "active", self.place(context))


class GANTLITZ_OT_move_look(OfEntry, bpy.types.Operator):
    """Move the chosen look in the list"""

    bl_idname = "gantlitz.move_look"
    bl_label = "Move Look"

    index: chosen()
    by: IntProperty(name="By", description="-1 is up, 1 is down", default=1, min=-1, max=1, options={"SKIP_SAVE", "HIDDEN"})

    def change(self, context: bpy.types.Context) -> set[str]:
        found, index = context.scene.gantlitz_looks, self.place(context)
        favourites = [entry.favourite for entry in found.entries]
        target = history.place_beside(favourites, index, self.by, found.only_favourites) if self.by else None
        return move_in(found, "entries", "active", index, target)


class GANTLITZ_OT_clear_looks(OfEntry, bpy.types.Operator):
    """Forget every look without a star"""

    bl_idname = "gantlitz.clear_looks"
    bl_label = "Clear History"

    def change(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        for index in history.surplus([entry.favourite for entry in found.entries], 0):
            found.entries.remove(index)
        found.active = 0
        return {"FINISHED"}


class GANTLITZ_OT_slot_set(OfSlot, bpy.types.Operator):
    """Remember what the sliders show now in this slot"""

    bl_idname = "gantlitz.slot_set"
    bl_label = "Set"

    def change(self, context: bpy.types.Context) -> set[str]:
        looks.fill(slot(context.scene, self.slot), looks.current(context.scene))
        looks.place_slider(context.scene, END[self.slot])
        return {"FINISHED"}


class GANTLITZ_OT_slot_show(OfSlot, bpy.types.Operator):
    """Set all sliders to the look in this slot"""

    bl_idname = "gantlitz.slot_show"
    bl_label = "Show"

    def change(self, context: bpy.types.Context) -> set[str]:
        recipe = slot(context.scene, self.slot).recipe
        if not recipe:
            raise GantlitzError("This slot is empty: press Set first.", "")
        looks.put(context.scene, Recipe.from_json(recipe))
        looks.place_slider(context.scene, END[self.slot])
        return {"FINISHED"}


class GANTLITZ_OT_slot_swap(bpy.types.Operator):
    """Exchange A and B"""

    bl_idname = "gantlitz.slot_swap"
    bl_label = "Swap A and B"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        found = context.scene.gantlitz_looks
        if not (found.slot_a.recipe and found.slot_b.recipe):
            cls.poll_message_set(said("Put a look into A and another into B first."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        names = ("recipe", "name", "date", "thumbnail")
        for name in names:
            a, b = getattr(found.slot_a, name), getattr(found.slot_b, name)
            setattr(found.slot_a, name, b)
            setattr(found.slot_b, name, a)
        looks.place_slider(context.scene, 1.0 - found.crossfade)
        return {"FINISHED"}


CLASSES = (
    GANTLITZ_OT_restore_look,
    GANTLITZ_OT_note_look,
    GANTLITZ_OT_favourite_look,
    GANTLITZ_OT_delete_look,
    GANTLITZ_OT_move_look,
    GANTLITZ_OT_clear_looks,
    GANTLITZ_OT_slot_set,
    GANTLITZ_OT_slot_show,
    GANTLITZ_OT_slot_swap,
)
