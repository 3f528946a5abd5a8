"""The Variation sub-panel: character, mix and detail. Drawing reads properties only."""

import bpy

from .. import model_labels
from ..look import LABELS, OWN_SEED_OFF
from ..properties import BAND_NAMES, LABEL_NAMES, SCALE_NAMES
from ..runtime.recipe_parts import BANDS, SCALES
from .common import Panel, draw_wrapped


class GANTLITZ_PT_variation(Panel, bpy.types.Panel):
    """What can be changed of a face besides its seed."""

    bl_label = "Variation"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_order = 30
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        inputs = context.scene.gantlitz
        if inputs.towards:
            layout = self.layout
            layout.use_property_split, layout.use_property_decorate = True, False
            row = layout.row(align=True)
            row.prop(inputs, "amount", slider=True)
            row.operator("gantlitz.reset_look", text="", icon="LOOP_BACK").group = "CROSSFADE"


class Group(Panel):
    """A group of sliders with its Reset in the header: a mixin."""

    bl_parent_id = "GANTLITZ_PT_variation"
    group: str
    layout: bpy.types.UILayout  # bpy.types.Panel's

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        self.layout.operator("gantlitz.reset_look", text="", icon="LOOP_BACK", emboss=False).group = self.group


class GANTLITZ_PT_character(Group, bpy.types.Panel):
    """Age, tone and the others."""

    bl_label = "Character"
    group = "CHARACTER"

    def draw(self, context: bpy.types.Context) -> None:
        layout, inputs = self.layout, context.scene.gantlitz
        layout.use_property_split, layout.use_property_decorate = True, False
        column = layout.column(align=True)
        for label in LABELS:
            row = column.row(align=True)
            row.enabled = model_labels.has(label)
            row.prop(inputs, f"edit_{label}", slider=True)
            locked = getattr(inputs, f"lock_{label}")
            row.prop(
                inputs, f"lock_{label}", text="", icon="LOCKED" if locked else "UNLOCKED", emboss=False, icon_only=True
            )
        unknown = [label for label in LABELS if not model_labels.has(label)]
        if len(unknown) == len(LABELS):
            draw_wrapped(context, layout, "The loaded model knows no such directions.", icon="INFO")
        elif unknown:
            names = ", ".join(LABEL_NAMES[label][0] for label in unknown)
            draw_wrapped(context, layout, f"The loaded model has no direction for: {names}", icon="INFO")


class GANTLITZ_PT_mix(Group, bpy.types.Panel):
    """Parts of other faces."""

    bl_label = "Mix"
    group = "MIX"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, inputs = self.layout, context.scene.gantlitz
        layout.use_property_split, layout.use_property_decorate = True, False
        for band in BANDS:
            column = layout.column(align=True)
            column.prop(inputs, f"mix_{band}", text=BAND_NAMES[band][0], slider=True)
            draw_seed(column, inputs, f"mix_{band}_seed", "From Seed")
        layout.operator("gantlitz.mix_all", icon="USER")
        draw_too_fine(context, layout)


class GANTLITZ_PT_variation_detail(Group, bpy.types.Panel):
    """The random fine detail."""

    bl_label = "Detail"
    group = "DETAIL"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, inputs = self.layout, context.scene.gantlitz
        layout.use_property_split, layout.use_property_decorate = True, False
        column = layout.column(align=True)
        column.prop(inputs, "noise_strength", slider=True)
        draw_seed(column, inputs, "noise_seed", "Detail Seed")
        for scale in reversed(SCALES):
            column = layout.column(align=True)
            column.prop(inputs, f"grain_{scale}", text=SCALE_NAMES[scale][0], slider=True)
            if getattr(inputs, f"grain_{scale}_seed") == OWN_SEED_OFF:
                row = column.row(align=True)
                row.use_property_split = False
                split = row.split(factor=0.4, align=True)
                split.label(text="")
                split.operator("gantlitz.reroll_seed", text="Own Seed", icon="FILE_REFRESH").setting = f"grain_{scale}_seed"
            else:
                row = draw_seed(column, inputs, f"grain_{scale}_seed", "Own Seed")
                row.operator("gantlitz.common_seed", text="", icon="X").scale = scale
        draw_too_fine(context, layout)


def draw_seed(column: bpy.types.UILayout, inputs, setting: str, text: str) -> bpy.types.UILayout:
    """A seed with its steps and its dice; returns the row."""
    row = column.row(align=True)
    row.prop(inputs, setting, text=text)
    for by, icon in ((-1, "TRIA_LEFT"), (1, "TRIA_RIGHT")):
        step = row.operator("gantlitz.next_seed", text="", icon=icon)
        step.setting, step.by = setting, by
    row.operator("gantlitz.reroll_seed", text="", icon="FILE_REFRESH").setting = setting
    return row


def draw_too_fine(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    """Why nothing changes on the head where only pores do."""
    if context.window_manager.gantlitz_live.on:
        draw_wrapped(context, layout, "Pores and texture are finer than the live look: bake to see them.", icon="INFO")


CLASSES = (GANTLITZ_PT_variation, GANTLITZ_PT_character, GANTLITZ_PT_mix, GANTLITZ_PT_variation_detail)
