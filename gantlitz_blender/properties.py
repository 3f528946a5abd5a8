"""What Blender remembers: the inputs (on the scene), what a material was made from, the state of the sampling now."""

import json
from collections.abc import Iterable
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from .runtime.recipe import NOISE_STRENGTH_MAX, PSI_MAX

SEED_MAX = 2**31 - 1  # Blender's integers are signed; recipes themselves reach to 2**32 - 1

# Blender 4.5 and later warn of "//" in a path that does not say it may have one; earlier ones do not know the option.
BLEND_RELATIVE = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()

# (identifier, name for the standard 6144 x 4096 model, description); the index is the model's level
RESOLUTIONS = (
    ("FULL", "6144 x 4096", "The model's full size, about 18 texels per millimetre: pores and fine wrinkles"),
    ("HALF", "3072 x 2048", "Half the model's size"),
    ("QUARTER", "1536 x 1024", "A quarter of the model's size, for a quick look"),
    ("EIGHTH", "768 x 512", "An eighth of the model's size, in about a second"),
)
LEVELS = {identifier: level for level, (identifier, _, _) in enumerate(RESOLUTIONS)}
DEVICES = (
    ("auto", "Automatic", "The graphics card if torch can use it, else the processor"),
    ("cpu", "Processor", "Always the processor"),
    ("cuda", "NVIDIA GPU", "The NVIDIA graphics card"),
)


def input_properties(options: Iterable[str] = ()) -> dict[str, Any]:
    """The inputs of sampling, as fresh property definitions: the scene and the operator have the same ones."""
    shared = {"options": set(options)}
    path = {"options": set(options) | BLEND_RELATIVE}
    output = {"options": path["options"] | {"OUTPUT_PATH"}}  # need not exist yet
    return {
        "seed": IntProperty(name="Seed", description="Which face", default=7, min=0, max=SEED_MAX, **shared),
        "psi": FloatProperty(
            name="Variety (psi)",
            description="Truncation psi: 0 is the average face, 1 as varied as the training faces, more is extreme",
            default=0.7,
            min=0.0,
            max=PSI_MAX,
            step=5,
            precision=2,
            **shared,
        ),
        "noise_seed": IntProperty(
            name="Detail Seed", description="Which pores, freckles and hairs", default=0, min=0, max=SEED_MAX, **shared
        ),
        "noise_strength": FloatProperty(
            name="Detail Strength",
            description="How strong the random fine detail is; 1 is as the model was trained",
            default=1.0,
            min=0.0,
            max=NOISE_STRENGTH_MAX,
            step=5,
            precision=2,
            **shared,
        ),
        "resolution": EnumProperty(
            name="Resolution", description="Size of the four maps", items=RESOLUTIONS, default="FULL", **shared
        ),
        "model": StringProperty(
            name="Model",
            description="A face model (.safetensors); empty for the bundled one",
            subtype="FILE_PATH",
            **path,
        ),
        "folder": StringProperty(
            name="Folder",
            description="Where the maps are written; // is the folder of the .blend",
            default="//gantlitz/",
            subtype="DIR_PATH",
            **output,
        ),
        "prefix": StringProperty(
            name="Name", description="How the file names begin: <name>_seed0007_albedo.png", default="face", **shared
        ),
        "pack": BoolProperty(
            name="Pack into .blend",
            description="Keep a copy of the maps inside the .blend (about 300 MB at full size)",
            default=False,
            **shared,
        ),
        "device": EnumProperty(name="Device", description="Where the model runs", items=DEVICES, default="auto", **shared),
    }


class GANTLITZ_PG_inputs(bpy.types.PropertyGroup):
    """The inputs of the next sampling; on the scene."""

    __annotations__ = input_properties()


class GANTLITZ_PG_origin(bpy.types.PropertyGroup):
    """What a face material was made from; on the material."""

    recipe: StringProperty(name="Recipe", description="The recipe as JSON; empty where there is none")
    scan: StringProperty(name="Scan", description="What a completed scan was made from, as JSON; empty on a sampled face")

    def summary(self) -> str:
        """For the panel: seed and variety, or what was known of a scan, in a few words."""
        try:
            if self.scan:
                scan = json.loads(self.scan)
                return f"completed ({scan['method']}) from {', '.join(scan['maps'])}"
            recipe = json.loads(self.recipe)
            return f"seed {recipe['seed']}, variety {recipe['psi']:.2f}, detail {recipe['noise_seed']}"
        except (ValueError, KeyError, TypeError):
            return "of unknown origin"


class GANTLITZ_PG_state(bpy.types.PropertyGroup):
    """The job that runs now, or how the last one ended; on the window manager, so neither saved nor undone.

    There is one for sampling and one for completing scans.
    """

    running: BoolProperty()
    cancel_requested: BoolProperty()
    progress: FloatProperty(min=0.0, max=1.0)
    text: StringProperty()
    result: StringProperty()
    warnings: StringProperty()  # one a line
    error_sentence: StringProperty()
    error_fix: StringProperty()
    error_code: StringProperty()

    def begin(self) -> None:
        self.running, self.cancel_requested = True, False
        self.progress, self.text = 0.0, "Starting"
        self.result = self.warnings = self.error_sentence = self.error_fix = self.error_code = ""


CLASSES = (GANTLITZ_PG_inputs, GANTLITZ_PG_origin, GANTLITZ_PG_state)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.gantlitz = PointerProperty(type=GANTLITZ_PG_inputs)
    bpy.types.Material.gantlitz = PointerProperty(type=GANTLITZ_PG_origin)
    bpy.types.WindowManager.gantlitz = PointerProperty(type=GANTLITZ_PG_state)
    bpy.types.WindowManager.gantlitz_scan = PointerProperty(type=GANTLITZ_PG_state)


def unregister() -> None:
    del bpy.types.WindowManager.gantlitz_scan
    del bpy.types.WindowManager.gantlitz
    del bpy.types.Material.gantlitz
    del bpy.types.Scene.gantlitz
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
