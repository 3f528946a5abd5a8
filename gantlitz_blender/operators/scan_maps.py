"""The maps of a scan, taken from a material."""

import bpy

from ..assign import millimetres
from ..scan_material import find_maps
from ..scan_properties import MAPS

EXR = "OPEN_EXR"


class GANTLITZ_OT_scan_from_material(bpy.types.Operator):
    """Take the maps that are wired in the active material: the images behind Base Color, Specular IOR Level, \
the Normal Map and the Displacement"""

    bl_idname = "gantlitz.scan_from_material"
    bl_label = "Take from Material"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        target = context.view_layer.objects.active
        if target is None or target.active_material is None:
            cls.poll_message_set("Select an object that has a material.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        target, scan = context.view_layer.objects.active, context.scene.gantlitz_scan
        worn = target.active_material
        found = find_maps(worn)
        if not found.images:
            self.report({"ERROR"}, f"{worn.name} has no images behind a Principled BSDF. Choose the maps by hand.")
            return {"CANCELLED"}
        for kind in MAPS:
            setattr(scan, kind, found.images.get(kind))
        scan.directx = found.directx
        range_mm = found.displacement_range / millimetres(context.scene, target)[1]
        scan.displacement_mm = range_mm
        taken = f"Taken from {worn.name}: {', '.join(kind for kind in MAPS if kind in found.images)}."
        displacement = found.images.get("displacement")
        if displacement is not None and displacement.file_format == EXR and range_mm and abs(range_mm - 1) > 0.01:
            self.report(
                {"WARNING"},
                f"{taken} The displacement is scaled by {range_mm:.3g} mm there, but an EXR is taken to hold millimetres: "
                "bake it in millimetres, or leave it out.",
            )
        else:
            self.report({"INFO"}, taken)
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_scan_from_material,)
