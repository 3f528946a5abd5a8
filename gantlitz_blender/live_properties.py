"""What Blender remembers of the live look: its state (window manager), its size (scene), and what it has replaced (material)."""

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from .runtime.image_pixels import KINDS
from .translation import CONTEXT, register_class

WIDTHS = (
    ("384", "384 px", "Coarse, for slow machines"),
    ("768", "768 px", "Forms and furrows"),
    ("1536", "1536 px", "Fine wrinkles; for a graphics card or a fast processor"),
)


class GANTLITZ_PG_live_face(bpy.types.PropertyGroup):
    """On a material: whether the live look shows on it, and the images that its map nodes had before."""

    on: BoolProperty()
    albedo: PointerProperty(type=bpy.types.Image)
    normal: PointerProperty(type=bpy.types.Image)
    specular: PointerProperty(type=bpy.types.Image)
    displacement: PointerProperty(type=bpy.types.Image)
    output: StringProperty()  # of those images, where it is not Blender's own convention

    def forget(self) -> None:
        self.on, self.output = False, ""
        for kind in KINDS:
            setattr(self, kind, None)


class GANTLITZ_PG_live(bpy.types.PropertyGroup):
    """On the window manager, so neither saved nor undone. width, seconds: of the preview that is shown; 0 for none so far."""

    on: BoolProperty()
    width: IntProperty()
    seconds: FloatProperty()
    text: StringProperty()
    error_sentence: StringProperty()
    error_fix: StringProperty()
    error_code: StringProperty()

    def clear_error(self) -> None:
        self.error_sentence = self.error_fix = self.error_code = ""


CLASSES = (GANTLITZ_PG_live_face, GANTLITZ_PG_live)


def register() -> None:
    for cls in CLASSES:
        register_class(cls)
    bpy.types.Material.gantlitz_live = PointerProperty(type=GANTLITZ_PG_live_face)
    bpy.types.Image.gantlitz_live = StringProperty(description="Which map of the live look it shows; empty for any other image")
    bpy.types.WindowManager.gantlitz_live = PointerProperty(type=GANTLITZ_PG_live)
    bpy.types.Scene.gantlitz_live_width = EnumProperty(
        name="Live Size",
        description="How fine the live look becomes when the mouse rests",
        items=WIDTHS,
        default="768",
        translation_context=CONTEXT,
    )


def unregister() -> None:
    del bpy.types.Scene.gantlitz_live_width
    del bpy.types.WindowManager.gantlitz_live
    del bpy.types.Image.gantlitz_live
    del bpy.types.Material.gantlitz_live
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
