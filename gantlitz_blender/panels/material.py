"""The Head and Material sub-panel: where the face goes, and how its maps become light."""

import bpy

from .. import look
from ..assign import find_target, worn_face
from ..material import HEIGHT_NODE, ROUGHNESS_NODE, SKIN_NODE
from ..slots import face_slot
from ..subdivision import is_adaptive
from .common import Panel, draw_line, draw_wrapped, for_settings
from .studio import draw_studio

# What an artist turns: node, socket, how it is called here. The sockets themselves are shown, so nothing can go stale.
SOCKETS = (
    (SKIN_NODE, "Subsurface Weight", "Subsurface"),
    (SKIN_NODE, "Subsurface Scale", "Subsurface Scale"),
    (ROUGHNESS_NODE, "To Min", "Roughness, Dry"),
    (ROUGHNESS_NODE, "To Max", "Roughness, Oily"),
    (HEIGHT_NODE, "Scale", "Displacement Scale"),
)


class GANTLITZ_PT_material(Panel, bpy.types.Panel):
    """The face on the active object, and the preview head."""

    bl_label = "Head & Material"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_order = 50

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        layout.operator("gantlitz.add_head", icon="ADD")
        draw_studio(layout)
        target = find_target(context)
        if target is None:
            draw_wrapped(context, layout, "Select a mesh with a UV map to see its face.", icon="INFO")
            return
        if len(target.material_slots) > 1:
            layout.prop_search(target, "gantlitz_slot", target, "material_slots", text="Face Slot")
            if not target.gantlitz_slot:
                found = target.material_slots[face_slot(target)].name or "an empty slot"
                draw_line(layout, f"Found: {found}", icon="VIEWZOOM")
        worn = worn_face(target)
        if worn is None:
            return
        layout.label(text=worn.name, icon="MATERIAL", translate=False)
        draw_line(layout, look.origin(worn.gantlitz.recipe, worn.gantlitz.scan))
        layout.operator("gantlitz.use_recipe", icon="LOOP_BACK")
        draw_skin(layout, worn)
        adaptive = is_adaptive(target)
        layout.operator(
            "gantlitz.adaptive_displacement", icon="CHECKBOX_HLT" if adaptive else "CHECKBOX_DEHLT", depress=adaptive
        ).on = not adaptive


def draw_skin(layout: bpy.types.UILayout, worn: bpy.types.Material) -> None:
    """The sockets of the material's nodes that are still there and not linked."""
    nodes = worn.node_tree.nodes if worn.node_tree else {}
    column = layout.column()
    for name, socket, text in SOCKETS:
        node = nodes.get(name)
        found = node.inputs.get(socket) if node is not None else None
        if found is not None and not found.is_linked:
            column.prop(found, "default_value", text=text)


CLASSES = (GANTLITZ_PT_material,)
