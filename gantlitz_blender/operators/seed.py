"""Walking through the seeds."""

import random

import bpy
from bpy.props import IntProperty

from .. import looks
from ..look import SEED_MAX
from ..translation import said


class GANTLITZ_OT_step_seed(bpy.types.Operator):
    """Go to the next or the previous seed"""

    bl_idname = "gantlitz.step_seed"
    bl_label = "Step Seed"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    by: IntProperty(default=1, options={"SKIP_SAVE"})

    @classmethod
    def description(cls, context, properties) -> str:
        return said("Next seed" if properties.by > 0 else "Previous seed")

    def execute(self, context: bpy.types.Context) -> set[str]:
        inputs = context.scene.gantlitz
        inputs.seed = (inputs.seed + self.by) % (SEED_MAX + 1)
        looks.note(context)
        return {"FINISHED"}


class GANTLITZ_OT_random_seed(bpy.types.Operator):
    """Take a seed at random"""

    bl_idname = "gantlitz.random_seed"
    bl_label = "Random Seed"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.gantlitz.seed = random.randint(0, 9999)  # four digits: easy to note down and to say
        looks.note(context)
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_step_seed, GANTLITZ_OT_random_seed)
