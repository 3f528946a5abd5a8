"""The history of looks, its favourites, and the slots A and B."""

from collections.abc import Callable

import bpy
from bpy.props import EnumProperty, IntProperty

from .. import history, looks
from ..runtime.errors import GantlitzError
from ..runtime.recipe import Recipe
from ..translation import said, told

SLOTS = (("A", "A", "The first look"), ("B", "B", "The second look"))
END = {"A": 0.0, "B": 1.0}  # where the slider between them shows it
NO_LOOK = "There is no look in the history yet: choose or sample one."


def slot(scene: bpy.types.Scene, name: str):
    return scene.gantlitz_looks.slot_a if name == "A" else scene.gantlitz_looks.slot_b


def restore(operator, context: bpy.types.Context, recipe: str) -> set[str]:
    """Set the sliders to a recipe that an entry or a slot holds."""
    try:
        looks.put(context.scene, Recipe.from_json(recipe))
    except GantlitzError as error:
        operator.report({"ERROR"}, told(error))
        return {"CANCELLED"}
    return {"FINISHED"}


class OfEntry:
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


def chosen(description: str = "Which look of the history, from 0; -1 is the chosen one"):
    return IntProperty(name="Look", description=description, default=-1, min=-1, options={"SKIP_SAVE", "HIDDEN"})


class GANTLITZ_OT_restore_look(OfEntry, bpy.types.Operator):
    """Set all sliders to this look"""

    bl_idname = "gantlitz.restore_look"
    bl_label = "Restore Look"

    index: chosen()

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            index = self.place(context)
        except GantlitzError as error:
            self.report({"ERROR"}, told(error))
            return {"CANCELLED"}
        context.scene.gantlitz_looks.active = index
        return restore(self, context, context.scene.gantlitz_looks.entries[index].recipe)


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

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            entry = context.scene.gantlitz_looks.entries[self.place(context)]
        except GantlitzError as error:
            self.report({"ERROR"}, told(error))
            return {"CANCELLED"}
        entry.favourite = not entry.favourite
        return {"FINISHED"}


class GANTLITZ_OT_delete_look(OfEntry, bpy.types.Operator):
    """Take the chosen look out of the history; the sliders stay as they are"""

    bl_idname = "gantlitz.delete_look"
    bl_label = "Delete Look"

    index: chosen()

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        try:
            index = self.place(context)
        except GantlitzError as error:
            self.report({"ERROR"}, told(error))
            return {"CANCELLED"}
        found.entries.remove(index)
        found.active = max(0, min(found.active - (index < found.active), len(found.entries) - 1))
        return {"FINISHED"}


class GANTLITZ_OT_move_look(OfEntry, bpy.types.Operator):
    """Move the chosen look in the list"""

    bl_idname = "gantlitz.move_look"
    bl_label = "Move Look"

    index: chosen()
    by: IntProperty(name="By", description="-1 is up, 1 is down", default=1, min=-1, max=1, options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        try:
            index = self.place(context)
        except GantlitzError as error:
            self.report({"ERROR"}, told(error))
            return {"CANCELLED"}
        favourites = [entry.favourite for entry in found.entries]
        target = history.place_beside(favourites, index, self.by, found.only_favourites) if self.by else None
        if target is None:
            return {"CANCELLED"}
        found.entries.move(index, target)
        found.active = target
        return {"FINISHED"}


class GANTLITZ_OT_clear_looks(OfEntry, bpy.types.Operator):
    """Forget every look without a star"""

    bl_idname = "gantlitz.clear_looks"
    bl_label = "Clear History"

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = context.scene.gantlitz_looks
        for index in history.surplus([entry.favourite for entry in found.entries], 0):
            found.entries.remove(index)
        found.active = 0
        return {"FINISHED"}


class GANTLITZ_OT_slot_set(bpy.types.Operator):
    """Remember what the sliders show now in this slot"""

    bl_idname = "gantlitz.slot_set"
    bl_label = "Set"
    bl_options = {"REGISTER", "UNDO"}

    slot: EnumProperty(name="Slot", items=SLOTS, options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            recipe = looks.current(context.scene)
        except GantlitzError as error:
            self.report({"ERROR"}, told(error))
            return {"CANCELLED"}
        looks.fill(slot(context.scene, self.slot), recipe)
        looks.place_slider(context.scene, END[self.slot])
        return {"FINISHED"}


class GANTLITZ_OT_slot_show(bpy.types.Operator):
    """Set all sliders to the look in this slot"""

    bl_idname = "gantlitz.slot_show"
    bl_label = "Show"
    bl_options = {"REGISTER", "UNDO"}

    slot: EnumProperty(name="Slot", items=SLOTS, options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        recipe = slot(context.scene, self.slot).recipe
        if not recipe:
            self.report({"ERROR"}, said("This slot is empty: press Set first."))
            return {"CANCELLED"}
        looks.place_slider(context.scene, END[self.slot])
        return restore(self, context, recipe)


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
