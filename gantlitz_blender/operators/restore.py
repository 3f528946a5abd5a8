"""From a file back to the look: a map or a recipe that is chosen or dropped sets the sliders that made it."""

from pathlib import Path

import bpy
from bpy.props import StringProperty

from .. import looks, model_cards
from ..assign import find_target, worn_face
from ..preferences import chosen_model, preferences
from ..runtime.embedded_recipe import read_recipe
from ..runtime.errors import GantlitzError
from ..runtime.recipe import Recipe
from ..translation import said
from .changing import Changing


class GANTLITZ_OT_restore_from_file(Changing, bpy.types.Operator):
    """Set the sliders to the face that a map (PNG, EXR) or a *_recipe.json was made from. Files can be dropped here too"""

    bl_idname = "gantlitz.restore_from_file"
    bl_label = "Look from File"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.png;*.tif;*.exr;*.json", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.filepath:  # dropped
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def change(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.abspath(self.filepath))
        recipe = read_recipe(path)
        if recipe.fit:
            raise GantlitzError(
                f"{path.name} was fitted to a scan: no sliders give that face again.",
                "Its maps are there as files; complete the scan again to change it.",
            )
        looks.put(context.scene, recipe)
        done = said(f"The sliders are set to the face of {path.name}.")
        warning = said(find_model(context, recipe, path)) if recipe.model_sha256 else ""
        self.report({"WARNING" if warning else "INFO"}, f"{done} {warning}".strip())
        return {"FINISHED"}


def find_model(context: bpy.types.Context, recipe: Recipe, path: Path) -> str:
    """Set the model that the recipe names where it can be found; returns what to tell where it cannot."""
    inputs, chosen = context.scene.gantlitz, preferences(context)
    in_use = chosen_model(context, inputs.model)
    if _is(in_use, recipe):
        return ""
    name = f"{Path(recipe.model).name}.safetensors"
    places = [path.parent / name]
    if in_use:
        places.append(Path(in_use).parent / name)
    for place in places:
        if place.is_file() and _is(str(place), recipe):
            inputs.model = str(place)
            return ""
    if not (chosen and chosen.model) and _is(None, recipe):
        inputs.model = ""
        return ""
    if not recipe.model:
        return (
            f"Its model was not found on this machine: choose the one whose SHA-256 begins with {recipe.model_sha256[:12]} to "
            "get the same face."
        )
    return (
        f"Its model {recipe.model} ({recipe.model_sha256[:12]}) was not found on this machine: choose {name} as the model to "
        "get the same face."
    )


def _is(model: str | None, recipe: Recipe) -> bool:
    try:
        return model_cards.read_now(model).sha256 == recipe.model_sha256
    except GantlitzError:
        return False


class GANTLITZ_FH_recipe(bpy.types.FileHandler):
    """Recipes: nothing else in Blender takes a .json that is dropped on the 3D view."""

    bl_idname = "GANTLITZ_FH_recipe"
    bl_label = "Look of a GANtlitz Face"
    bl_import_operator = "gantlitz.restore_from_file"
    bl_file_extensions = ".json"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


class GANTLITZ_FH_map(bpy.types.FileHandler):
    """Maps. A handler learns no more of a dropped file than its extension, and Blender itself takes images in the 3D view: so this
    one stands back in the view unless the artist works on a sampled face. Then Blender asks which of the two is meant."""

    bl_idname = "GANTLITZ_FH_map"
    bl_label = "Look of a GANtlitz Face"
    bl_import_operator = "gantlitz.restore_from_file"
    bl_file_extensions = ".png;.tif;.exr"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        if context.area is None or context.area.type != "VIEW_3D":
            return False
        if context.region is not None and context.region.type == "UI":
            return True
        target = find_target(context)
        return target is not None and worn_face(target) is not None


CLASSES = (GANTLITZ_OT_restore_from_file, GANTLITZ_FH_recipe, GANTLITZ_FH_map)
