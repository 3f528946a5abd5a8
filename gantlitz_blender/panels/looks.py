"""The Looks sub-panel: A and B, the history with its favourites, and the walk. Drawing reads properties only."""

import bpy

from .. import thumbnails, walk_animation
from .common import Panel, draw_line, draw_running, draw_wrapped

SLOT_SCALE = 4.0  # of a slot's picture
CHOSEN_SCALE = 5.0  # of the picture of the chosen look


class GANTLITZ_UL_looks(bpy.types.UIList):
    """The history: picture and name restore a look, the star keeps it."""

    def draw_item(self, context, layout, data, item, icon, active_data, active_property, index=0, flt_flag=0) -> None:
        row = layout.row(align=True)
        row.alignment = "LEFT"
        star = "SOLO_ON" if item.favourite else "SOLO_OFF"
        row.operator("gantlitz.favourite_look", text="", icon=star, emboss=False).index = index
        picture = {"icon_value": thumbnails.icon_of(item)} if thumbnails.icon_of(item) else {"icon": "USER"}
        row.operator("gantlitz.restore_look", text=item.name, emboss=False, translate=False, **picture).index = index

    def filter_items(self, context, data, property_name):
        entries = getattr(data, property_name)
        wanted = self.filter_name.lower()
        shown = [
            (entry.favourite or not data.only_favourites) and (not wanted or wanted in entry.name.lower()) for entry in entries
        ]
        return [self.bitflag_filter_item if keep else 0 for keep in shown], []


class GANTLITZ_UL_walk(bpy.types.UIList):
    """The looks of the walk, in order."""

    def draw_item(self, context, layout, data, item, icon, active_data, active_property, index=0, flt_flag=0) -> None:
        picture = {"icon_value": thumbnails.icon_of(item)} if thumbnails.icon_of(item) else {"icon": "USER"}
        layout.label(text=f"{index}   {item.name}", translate=False, **picture)


class GANTLITZ_PT_looks(Panel, bpy.types.Panel):
    """Two looks side by side, and all that were tried."""

    bl_label = "Looks"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_order = 20
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        looks = context.scene.gantlitz_looks
        draw_slots(self.layout, looks)
        draw_history(self.layout, looks)


class GANTLITZ_PT_walk(Panel, bpy.types.Panel):
    """An animation from look to look."""

    bl_label = "Walk"
    bl_parent_id = "GANTLITZ_PT_looks"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, scene = self.layout, context.scene
        looks, state = scene.gantlitz_looks, context.window_manager.gantlitz
        row = layout.row(align=True)
        row.operator("gantlitz.walk_add", text="Add This Look", icon="ADD")
        row.operator("gantlitz.walk_add_favourites", icon="SOLO_ON")
        if not looks.walk:
            draw_wrapped(context, layout, "Add two or more looks: the face goes from one to the next.", icon="INFO")
            return
        row = layout.row()
        row.template_list("GANTLITZ_UL_walk", "", looks, "walk", looks, "walk_active", rows=4)
        column = row.column(align=True)
        column.operator("gantlitz.walk_move", text="", icon="TRIA_UP").by = -1
        column.operator("gantlitz.walk_move", text="", icon="TRIA_DOWN").by = 1
        column.separator()
        column.operator("gantlitz.walk_remove", text="", icon="REMOVE")
        column.operator("gantlitz.walk_clear", text="", icon="TRASH")
        column = layout.column()
        column.use_property_split = column.use_property_decorate = True  # with the dot that keyframes it
        column.enabled = len(looks.walk) > 1
        column.prop(scene.gantlitz, "walk")
        layout.operator("gantlitz.keyframe_walk", icon="KEYFRAME_HLT")
        if state.running:
            draw_running(layout, state)
        else:
            layout.operator("gantlitz.bake_walk", icon="RENDER_ANIMATION")
        if walk_animation.curve_of(scene) is None and len(looks.walk) > 1:
            draw_line(layout, "The slider may be keyframed", icon="INFO")


def draw_slots(layout: bpy.types.UILayout, looks) -> None:
    """[A]  slider  [B]"""
    box = layout.box()
    row = box.row()
    draw_line(row, "Crossfade")
    row.operator("gantlitz.slot_swap", text="", icon="ARROW_LEFTRIGHT", emboss=False)
    row = box.row(align=False)
    for name, slot in (("A", looks.slot_a), ("B", looks.slot_b)):
        column = row.column(align=True)
        if slot.recipe:
            draw_picture(column, slot, SLOT_SCALE)
            column.label(text=f"{name}: {slot.name}", translate=False)
        else:
            draw_line(column, "A is empty" if name == "A" else "B is empty")
        buttons = column.row(align=True)
        buttons.operator("gantlitz.slot_set", text="Set A" if name == "A" else "Set B").slot = name
        shown = buttons.row(align=True)
        shown.enabled = bool(slot.recipe)
        shown.operator("gantlitz.slot_show", text="Show").slot = name
    row = box.row()
    row.enabled = bool(looks.slot_a.recipe and looks.slot_b.recipe)
    row.prop(looks, "crossfade", slider=True)


def draw_history(layout: bpy.types.UILayout, looks) -> None:
    row = layout.row(align=True)
    draw_line(row, "History")
    row.prop(looks, "only_favourites", icon="SOLO_ON" if looks.only_favourites else "SOLO_OFF", toggle=True)
    row = layout.row()
    row.template_list("GANTLITZ_UL_looks", "", looks, "entries", looks, "active", rows=5)
    column = row.column(align=True)
    column.operator("gantlitz.note_look", text="", icon="ADD")
    column.operator("gantlitz.delete_look", text="", icon="REMOVE")
    column.separator()
    column.operator("gantlitz.move_look", text="", icon="TRIA_UP").by = -1
    column.operator("gantlitz.move_look", text="", icon="TRIA_DOWN").by = 1
    column.separator()
    column.operator("gantlitz.clear_looks", text="", icon="TRASH")
    if 0 <= looks.active < len(looks.entries):
        entry = looks.entries[looks.active]
        row = layout.row()
        if thumbnails.icon_of(entry):
            picture = row.column()
            picture.alignment = "LEFT"
            draw_picture(picture, entry, CHOSEN_SCALE)
        column = row.column()
        column.prop(entry, "name", text="")
        column.label(text=entry.date, icon="TIME", translate=False)
        column.operator("gantlitz.restore_look", text="Restore", icon="LOOP_BACK").index = looks.active
        column.operator("gantlitz.walk_add", icon="ANIM").index = looks.active


def draw_picture(layout: bpy.types.UILayout, look, scale: float) -> None:
    """The look's picture, or nothing as long as there is none."""
    icon = thumbnails.icon_of(look)
    if icon:
        layout.template_icon(icon_value=icon, scale=scale)


CLASSES = (GANTLITZ_UL_looks, GANTLITZ_UL_walk, GANTLITZ_PT_looks, GANTLITZ_PT_walk)
