"""The add-on's preferences: the runtime, installed or chosen, and a model to use instead of the bundled one."""

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from . import runtime_state
from .installer_pip import Sources
from .runtime_state import Wishes
from .runtime_watch import unwatch
from .translation import register_class

BUILDS = (
    ("AUTO", "Automatic", "What this computer's graphics card can use, else the processor"),
    ("CUDA", "NVIDIA (CUDA)", "For NVIDIA cards, on Linux and Windows"),
    ("ROCM", "AMD (ROCm)", "For AMD cards, on Linux"),
    ("MPS", "Apple", "For Macs; sampling runs on the processor there"),
    ("CPU", "Processor", "The smallest: no graphics card is used"),
)


class GANTLITZ_AP_preferences(bpy.types.AddonPreferences):
    """Machine-wide settings."""

    bl_idname = __package__

    python: StringProperty(
        name="Use this Python",
        description="A Python 3.11 or newer that has torch, instead of the installed runtime. Empty for the environment variable "
        "GANTLITZ_PYTHON, or the installed runtime",
        subtype="FILE_PATH",
    )
    model: StringProperty(
        name="Default Model",
        description="A face model (.safetensors) for scenes that name none; empty for the bundled one",
        subtype="FILE_PATH",
    )
    runtime_folder: StringProperty(
        name="Folder",
        description="Where the runtime is installed. Empty for a folder of your own that all Blender versions share",
        subtype="DIR_PATH",
    )
    build: EnumProperty(name="Build", description="For which device torch is installed", items=BUILDS, default="AUTO")
    show_sources: BoolProperty(
        name="Proxy, mirror, wheel folder", description="Where the packages come from, and how they are reached", default=False
    )
    wheel_folder: StringProperty(
        name="Wheel Folder",
        description="Install from the .whl files in this folder, without any network",
        subtype="DIR_PATH",
    )
    index_url: StringProperty(
        name="Index",
        description="The address of a package index to use instead of PyPI and download.pytorch.org, such as your studio's mirror. "
        "One at download.pytorch.org is used for torch only",
    )
    proxy: StringProperty(
        name="Proxy", description="For example http://proxy.studio:8080. Empty for what the environment variable HTTPS_PROXY says"
    )
    certificate: StringProperty(
        name="Certificate",
        description="Your company's certificate file (.pem), where its proxy needs one. Empty for what PIP_CERT or "
        "REQUESTS_CA_BUNDLE says",
        subtype="FILE_PATH",
    )

    release: EnumProperty(
        name="Before a Render",
        description="What of the model's memory is given back when Blender begins to render; the next face loads it again",
        items=(
            ("GPU", "Free the Graphics Card", "Release a model on the graphics card; leave one in main memory alone"),
            ("ALWAYS", "Free All Memory", "Release the model wherever it is: for renders that need all of main memory"),
            ("NEVER", "Keep the Model", "Leave the model loaded"),
        ),
        default="GPU",
    )

    def draw(self, context: bpy.types.Context) -> None:
        from .panels.runtime import draw_doctor, draw_install  # here: the panels ask this module

        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        draw_install(context, layout.box(), self)
        column = layout.column()
        column.prop(self, "python")
        column.prop(self, "model")
        column.prop(self, "release")
        draw_doctor(context, layout.column())


def preferences(context: bpy.types.Context) -> GANTLITZ_AP_preferences | None:
    """The preferences, or None when the package was registered by a script instead of enabled as an add-on."""
    addon = context.preferences.addons.get(__package__)
    return addon.preferences if addon else None


def chosen_python(context: bpy.types.Context) -> str:
    """The Python of the preferences; empty where none is chosen."""
    chosen = preferences(context)
    return bpy.path.abspath(chosen.python) if chosen else ""


def chosen_model(context: bpy.types.Context, setting: str) -> str | None:
    """The path of the model in use: the setting's, else the preferences'; None for the bundled one."""
    chosen = preferences(context)
    model = setting or (chosen.model if chosen else "")
    return bpy.path.abspath(model) if model else None


def wishes(context: bpy.types.Context) -> Wishes:
    """What the artist wants installed, and where."""
    chosen = preferences(context)
    if chosen is None:
        return Wishes()
    folder, wheels, certificate = (
        bpy.path.abspath(path) if path else "" for path in (chosen.runtime_folder, chosen.wheel_folder, chosen.certificate)
    )
    return Wishes(folder, chosen.build, Sources(chosen.index_url.strip(), wheels, chosen.proxy.strip(), certificate))


def register() -> None:
    register_class(GANTLITZ_AP_preferences)


def unregister() -> None:
    unwatch()
    runtime_state.stop()
    bpy.utils.unregister_class(GANTLITZ_AP_preferences)
