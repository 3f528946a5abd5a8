"""What Blender remembers: the inputs (on the scene), what a material was made from, the state of the sampling now."""

from collections.abc import Callable, Iterable
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from . import live_mark, looks
from .look import LABELS, OWN_SEED_OFF, SEED_MAX
from .runtime.recipe import PSI_MAX
from .runtime.recipe_parts import BANDS, EDIT_MAX, NOISE_STRENGTH_MAX, SCALES
from .translation import CONTEXT, register_class

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


BAND_NAMES = {
    "coarse": ("Features", "the shape of the features, and the tone"),
    "middle": ("Forms", "the forms of the skin, millimetres in size"),
    "fine": ("Texture", "the texture of the skin, below a millimetre"),
}
SCALE_NAMES = {
    "blotches": ("Blotches", "uneven colour and relief, above 1.7 mm"),
    "wrinkles": ("Wrinkles", "furrows and fine wrinkles, from 0.4 to 1.7 mm"),
    "pores": ("Pores", "pores and grain, below 0.4 mm: they show at 3072 texels and more"),
}
LABEL_NAMES = {
    "age": ("Age", "younger to older"),
    "tone": ("Tone", "fairer to darker skin"),
    "redness": ("Redness", "paler to redder"),
    "oiliness": ("Oiliness", "drier to oilier: how much the skin shines"),
    "freckles": ("Freckles", "fewer to more freckles"),
    "stubble": ("Stubble", "smoother to more stubble"),
    "roughness": ("Roughness", "smoother to coarser relief"),
}
Update = Callable[[bpy.types.PropertyGroup, bpy.types.Context], None]


def look_properties(options: Iterable[str] = (), update: Update | None = None) -> dict[str, Any]:
    """The sliders that make a face, as fresh property definitions; look.recipe_of reads them. update: called after a change."""
    shared: dict[str, Any] = {"options": set(options), **({"update": update} if update else {})}

    def seed(name: str, description: str, default: int = 0, least: int = 0):
        return IntProperty(name=name, description=description, default=default, min=least, max=SEED_MAX, **shared)

    def number(name: str, description: str, default: float, least: float, largest: float):
        return FloatProperty(
            name=name, description=description, default=default, min=least, max=largest, step=5, precision=2, **shared
        )

    found = {
        "seed": seed("Seed", "Which face", default=7),
        "psi": number(
            "Variety (psi)",
            "Truncation psi: 0 is the average face, 1 as varied as the training faces, more is extreme",
            0.7,
            0.0,
            PSI_MAX,
        ),
        "noise_seed": seed("Detail Seed", "Which pores, freckles and hairs"),
        "noise_strength": number(
            "Detail Strength",
            "How strong the random fine detail is; 1 is as the model was trained",
            1.0,
            0.0,
            NOISE_STRENGTH_MAX,
        ),
        "towards": StringProperty(name="Towards", description="The recipe of the other look of a crossfade", **shared),
        "amount": number("Crossfade", "How far this face has gone to the other look; pores stay in place", 0.0, 0.0, 1.0),
    }
    for band in BANDS:
        name, what = BAND_NAMES[band]
        found[f"mix_{band}_seed"] = seed(f"{name} of Seed", f"The face from which to take {what}")
        found[f"mix_{band}"] = number(f"{name} Mix", f"How much of the other face to take: {what}", 0.0, 0.0, 1.0)
    for scale in SCALES:
        name, what = SCALE_NAMES[scale]
        found[f"grain_{scale}_seed"] = seed(
            f"{name} Seed", f"Which {what}; -1 takes the detail seed", default=OWN_SEED_OFF, least=OWN_SEED_OFF
        )
        found[f"grain_{scale}"] = number(name, f"How strong: {what}; 1 is as trained", 1.0, 0.0, NOISE_STRENGTH_MAX)
    for label in LABELS:
        name, what = LABEL_NAMES[label]
        found[f"edit_{label}"] = number(name, f"{what[0].upper()}{what[1:]}; 0 leaves the face as it is", 0.0, -EDIT_MAX, EDIT_MAX)
        found[f"lock_{label}"] = BoolProperty(
            name=f"Lock {name}", description="Leave this as it is when other sliders move", default=False, **shared
        )
    return found


def input_properties(options: Iterable[str] = (), update: Update | None = None) -> dict[str, Any]:
    """The inputs of sampling, as fresh property definitions: the scene and the operator have the same ones."""
    shared = {"options": set(options)}
    path = {"options": set(options) | BLEND_RELATIVE}
    output = {"options": path["options"] | {"OUTPUT_PATH"}}  # need not exist yet
    return {
        **look_properties(options, update),
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

    __annotations__ = {
        **input_properties(update=live_mark.changed),
        "walk": FloatProperty(
            name="Walk",
            description="Where on the walk the face is: 0 is its first look, 1 the second, and so on. Pores stay in place. "
            "May be keyframed",
            default=0.0,
            min=0.0,
            soft_max=4.0,
            step=5,
            precision=2,
            update=looks.on_walk,
        ),
    }


class GANTLITZ_PG_origin(bpy.types.PropertyGroup):
    """What a face material was made from; on the material."""

    recipe: StringProperty(name="Recipe", description="The recipe as JSON; empty where there is none")
    output: StringProperty(name="Output", description="The convention of its map files, as JSON; empty for Blender's own")
    scan: StringProperty(name="Scan", description="What a completed scan was made from, as JSON; empty on a sampled face")


class GANTLITZ_PG_state(bpy.types.PropertyGroup):
    """The job that runs now, or how the last one ended; on the window manager, so neither saved nor undone.

    There is one for sampling and one for completing scans.
    """

    running: BoolProperty()
    cancel_requested: BoolProperty()
    progress: FloatProperty(min=0.0, max=1.0)
    seconds_left: FloatProperty()  # by the pace so far; 0 where that tells nothing yet
    text: StringProperty()
    result: StringProperty()
    warnings: StringProperty()  # one a line
    error_sentence: StringProperty()
    error_fix: StringProperty()
    error_code: StringProperty()

    def begin(self) -> None:
        self.running, self.cancel_requested = True, False
        self.progress, self.seconds_left, self.text = 0.0, 0.0, "Starting"
        self.result = self.warnings = self.error_sentence = self.error_fix = self.error_code = ""


CLASSES = (GANTLITZ_PG_inputs, GANTLITZ_PG_origin, GANTLITZ_PG_state)


def register() -> None:
    for cls in CLASSES:
        register_class(cls)
    bpy.types.Scene.gantlitz = PointerProperty(type=GANTLITZ_PG_inputs)
    bpy.types.Object.gantlitz_slot = StringProperty(
        name="Face Slot",
        description="The material slot that takes the face; empty to find it by what it wears or is called",
        translation_context=CONTEXT,
    )
    bpy.types.Material.gantlitz = PointerProperty(type=GANTLITZ_PG_origin)
    bpy.types.WindowManager.gantlitz = PointerProperty(type=GANTLITZ_PG_state)
    bpy.types.WindowManager.gantlitz_scan = PointerProperty(type=GANTLITZ_PG_state)


def unregister() -> None:
    del bpy.types.WindowManager.gantlitz_scan
    del bpy.types.WindowManager.gantlitz
    del bpy.types.Material.gantlitz
    del bpy.types.Object.gantlitz_slot
    del bpy.types.Scene.gantlitz
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
