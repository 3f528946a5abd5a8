"""Which model makes the faces, and what it is made from. Drawing reads what a thread has read."""

import bpy

from .. import model_cards
from ..preferences import chosen_model
from ..runtime.errors import GantlitzError
from ..runtime.model_card import ModelCard
from .common import Panel, draw_line, draw_wrapped, for_settings


class GANTLITZ_PT_model(Panel, bpy.types.Panel):
    """Which model, where it runs, and its card."""

    bl_label = "Model"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_order = 70
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        inputs = context.scene.gantlitz
        layout.prop(inputs, "model")
        if not inputs.model:
            draw_line(layout, "The bundled model is used", icon="INFO")
        layout.prop(inputs, "device")
        found = model_cards.card(chosen_model(context, inputs.model))
        if isinstance(found, ModelCard):
            draw_card(context, layout, found)
        elif isinstance(found, GantlitzError):
            box = layout.box()
            draw_wrapped(context, box, found.sentence, icon="ERROR")
            draw_wrapped(context, box, found.fix, icon="TOOL_SETTINGS")
        else:
            draw_line(layout, "The model's card is being read", icon="SORTTIME")
        layout.operator("gantlitz.restore_from_file", icon="FILE_FOLDER")
        layout.operator("gantlitz.open_preferences", icon="PREFERENCES")


def draw_card(context: bpy.types.Context, layout: bpy.types.UILayout, card: ModelCard) -> None:
    box = layout.box()
    draw_wrapped(context, box, f"{card.name}, {card.width} x {card.height}", icon="FILE_BLEND")
    drawn = card.sources == ("capture",)
    if not card.subjects:
        draw_wrapped(context, box, "It does not say on whom it was trained", icon="ERROR")
    elif drawn:
        draw_wrapped(context, box, f"Trained on {card.subjects} drawn faces", icon="COMMUNITY")
    else:
        draw_wrapped(context, box, f"Trained on {card.subjects} people", icon="COMMUNITY")
    draw_wrapped(context, box, f"Consent: {card.consent}", icon="CHECKMARK" if drawn else "INFO")
    draw_wrapped(context, box, f"Licence: {card.licence}", icon="TEXT")
    if card.seconds is None:
        draw_wrapped(context, box, f"Training: {card.steps} steps", icon="TIME")
    else:
        draw_wrapped(context, box, f"Training: {card.steps} steps, the last run {card.seconds / 60:.0f} minutes", icon="TIME")
    draw_wrapped(context, box, f"SHA-256: {card.sha256[:12]}", icon="KEYINGSET")


CLASSES = (GANTLITZ_PT_model,)
