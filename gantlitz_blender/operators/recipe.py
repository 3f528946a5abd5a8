"""From a face back to the settings that made it."""

import bpy

from .. import looks
from ..assign import find_target, worn_face
from ..runtime.recipe import Recipe
from ..translation import said
from .changing import Changing


class GANTLITZ_OT_use_recipe(Changing, bpy.types.Operator):
    """Set seed, variety and detail to those of the face on the active object"""

    bl_idname = "gantlitz.use_recipe"
    bl_label = "Use Its Settings"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        target = find_target(context)
        worn = worn_face(target) if target else None
        if worn is None:
            cls.poll_message_set(said("Select an object that wears a sampled face."))
            return False
        if worn.gantlitz.scan:
            cls.poll_message_set(said("The face on this object was completed from a scan: no seed gives it again."))
            return False
        return True

    def change(self, context: bpy.types.Context) -> set[str]:
        worn = worn_face(find_target(context))
        assert worn is not None, "poll() saw one"
        looks.put(context.scene, Recipe.from_json(worn.gantlitz.recipe))
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_use_recipe,)
