"""What must work, seen from inside Blender."""

import json
import sys
import time
from types import SimpleNamespace

import bpy
from inside import (
    MAPS,
    MODULE,
    NODES,
    add_plane,
    arguments,
    check,
    face,
    files,
    inputs,
    mean_of,
    modal_operator,
    near,
    node,
    panel_methods,
    part,
    preferences,
    sample,
    source_of,
    state,
)
from recording_layout import RecordingLayout


@check
def installs_without_torch(folder):
    assert MODULE in bpy.context.preferences.addons
    assert hasattr(bpy.types, "GANTLITZ_OT_sample") and hasattr(bpy.types.Scene, "gantlitz")
    loaded = {"torch", "cv2", "OpenEXR", "safetensors"} & set(sys.modules)
    assert not loaded, f"the add-on loaded {loaded} into Blender"


@check
def samples_on_a_new_head(folder):
    assert sample(seed=7) == {"FINISHED"}
    head = bpy.context.object
    assert head.name == "GANtlitz Head" and head.data.uv_layers and head.select_get()
    assert face().name == "face_seed0007"
    expected = [f"face_seed0007_{kind}.png" for kind in ("albedo", "normal", "specular")]
    expected += ["face_seed0007_displacement.exr", "face_seed0007_recipe.json"]
    assert files(folder / "gantlitz") == sorted(expected), files(folder / "gantlitz")
    recipe = json.loads(face().gantlitz.recipe)
    assert recipe == json.loads((folder / "gantlitz/face_seed0007_recipe.json").read_text())
    assert (recipe["seed"], recipe["psi"], recipe["model"]) == (7, 0.7, "tiny") and len(recipe["model_sha256"]) == 64
    assert not state().running and "face_seed0007" in state().result and not state().error_sentence


@check
def wires_the_skin_material(folder):
    sample(seed=7)
    material = face()
    assert material.displacement_method == "BOTH"
    output = next(n for n in material.node_tree.nodes if n.type == "OUTPUT_MATERIAL")
    skin = source_of(output.inputs["Surface"])
    assert skin.type == "BSDF_PRINCIPLED" and skin.subsurface_method == "RANDOM_WALK_SKIN"
    assert source_of(skin.inputs["Base Color"]) == node("albedo")
    assert source_of(source_of(skin.inputs["Specular IOR Level"]).inputs[0]) == node("specular")
    assert source_of(source_of(skin.inputs["Roughness"]).inputs["Value"]) == node("specular")
    normal_map = source_of(skin.inputs["Normal"])
    assert normal_map.type == "NORMAL_MAP" and normal_map.space == "TANGENT"
    assert source_of(normal_map.inputs["Color"]) == node("normal")
    height = source_of(output.inputs["Displacement"])
    assert source_of(height.inputs["Height"]) == node("displacement")
    near(height.inputs["Midlevel"].default_value, 0)
    near(height.inputs["Scale"].default_value, 0.001)
    near(skin.inputs["Subsurface Scale"].default_value, 0.0012)
    assert skin.inputs["Subsurface Weight"].default_value > 0
    assert node("albedo").image.colorspace_settings.name == "sRGB"
    for kind in ("normal", "specular", "displacement"):
        assert node(kind).image.colorspace_settings.is_data, kind
    assert all(n.label for n in material.node_tree.nodes)


@check
def keeps_real_scale_in_other_units(folder):
    bpy.context.scene.unit_settings.scale_length = 0.01  # centimetres
    sample(seed=7)
    near(max(bpy.context.object.dimensions) / 100, 0.28, 0.3)  # a head, in metres
    output = next(n for n in face().node_tree.nodes if n.type == "OUTPUT_MATERIAL")
    skin, height = source_of(output.inputs["Surface"]), source_of(output.inputs["Displacement"])
    near(skin.inputs["Subsurface Scale"].default_value, 0.12, 1e-4)
    near(height.inputs["Scale"].default_value * bpy.context.object.scale[0], 0.1, 1e-4)


@check
def survives_save_and_reopen(folder):
    sample(seed=7)
    before = {kind: mean_of(node(kind).image) for kind in MAPS}
    for kind in MAPS:
        assert node(kind).image.filepath.startswith("//gantlitz"), node(kind).image.filepath
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    for kind in MAPS:
        image = node(kind).image
        assert tuple(image.size) == (768, 512), tuple(image.size)
        for now, then in zip(mean_of(image), before[kind], strict=True):
            near(now, then)
        assert image.colorspace_settings.is_data == (kind != "albedo")
        assert image.is_float == (kind != "albedo"), f"{kind} lost its bits"
    assert 0.2 < before["albedo"][0] < 0.95 and before["normal"][2] > 0.9
    near(before["specular"][0], 0.25, 0.2)
    assert json.loads(face().gantlitz.recipe)["seed"] == 7


@check
def packs_on_request(folder):
    sample(seed=7, pack=True)
    bpy.ops.wm.save_mainfile()
    means = {kind: mean_of(node(kind).image) for kind in MAPS}
    for name in files(folder / "gantlitz"):
        (folder / "gantlitz" / name).unlink()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    for kind in MAPS:
        assert node(kind).image.packed_file
        near(mean_of(node(kind).image)[0], means[kind][0])


@check
def takes_inputs_from_the_scene(folder):
    inputs().seed, inputs().psi, inputs().noise_seed, inputs().noise_strength = 21, 1.1, 5, 0.5
    inputs().model, inputs().prefix, inputs().resolution = str(arguments.model), "anna", "HALF"
    assert bpy.ops.gantlitz.sample() == {"FINISHED"}
    recipe = json.loads(face().gantlitz.recipe)
    assert [recipe[k] for k in ("seed", "psi", "noise_seed", "noise_strength")] == [21, 1.1, 5, 0.5]
    assert face().name == "anna_seed0021_384x256" and tuple(node("normal").image.size) == (384, 256)
    assert bpy.ops.gantlitz.sample(seed=22) == {"FINISHED"}
    assert json.loads(face().gantlitz.recipe)["seed"] == 22 and inputs().seed == 21
    assert bpy.ops.gantlitz.sample() == {"FINISHED"}  # what was given once is not remembered
    assert json.loads(face().gantlitz.recipe)["seed"] == 21


@check
def never_overwrites_another_face(folder):
    sample(seed=7)
    first = (folder / "gantlitz/face_seed0007_albedo.png").read_bytes()
    sample(seed=7, psi=0.2)
    assert node("albedo").image.name == "face_seed0007_v2_albedo.png"
    sample(seed=7)
    assert node("albedo").image.name == "face_seed0007_albedo.png"
    assert (folder / "gantlitz/face_seed0007_albedo.png").read_bytes() == first
    assert len(files(folder / "gantlitz")) == 10, files(folder / "gantlitz")


@check
def never_overwrites_paint(folder):
    def paint(kind):
        image = node(kind).image
        image.pixels[0] = 0.25
        assert image.is_dirty
        return image

    def content(name):
        return (folder / "gantlitz" / name).read_bytes()

    sample(seed=7)
    painted = paint("albedo")
    sample(seed=7)  # strokes that are not saved yet
    assert painted.is_dirty and abs(painted.pixels[0] - 0.25) < 0.01
    assert node("albedo").image.name == "face_seed0007_v2_albedo.png"
    painted.save()
    saved = content("face_seed0007_albedo.png")
    sample(seed=7)  # strokes that are: in a PNG ...
    assert content("face_seed0007_albedo.png") == saved
    assert node("albedo").image.name == "face_seed0007_v2_albedo.png"
    paint("displacement").save()
    saved = content("face_seed0007_v2_displacement.exr")
    sample(seed=7)  # ... and in an EXR, where Blender keeps the recipe
    assert content("face_seed0007_v2_displacement.exr") == saved
    assert node("displacement").image.name == "face_seed0007_v3_displacement.exr"


@check
def uses_its_images_again(folder):
    for setting in ("//../beside/", f"{folder}/up/../maps"):
        sample(seed=7, folder=setting)
        images = len(bpy.data.images)
        sample(seed=7, folder=setting)
        assert len(bpy.data.images) == images, [image.filepath for image in bpy.data.images]


@check
def works_without_srgb(folder):
    """As with a studio's own colour configuration: its name for sRGB is another."""
    images = part("images")
    kept, images.SRGB = images.SRGB, "Utility - sRGB - Texture"
    try:
        assert sample(seed=7) == {"FINISHED"} and node("normal").image.colorspace_settings.is_data
    finally:
        images.SRGB = kept


@check
def keeps_the_artists_nodes(folder):
    sample(seed=7)
    material, head = face(), bpy.context.object
    tree = material.node_tree
    objects = len(bpy.data.objects)
    skin = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    tint = tree.nodes.new("ShaderNodeHueSaturation")
    tree.links.new(node("albedo").outputs["Color"], tint.inputs["Color"])
    tree.links.new(tint.outputs["Color"], skin.inputs["Base Color"])
    skin.inputs["Coat Weight"].default_value = 0.3
    sample(seed=8)
    assert len(bpy.data.objects) == objects and bpy.context.object == head
    assert face() == material and len(head.material_slots) == 1
    assert source_of(skin.inputs["Base Color"]).type == "HUE_SAT"
    near(skin.inputs["Coat Weight"].default_value, 0.3)
    assert node("albedo").image.name == "face_seed0008_albedo.png"
    assert json.loads(material.gantlitz.recipe)["seed"] == 8


@check
def gives_a_faces_settings_back(folder):
    sample(seed=30, psi=0.9, noise_seed=4, noise_strength=1.5)
    assert inputs().seed != 30
    assert bpy.ops.gantlitz.use_recipe() == {"FINISHED"}
    assert (inputs().seed, inputs().noise_seed) == (30, 4)
    near(inputs().psi, 0.9)
    near(inputs().noise_strength, 1.5)
    assert bpy.ops.gantlitz.step_seed(by=-1) == {"FINISHED"} and inputs().seed == 29
    assert bpy.ops.gantlitz.random_seed() == {"FINISHED"} and 0 <= inputs().seed <= 9999


@check
def leaves_other_objects_alone(folder):
    first = add_plane("First")
    sample(seed=7)
    shared = face()
    second = add_plane("Second")
    second.data.materials.append(shared)
    sample(seed=8)
    assert bpy.context.object == second and first.active_material == shared and second.active_material != shared
    assert first.active_material.node_tree.nodes[NODES["albedo"]].image.name == "face_seed0007_albedo.png"
    assert second.active_material.node_tree.nodes[NODES["albedo"]].image.name == "face_seed0008_albedo.png"
    third = add_plane("Third")
    old = bpy.data.materials.new("Old skin")
    third.data.materials.append(old)
    sample(seed=7)
    assert third.active_material != old and old.use_fake_user, "the artist's material would be lost on saving"


@check
def one_undo_takes_it_back(folder):
    add_plane("Mine")
    bpy.ops.ed.undo_push(message="before")
    sample(seed=7)
    assert len(bpy.data.objects["Mine"].material_slots) == 1 and len(bpy.data.images) == 4
    bpy.ops.ed.undo()
    assert not bpy.data.objects["Mine"].material_slots and not bpy.data.images
    bpy.ops.ed.redo()
    assert face().name == "face_seed0007" and mean_of(node("albedo").image)[0] > 0.2


@check
def draws_its_panels(folder):
    def texts(panel="GANTLITZ_PT_main"):
        layout = RecordingLayout()
        getattr(bpy.types, panel).draw(SimpleNamespace(layout=layout, **panel_methods(panel)), bpy.context)
        return layout.log

    for name in ("main", "output", "object", "model"):
        assert texts(f"GANTLITZ_PT_{name}")
    assert "operator gantlitz.sample" in texts()
    state().running, state().progress, state().text = True, 0.4, "Rendering"
    assert "progress 0.40 Rendering 40%" in texts() and "operator gantlitz.cancel" in texts()
    state().running = False
    state().error_sentence, state().error_fix, state().error_code = "No Python.", "Choose one.", "no-runtime"
    log = texts()
    assert "label No Python." in log and "label Choose one." in log and "operator gantlitz.open_preferences" in log
    state().error_sentence = ""
    layout, chosen = RecordingLayout(), preferences()
    values = {name: getattr(chosen, name) for name in chosen.bl_rna.properties.keys()}  # noqa: SIM118 (not a dict)
    end = time.monotonic() + 60
    while "operator gantlitz.install_runtime" not in layout.log and time.monotonic() < end:  # the computer is looked at in a thread
        layout = RecordingLayout()
        type(chosen).draw(SimpleNamespace(**values | {"layout": layout, "bl_rna": chosen.bl_rna}), bpy.context)
        time.sleep(0.05)
    assert "prop python" in layout.log and "operator gantlitz.install_runtime" in layout.log
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert any("not saved yet" in line for line in texts("GANTLITZ_PT_output"))


@check
def runs_modally(folder):
    plane = add_plane("Mine")
    operator = modal_operator(seed=9)
    assert operator.begin(bpy.context)
    plane.location.x = 1  # the artist goes on working
    tick = SimpleNamespace(type="TIMER", value="NOTHING")
    end = time.monotonic() + 60
    while (outcome := operator.modal(bpy.context, tick)) == {"PASS_THROUGH"} and time.monotonic() < end:
        time.sleep(0.02)
    assert outcome == {"FINISHED"}, state().error_sentence
    assert plane.active_material.name == "face_seed0009" and operator.reports[-1][0] == {"INFO"}


@check
def waits_for_object_mode(folder):
    plane = add_plane("Mine")
    operator = modal_operator(seed=9)
    assert operator.begin(bpy.context)
    bpy.ops.object.mode_set(mode="EDIT")
    tick = SimpleNamespace(type="TIMER", value="NOTHING")
    end = time.monotonic() + 60
    while operator.job.result is None and time.monotonic() < end:
        assert operator.modal(bpy.context, tick) == {"PASS_THROUGH"}
        time.sleep(0.02)
    assert operator.modal(bpy.context, tick) == {"PASS_THROUGH"} and "Object Mode" in state().text
    assert plane.active_material is None
    bpy.ops.object.mode_set(mode="OBJECT")
    assert operator.modal(bpy.context, tick) == {"FINISHED"} and plane.active_material
