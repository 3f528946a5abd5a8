"""What operators share that change settings at once: what is wrong is reported, and lists keep their chosen entry."""

from collections.abc import Callable

import bpy

from ..runtime.errors import GantlitzError
from ..translation import told


class Changing:
    """A mixin: change() does it, or raises what is wrong, which is reported in a sentence."""

    report: Callable[[set[str], str], None]  # bpy.types.Operator's

    def change(self, context: bpy.types.Context) -> set[str]:
        """Returns what Blender is told. Raises GantlitzError."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            return self.change(context)
        except GantlitzError as error:
            self.report({"ERROR"}, told(error))
            return {"CANCELLED"}


def remove_from(owner: bpy.types.PropertyGroup, entries: str, active: str, index: int) -> set[str]:
    """Take one out of the owner's list of that name; the chosen one, whose index is in `active`, stays chosen."""
    found, chosen = getattr(owner, entries), getattr(owner, active)
    found.remove(index)
    setattr(owner, active, max(0, min(chosen - (index < chosen), len(found) - 1)))
    return {"FINISHED"}


def move_in(owner: bpy.types.PropertyGroup, entries: str, active: str, index: int, target: int | None) -> set[str]:
    """Move one of the owner's list to another place in it, and choose it; nothing where there is no such place."""
    found = getattr(owner, entries)
    if target is None or not 0 <= target < len(found):
        return {"CANCELLED"}
    found.move(index, target)
    setattr(owner, active, target)
    return {"FINISHED"}
