"""How maps are baked: size, files and conventions. Settings of the scene, and inputs of the operator for scripts."""

from collections.abc import Iterable
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, PointerProperty

from .runtime.export_profiles import FORMATS, PROFILES, Output, customised
from .translation import register_class

WIDTHS = (
    ("6144", "6144 x 4096 (6K)", "The standard model's full size, about 18 texels per millimetre: pores and fine wrinkles"),
    ("4096", "4096 x 2731 (4K)", "Pores, a little softer"),
    ("3072", "3072 x 2048 (3K)", "Half the full size: fine wrinkles and large pores"),
    ("2048", "2048 x 1365 (2K)", "For faces at a distance"),
    ("1536", "1536 x 1024", "A quarter of the full size"),
    ("1024", "1024 x 683 (1K)", "For crowds, and for quick looks"),
)
PROFILE_ITEMS = (
    ("NODE_WRANGLER", "Blender", "name_albedo.png and so on, as Node Wrangler expects; displacement in millimetres"),
    ("METAHUMAN", "MetaHuman", "Color_MAIN and so on, DirectX normals, 16-bit displacement: like the maps of a MetaHuman"),
    ("CHARACTER_CREATOR", "Character Creator", "name_Diffuse and so on, 16-bit displacement"),
    ("TEXTURING_XYZ", "Offline Renderer", "16-bit TIFF, and a 32-bit displacement in centimetres, as scan libraries have"),
    ("UDIM", "UDIM 1001", "name_albedo.1001.png and so on: the first UDIM tile"),
)
KINDS = tuple(FORMATS)
PROFILE_CHOICE = ("PROFILE", "As the profile", "What the profile has")


def bake_properties(options: Iterable[str] = ()) -> dict[str, Any]:
    """The settings, as fresh property definitions: the scene and the operator have the same ones."""
    shared: dict[str, Any] = {"options": set(options)}
    found: dict[str, Any] = {
        "size": EnumProperty(name="Size", description="Width and height of the maps in texels", items=WIDTHS, **shared),
        "profile": EnumProperty(
            name="Files For", description="The names and formats that a program expects", items=PROFILE_ITEMS, **shared
        ),
        "square": BoolProperty(
            name="Square",
            description="Squeeze the maps to as wide as they are high, for engines that want squares; the UV map stays what it is",
            default=False,
            **shared,
        ),
        "normals": EnumProperty(
            name="Normals",
            description="Which way green points in the normal map",
            items=(
                PROFILE_CHOICE,
                ("OPENGL", "OpenGL (+Y)", "Green points up, as Blender, Maya and Unity expect"),
                ("DIRECTX", "DirectX (-Y)", "Green points down, as Unreal expects"),
            ),
            **shared,
        ),
        "own_units": BoolProperty(
            name="Own Displacement Units", description="Set what a value of the displacement map means", default=False, **shared
        ),
        "displacement_mm": FloatProperty(
            name="Displacement",
            description="Millimetres from a value of 0 to a value of 1",
            default=10.0,
            min=0.01,
            max=1000.0,
            precision=2,
            **shared,
        ),
        "midlevel": FloatProperty(
            name="Midlevel", description="The value of no displacement", default=0.5, min=0.0, max=1.0, precision=3, **shared
        ),
    }
    for kind, formats in FORMATS.items():
        items = [(f"{file}{bits}", f"{file}, {bits} bits", "") for file, bits in formats]
        found[f"{kind}_format"] = EnumProperty(
            name=kind.capitalize(), description="File format and bits of a channel", items=[PROFILE_CHOICE, *items], **shared
        )
    return found


def output_of(value: Any) -> Output:
    """The Output that settings stand for. value(name): of a setting. Raises GantlitzError for what cannot be written."""
    by_name = {f"{file}{bits}": (file, bits) for formats in FORMATS.values() for file, bits in formats}
    chosen = {kind: value(f"{kind}_format") for kind in KINDS}
    normals = value("normals")
    own = value("own_units")
    output = customised(
        PROFILES[value("profile")],
        {kind: by_name[name] for kind, name in chosen.items() if name in by_name},
        directx=None if normals == "PROFILE" else normals == "DIRECTX",
        displacement_mm=round(value("displacement_mm"), 6) if own else None,
        midlevel=round(value("midlevel"), 6) if own else None,
    )
    return Output(**{**vars(output), "square": value("square")})


class GANTLITZ_PG_bake(bpy.types.PropertyGroup):
    """The settings of the next bake; on the scene."""

    __annotations__ = {
        **bake_properties(),
        "show_custom": BoolProperty(name="Formats", description="Formats and conventions of each map", default=False),
    }


def register() -> None:
    register_class(GANTLITZ_PG_bake)
    bpy.types.Scene.gantlitz_bake = PointerProperty(type=GANTLITZ_PG_bake)


def unregister() -> None:
    del bpy.types.Scene.gantlitz_bake
    bpy.utils.unregister_class(GANTLITZ_PG_bake)
