"""Variation: seeds of single settings, and groups of sliders put back."""

import random
from collections.abc import Callable

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from .. import looks
from ..look import LABELS, OWN_SEED_OFF, SEED_MAX
from ..runtime.recipe_parts import BANDS, SCALES
from ..translation import said

SEEDS = ("seed", "noise_seed", *(f"mix_{band}_seed" for band in BANDS), *(f"grain_{scale}_seed" for scale in SCALES))
GROUPS = {
    "CHARACTER": tuple(f"{kind}_{label}" for label in LABELS for kind in ("edit", "lock")),
    "MIX": tuple(name for band in BANDS for name in (f"mix_{band}", f"mix_{band}_seed")),
    "DETAIL": ("noise_seed", "noise_strength", *(name for scale in SCALES for name in (f"grain_{scale}", f"grain_{scale}_seed"))),
    "CROSSFADE": ("towards", "amount"),
}


class OfSeed:
    """A mixin: the operator changes one of the scene's seeds."""

    bl_options = {"REGISTER", "UNDO"}
    setting: str
    report: Callable[[set[str], str], None]  # bpy.types.Operator's

    def is_known(self) -> bool:
        if self.setting in SEEDS:
            return True
        self.report({"ERROR"}, said(f"There is no seed {self.setting!r}. There are: {', '.join(SEEDS)}."))
        return False


def which_seed():
    return StringProperty(name="Seed", description="The setting's name, such as noise_seed", options={"SKIP_SAVE", "HIDDEN"})


class GANTLITZ_OT_reroll_seed(OfSeed, bpy.types.Operator):
    """Take another seed at random"""

    bl_idname = "gantlitz.reroll_seed"
    bl_label = "Re-roll"

    setting: which_seed()

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not self.is_known():
            return {"CANCELLED"}
        setattr(context.scene.gantlitz, self.setting, random.randint(0, 9999))  # four digits: easy to note down and to say
        looks.note(context)
        return {"FINISHED"}


class GANTLITZ_OT_next_seed(OfSeed, bpy.types.Operator):
    """Go to the next or the previous seed"""

    bl_idname = "gantlitz.next_seed"
    bl_label = "Step Seed"

    setting: which_seed()
    by: IntProperty(name="By", default=1, options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not self.is_known():
            return {"CANCELLED"}
        inputs = context.scene.gantlitz
        setattr(inputs, self.setting, (max(0, getattr(inputs, self.setting)) + self.by) % (SEED_MAX + 1))
        looks.note(context)
        return {"FINISHED"}


class GANTLITZ_OT_common_seed(bpy.types.Operator):
    """Take back the seed of its own of this scale: it goes with the detail seed again"""

    bl_idname = "gantlitz.common_seed"
    bl_label = "Use the Detail Seed"
    bl_options = {"REGISTER", "UNDO"}

    scale: EnumProperty(name="Scale", items=[(scale, scale.capitalize(), "") for scale in SCALES], options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        setattr(context.scene.gantlitz, f"grain_{self.scale}_seed", OWN_SEED_OFF)
        return {"FINISHED"}


class GANTLITZ_OT_mix_all(bpy.types.Operator):
    """Take features, forms and texture from one other face; set how much of each afterwards"""

    bl_idname = "gantlitz.mix_all"
    bl_label = "Mix All from Seed"
    bl_options = {"REGISTER", "UNDO"}

    seed: IntProperty(name="Seed", description="The other face; -1 takes one at random", default=-1, min=-1, max=SEED_MAX)
    amount: FloatProperty(name="Mix", description="How much of the other face to take", default=0.5, min=0.0, max=1.0)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.seed = random.randint(0, 9999)
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: bpy.types.Context) -> set[str]:
        seed = self.seed if self.seed >= 0 else random.randint(0, 9999)
        for band in BANDS:
            setattr(context.scene.gantlitz, f"mix_{band}_seed", seed)
            setattr(context.scene.gantlitz, f"mix_{band}", self.amount)
        looks.note(context)
        return {"FINISHED"}


class GANTLITZ_OT_reset_look(bpy.types.Operator):
    """Put the sliders of this group back"""

    bl_idname = "gantlitz.reset_look"
    bl_label = "Reset"
    bl_options = {"REGISTER", "UNDO"}

    group: EnumProperty(
        name="Group",
        items=(
            ("CHARACTER", "Character", "Age, tone and the others, and their locks"),
            ("MIX", "Mix", "What is taken from other faces"),
            ("DETAIL", "Detail", "The random fine detail"),
            ("CROSSFADE", "Crossfade", "The way to another look"),
        ),
        options={"SKIP_SAVE", "HIDDEN"},
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        inputs = context.scene.gantlitz
        for name in GROUPS[self.group]:
            default = inputs.bl_rna.properties[name].default
            if getattr(inputs, name) != default:
                setattr(inputs, name, default)
        return {"FINISHED"}


CLASSES = (
    GANTLITZ_OT_reroll_seed,
    GANTLITZ_OT_next_seed,
    GANTLITZ_OT_common_seed,
    GANTLITZ_OT_mix_all,
    GANTLITZ_OT_reset_look,
)
