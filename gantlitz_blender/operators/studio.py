"""The portrait studio."""

import bpy

from ..studio import build_studio
from ..translation import said
from .head import AddsHead


class GANTLITZ_OT_add_studio(AddsHead, bpy.types.Operator):
    """Put the head into a portrait studio: an 85 mm camera, key, fill and rim light and a backdrop, in a collection of their \
own. Adds the preview head where there is none. Press again to set it right"""

    bl_idname = "gantlitz.add_studio"
    bl_label = "Head with Lights"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        self.report({"INFO"}, said(build_studio(context)))
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_add_studio,)
