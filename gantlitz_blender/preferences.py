"""The add-on's preferences: where the Python with torch is, and a model to use instead of the bundled one."""

import bpy
from bpy.props import StringProperty

RUNTIME_PACKAGES = "torch numpy safetensors opencv-python-headless OpenEXR tqdm"


class GANTLITZ_AP_preferences(bpy.types.AddonPreferences):
    """Machine-wide settings."""

    bl_idname = __package__

    python: StringProperty(
        name="Use this Python",
        description="A Python 3.10 or later that has torch; empty for the environment variable GANTLITZ_PYTHON",
        subtype="FILE_PATH",
    )
    model: StringProperty(
        name="Default Model",
        description="A face model (.safetensors) for scenes that name none; empty for the bundled one",
        subtype="FILE_PATH",
    )

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "python")
        layout.prop(self, "model")
        note = layout.column(align=True)
        note.label(text="Sampling runs in a Python of its own, outside Blender, that has torch installed. To make one:")
        note.label(text="    python3 -m venv gantlitz-runtime")
        note.label(text=f"    gantlitz-runtime/bin/pip install {RUNTIME_PACKAGES}")
        note.label(text="Then choose its python above (on Windows: Scripts\\python.exe).")


def preferences(context: bpy.types.Context) -> GANTLITZ_AP_preferences | None:
    """The preferences, or None when the package was registered by a script instead of enabled as an add-on."""
    addon = context.preferences.addons.get(__package__)
    return addon.preferences if addon else None


def register() -> None:
    bpy.utils.register_class(GANTLITZ_AP_preferences)


def unregister() -> None:
    bpy.utils.unregister_class(GANTLITZ_AP_preferences)
