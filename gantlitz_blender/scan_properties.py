"""What Blender remembers of a scan: its maps, how it lies, its points, and how it is to be completed; on the scene."""

from collections.abc import Iterable
from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty

from .runtime.scan_request import MAPS
from .translation import register_class

METHODS = (
    (
        "fast",
        "Fast",
        "A network makes the missing maps from the known ones, in seconds to a minute. The best choice for most scans",
    ),
    (
        "fit",
        "Fit",
        "Searches for the face in the model that resembles the known maps. Takes minutes. An error map shows where the model "
        "could not follow; from its recipe the command line makes the face again, with other pores if you like (render --recipe)",
    ),
    (
        "fit-from-fast",
        "Fit from Fast",
        "First Fast, then Fit towards its maps as well: the missing maps stay nearer to the scan than with Fit alone. "
        "Takes the longest",
    ),
)
LAYOUTS = (
    ("OWN", "The Scan's Own", "The UV layout of the scan is its own: it is aligned by points that you click"),
    ("MODEL", "GANtlitz", "The maps lie in the layout of the sampled faces already: no points are needed"),
)
AS_MAPS = ("AUTO", "As My Maps", "As large as the widest of the known maps")
OWN_WIDTHS = (AS_MAPS, *((str(n), f"{n} wide", f"{n} texels wide, in the shape of your maps") for n in (1024, 2048, 4096, 8192)))
MODEL_WIDTHS = (
    AS_MAPS,
    *((str(n), f"{n} x {n * 2 // 3}", f"{n} x {n * 2 // 3} texels") for n in (768, 1536, 3072, 6144)),
)


def settings(options: Iterable[str] = ()) -> dict[str, Any]:
    """How a scan is to be completed, as fresh property definitions: the scene and the operator have the same ones."""
    shared = {"options": set(options)}
    return {
        "layout": EnumProperty(name="UV Layout", description="How the maps lie", items=LAYOUTS, default="OWN", **shared),
        "method": EnumProperty(name="Method", description="How the missing maps are found", items=METHODS, **shared),
        "keep": BoolProperty(
            name="Keep My Maps",
            description="The known maps come back as they are, the albedo in 8 bits a channel and the others in 16, enlarged "
            "where they are smaller than the result. Your own files never change. Off, a fit replaces them by its own, without "
            "wear, noise and baked light; Fast always keeps them",
            default=True,
            **shared,
        ),
        "refine": BoolProperty(
            name="Refine Points",
            description="Lay eyes, nose and mouth of the scan on those of the average face. Mends careless clicks; "
            "with careful ones, leave it off",
            default=False,
            **shared,
        ),
        "use_mesh": BoolProperty(
            name="Through the Mesh",
            description="Align through the surface of the selected object, too. Better where the scan's layout stretches the "
            "skin in its own way; the object must be the scan that wears these maps",
            default=False,
            **shared,
        ),
        "directx": BoolProperty(
            name="DirectX Normals",
            description="The green of the normal map points down, as in DirectX and Unreal; off for OpenGL, as in Blender",
            default=False,
            **shared,
        ),
        "displacement_mm": FloatProperty(
            name="Depth (mm)",
            description="How many millimetres lie between black and white in a displacement that is not an EXR; 0 is unknown. "
            "An EXR holds millimetres",
            default=0.0,
            min=0.0,
            max=1000.0,
            soft_max=50.0,
            precision=2,
            **shared,
        ),
    }


class GANTLITZ_PG_scan_point(bpy.types.PropertyGroup):
    """A clicked point, its name as of runtime/completion/landmarks.py; in pixels from the picture's upper left corner."""

    x: FloatProperty()
    y: FloatProperty()


class GANTLITZ_PG_scan(bpy.types.PropertyGroup):
    """A scan that is to be completed."""

    __annotations__ = {
        **{
            kind: PointerProperty(name=kind.capitalize(), description=f"The scan's {kind} map, if it has one", type=bpy.types.Image)
            for kind in MAPS
        },
        **settings(),
        "own_width": EnumProperty(name="Size", description="How wide the maps are to be", items=OWN_WIDTHS),
        "model_width": EnumProperty(name="Size", description="How wide the maps are to be", items=MODEL_WIDTHS),
        "points": CollectionProperty(type=GANTLITZ_PG_scan_point),
        # Of the picture in which the points were clicked.
        "points_width": IntProperty(),
        "points_height": IntProperty(),
    }

    def width_of_answer(self) -> int:
        """Texels; 0 is that of the widest known map."""
        chosen = self.own_width if self.layout == "OWN" else self.model_width
        return int(chosen) if chosen.isdigit() else 0


CLASSES = (GANTLITZ_PG_scan_point, GANTLITZ_PG_scan)


def register() -> None:
    for cls in CLASSES:
        register_class(cls)
    bpy.types.Scene.gantlitz_scan = PointerProperty(type=GANTLITZ_PG_scan)


def unregister() -> None:
    del bpy.types.Scene.gantlitz_scan
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
