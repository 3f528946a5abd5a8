"""From a file back to the sliders, seen from inside Blender."""

import json

import bpy
from inside import arguments, check, inputs, modal_operator, near, sample


def restore(path) -> set:
    return bpy.ops.gantlitz.restore_from_file(filepath=str(path))


def refusal(path) -> str:
    try:
        outcome = restore(path)
    except RuntimeError as error:
        return str(error)
    raise AssertionError(f"it was not refused: {outcome}")


def bake(folder):
    sample(seed=21, folder=str(folder / "maps"))
    inputs().seed = 5
    return folder / "maps"


@check
def a_map_or_its_recipe_sets_the_sliders(folder):
    inputs().psi = 0.9
    maps = bake(folder)
    for name in ("face_seed0021_albedo.png", "face_seed0021_displacement.exr", "face_seed0021_recipe.json"):
        inputs().seed, inputs().psi = 5, 0.1
        assert restore(maps / name) == {"FINISHED"}, name
        assert inputs().seed == 21, name
        near(inputs().psi, 0.9)


@check
def a_file_without_a_recipe_changes_nothing(folder):
    inputs().seed = 5
    image = bpy.data.images.new("Mine", 8, 8)
    image.filepath_raw, image.file_format = str(folder / "mine.png"), "PNG"
    image.save()
    assert "holds no recipe" in refusal(folder / "mine.png")
    assert "no file" in refusal(folder / "gone.png") and inputs().seed == 5


@check
def a_fitted_face_is_refused_for_no_slider_gives_it(folder):
    path = bake(folder) / "face_seed0021_recipe.json"
    recipe = json.loads(path.read_text())
    path.write_text(json.dumps(recipe | {"fit": "face_fit.safetensors", "fit_sha256": "ab" * 32}))
    assert "fitted to a scan" in refusal(path) and inputs().seed == 5


@check
def the_model_beside_the_one_in_use_is_found(folder):
    maps = bake(folder)
    inputs().model = str(arguments.model.with_name("slow.safetensors"))
    assert restore(maps / "face_seed0021_albedo.png") == {"FINISHED"}
    assert inputs().model == str(arguments.model) and inputs().seed == 21


@check
def a_model_that_is_not_here_is_named_and_the_sliders_are_set_all_the_same(folder):
    path = bake(folder) / "face_seed0021_recipe.json"
    recipe = json.loads(path.read_text())
    known = "Its model other (abababababab) was not found on this machine: choose other.safetensors as the model"
    for name, expected in (("other", known), ("", "choose the one whose SHA-256 begins with abababababab")):
        inputs().seed = 5
        path.write_text(json.dumps(recipe | {"model": name, "model_sha256": "ab" * 32}))
        operator = modal_operator("GANTLITZ_OT_restore_from_file", filepath=str(path))
        assert operator.execute(bpy.context) == {"FINISHED"} and inputs().seed == 21
        (kind, said), *more = operator.reports
        assert kind == {"WARNING"} and expected in said and not more, operator.reports
