"""The maps of a scan, taken from a material."""

import bpy

from ..assign import millimetres
from ..scan_material import find_maps
from ..scan_properties import MAPS
from ..translation import said

EXR = "OPEN_EXR"
DEEPEST_MM = 50.0  # no face has a deeper map; a Displacement node whose Scale was never set says a metre


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
            cls.poll_message_set(said("Select an object that has a material."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        target, scan = context.view_layer.objects.active, context.scene.gantlitz_scan
        worn = target.active_material
        found = find_maps(worn)
        if not found.images:
            self.report({"ERROR"}, said(f"{worn.name} has no images behind a Principled BSDF. Choose the maps by hand."))
            return {"CANCELLED"}
        for kind in MAPS:
            setattr(scan, kind, found.images.get(kind))
        scan.directx = found.directx
        range_mm = found.displacement_range / millimetres(context.scene, target)[1]
        scan.displacement_mm = range_mm if range_mm <= DEEPEST_MM else 0.0
        taken = f"Taken from {worn.name}: {', '.join(kind for kind in MAPS if kind in found.images)}."
        displacement = found.images.get("displacement")
        doubt = depth_doubt(displacement.file_format == EXR, range_mm) if displacement is not None else ""
        self.report({"WARNING"} if doubt else {"INFO"}, said(f"{taken} {doubt}".rstrip()))
        return {"FINISHED"}


def depth_doubt(is_exr: bool, range_mm: float) -> str:
    """A sentence where what the material says of the displacement's depth cannot be taken; range_mm: 0 where it says nothing."""
    if is_exr and range_mm and abs(range_mm - 1) > 0.01:
        return (
            f"The displacement is scaled by {range_mm:.3g} mm there, but an EXR is taken to hold millimetres: "
            "bake it in millimetres, or leave it out."
        )
    if range_mm > DEEPEST_MM:
        return (
            f"The displacement's Scale there says {range_mm:.4g} mm from black to white, which no face has, so its depth is left "
            "unknown: set Depth (mm)."
        )
    return ""


CLASSES = (GANTLITZ_OT_scan_from_material,)
