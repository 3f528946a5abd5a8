"""The add-on's preferences: where the Python with torch is, and a model to use instead of the bundled one."""

import bpy
from bpy.props import EnumProperty, StringProperty

# What requirements.txt has for the runtime; the zip carries no such file.
INSTALL = "python3.11 -m pip install torch==2.13.0 numpy safetensors scipy opencv-python-headless OpenEXR tqdm"


class GANTLITZ_AP_preferences(bpy.types.AddonPreferences):
    """Machine-wide settings."""

    bl_idname = __package__

    python: StringProperty(
        name="Use this Python",
        description="A Python 3.11 or newer that has torch; empty for the environment variable GANTLITZ_PYTHON",
        subtype="FILE_PATH",
    )
    model: StringProperty(
        name="Default Model",
        description="A face model (.safetensors) for scenes that name none; empty for the bundled one",
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
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "python")
        layout.prop(self, "model")
        layout.prop(self, "release")
        note = layout.column(align=True)
        note.label(text="Sampling runs in a Python of its own, outside Blender: 3.11 or newer, with torch. To give it torch:")
        note.label(text=f"    {INSTALL}")
        note.label(text="Then choose that Python above (on Windows: py -3.11 in place of python3.11, and its python.exe).")


def preferences(context: bpy.types.Context) -> GANTLITZ_AP_preferences | None:
    """The preferences, or None when the package was registered by a script instead of enabled as an add-on."""
    addon = context.preferences.addons.get(__package__)
    return addon.preferences if addon else None


def register() -> None:
    bpy.utils.register_class(GANTLITZ_AP_preferences)


def unregister() -> None:
    bpy.utils.unregister_class(GANTLITZ_AP_preferences)
