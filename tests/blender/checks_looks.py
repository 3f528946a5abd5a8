"""The history of looks, A and B, the variation panel and the walk, seen from inside Blender."""

import json
import os
import time
from types import SimpleNamespace

import bpy
from inside import MAPS, arguments, check, face, inputs, modal_operator, near, node, part, sample, state
from recording_layout import RecordingLayout


def looks():
    return bpy.context.scene.gantlitz_looks


def note(**settings):
    for name, value in settings.items():
        setattr(inputs(), name, value)
    part("looks").note(bpy.context)


def seeds(collection):
    return [json.loads(entry.recipe)["seed"] for entry in collection]


def walk_of(*chosen):
    for seed in chosen:
        inputs().seed = seed
        assert bpy.ops.gantlitz.walk_add() == {"FINISHED"}


def refused(call, **given) -> str:
    try:
        call(**given)
    except RuntimeError as error:
        return str(error)
    raise AssertionError("it was not refused")


@check
def history_survives_save_and_reopen(folder):
    note(seed=3, psi=0.9, mix_fine_seed=8, mix_fine=0.5, edit_age=1.2, lock_tone=True, grain_pores=0.4, grain_pores_seed=6)
    names = ("seed", "psi", "mix_fine", "edit_age", "grain_pores", "grain_pores_seed")
    expected = {name: getattr(inputs(), name) for name in names}
    note(seed=4)
    note()
    assert seeds(looks().entries) == [4, 3], "newest first, and not twice"
    looks().entries[1].name = "Anna"
    bpy.ops.gantlitz.favourite_look(index=1)
    bpy.ops.gantlitz.reset_look(group="MIX")
    bpy.ops.gantlitz.reset_look(group="CHARACTER")
    bpy.ops.gantlitz.reset_look(group="DETAIL")
    assert (inputs().mix_fine, inputs().edit_age, inputs().lock_tone, inputs().grain_pores_seed) == (0, 0, False, -1)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    assert seeds(looks().entries) == [4, 3] and looks().entries[1].name == "Anna" and looks().entries[1].favourite
    assert bpy.ops.gantlitz.restore_look(index=1) == {"FINISHED"}
    for name, value in expected.items():
        near(getattr(inputs(), name), value)
    assert inputs().lock_tone and looks().active == 1
    note()
    assert len(looks().entries) == 2, "a look that was restored is no new one"


@check
def restores_with_one_undo(folder):
    note(seed=3, psi=0.5)
    note(seed=4, psi=0.9)
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.gantlitz.restore_look(index=1) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="restored")
    assert inputs().seed == 3
    bpy.ops.ed.undo()
    assert inputs().seed == 4 and seeds(looks().entries) == [4, 3]
    near(inputs().psi, 0.9)
    bpy.ops.ed.redo()
    assert inputs().seed == 3
    near(inputs().psi, 0.5)
    assert "no look 7" in refused(bpy.ops.gantlitz.restore_look, index=7)


@check
def sampling_and_seeds_are_noted(folder):
    sample(seed=7)
    assert seeds(looks().entries) == [7] and json.loads(looks().entries[0].recipe)["model"] == "tiny"
    assert inputs().seed == 7
    part("looks").note(bpy.context)
    assert len(looks().entries) == 1, "the same look, whether sampled or not"
    bpy.ops.gantlitz.step_seed(by=1)
    bpy.ops.gantlitz.step_seed(by=1)
    assert seeds(looks().entries) == [9, 8, 7]
    bpy.ops.gantlitz.reroll_seed(setting="noise_seed")
    assert len(looks().entries) == 4 and json.loads(looks().entries[0].recipe)["noise_seed"] == inputs().noise_seed
    bpy.ops.gantlitz.mix_all(seed=5, amount=0.25)
    assert [inputs().mix_coarse_seed, inputs().mix_middle_seed, inputs().mix_fine_seed] == [5, 5, 5]
    near(inputs().mix_fine, 0.25)
    assert "no seed 'psi'" in refused(bpy.ops.gantlitz.reroll_seed, setting="psi")


@check
def favourites_outlive_the_rest(folder):
    largest = part("history").ENTRIES_MAX
    note(seed=1)
    bpy.ops.gantlitz.favourite_look(index=0)
    begun = time.perf_counter()
    for seed in range(2, largest + 12):
        note(seed=seed)
    each = (time.perf_counter() - begun) / largest
    assert each < 0.016, f"noting takes {each * 1000:.1f} ms"
    found = seeds(looks().entries)
    assert len(found) == largest and found[0] == largest + 11 and found[-1] == 1 and 2 not in found
    bpy.ops.gantlitz.favourite_look(index=3)
    looks().only_favourites = True
    looks().active = largest - 1
    bpy.ops.gantlitz.move_look(by=-1)
    assert looks().active == 3 and seeds(looks().entries)[3] == 1
    bpy.ops.gantlitz.clear_looks()
    assert len(looks().entries) == 2 and all(entry.favourite for entry in looks().entries)
    bpy.ops.gantlitz.delete_look(index=0)
    assert len(looks().entries) == 1
    bpy.ops.gantlitz.delete_look()
    assert not looks().entries and "no look in the history" in refused(bpy.ops.gantlitz.delete_look)


@check
def crossfades_between_a_and_b(folder):
    assert "empty" in refused(bpy.ops.gantlitz.slot_show, slot="B")
    inputs().seed, inputs().noise_seed = 11, 1
    bpy.ops.gantlitz.slot_set(slot="A")
    inputs().seed, inputs().noise_seed, inputs().edit_tone = 22, 2, 1.5
    bpy.ops.gantlitz.slot_set(slot="B")
    assert inputs().seed == 22 and looks().crossfade == 1, "setting a slot leaves the look alone"
    looks().crossfade = 0
    assert (inputs().seed, inputs().noise_seed, inputs().edit_tone, inputs().towards) == (11, 1, 0, "")
    looks().crossfade = 0.25
    near(inputs().amount, 0.25)
    looks().crossfade = 1
    towards = json.loads(inputs().towards)
    assert (inputs().seed, inputs().amount, inputs().noise_seed) == (11, 1, 1), "the noise is held"
    assert (towards["seed"], towards["edits"]) == (22, {"tone": 1.5})
    bpy.ops.gantlitz.slot_show(slot="B")
    assert (inputs().seed, inputs().noise_seed, inputs().towards) == (22, 2, "")
    bpy.ops.gantlitz.slot_swap()
    assert seeds([looks().slot_a, looks().slot_b]) == [22, 11] and inputs().seed == 22 and looks().crossfade == 0
    looks().crossfade = 0.5
    bpy.ops.gantlitz.reset_look(group="CROSSFADE")
    assert inputs().towards == "" and inputs().amount == 0 and inputs().seed == 22


@check
def a_walk_follows_its_keys(folder):
    assert "two looks" in refused(bpy.ops.gantlitz.keyframe_walk)
    walk_of(1, 2, 3)
    assert "no keys" in refused(bpy.ops.gantlitz.bake_walk)
    scene = bpy.context.scene
    before = len(looks().entries)
    inputs().walk = 1.5
    assert (inputs().seed, json.loads(inputs().towards)["seed"]) == (2, 3)
    near(inputs().amount, 0.5)
    assert bpy.ops.gantlitz.keyframe_walk(frame_start=1, frame_end=21, smooth=False) == {"FINISHED"}
    assert bpy.ops.gantlitz.keyframe_walk(frame_start=1, frame_end=11, smooth=False) == {"FINISHED"}  # replaces the keys
    curve = part("walk_animation").curve_of(scene)
    assert [tuple(point.co) for point in curve.keyframe_points] == [(1, 0), (6, 1), (11, 2)]
    at = part("walk_animation").recipes(scene, range(1, 12))
    for frame in (1, 3, 6, 9, 11, 2):
        scene.frame_set(frame)
        assert part("looks").current(scene) == at[frame - 1], frame
        part("looks").note(bpy.context)
    assert len(looks().entries) == before, "a walk leaves no history"
    bpy.ops.gantlitz.keyframe_walk(frame_start=1, frame_end=11, smooth=True)
    values = part("walk_animation").positions(scene, range(1, 12))
    assert values == sorted(values) and values[1] < 0.19, values
    looks().walk_active = 0
    bpy.ops.gantlitz.walk_move(by=1)
    assert seeds(looks().walk) == [2, 1, 3]
    bpy.ops.gantlitz.walk_remove()
    assert seeds(looks().walk) == [2, 3]
    bpy.ops.gantlitz.walk_clear()
    assert not looks().walk and "no looks yet" in refused(bpy.ops.gantlitz.walk_clear)


@check
def an_edit_stays_when_the_walk_is_not_keyed(folder):
    walk_of(1, 2)
    inputs().walk = 0.5
    inputs().psi, inputs().seed = 1.1, 77
    bpy.context.scene.frame_set(9)
    assert inputs().seed == 77


@check
def a_render_does_not_move_the_sliders(folder):
    walk_of(1, 2)
    bpy.ops.gantlitz.keyframe_walk(frame_start=1, frame_end=5, smooth=False)
    scene = bpy.context.scene
    scene.frame_set(1)
    seen = []
    bpy.app.handlers.frame_change_post.append(lambda scene, *_: seen.append(scene.gantlitz.amount))
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.render.filepath = str(folder / "frame_")
    scene.frame_start, scene.frame_end = 3, 4
    try:
        bpy.ops.render.render(animation=True)
    finally:
        bpy.app.handlers.frame_change_post.pop()
    assert len(seen) >= 2 and set(seen) == {0.0}, seen
    scene.frame_set(2)
    near(inputs().amount, 0.25)


@check
def bakes_a_walk_and_goes_on_after_a_cancel(folder):
    walk_of(1, 2)
    bpy.ops.gantlitz.keyframe_walk(frame_start=4, frame_end=6, smooth=False)
    inputs().model, inputs().resolution = str(arguments.model), "QUARTER"
    tick = SimpleNamespace(type="TIMER", value="NOTHING")
    operator = modal_operator("GANTLITZ_OT_bake_walk", frame_start=4, frame_end=6)
    assert operator.begin(bpy.context)
    end = time.monotonic() + 60
    while operator.job._made < 1 and time.monotonic() < end:
        assert operator.modal(bpy.context, tick) == {"PASS_THROUGH"}
        time.sleep(0.005)
    state().cancel_requested = True
    while (outcome := operator.modal(bpy.context, tick)) == {"PASS_THROUGH"} and time.monotonic() < end:
        time.sleep(0.01)
    assert outcome == {"CANCELLED"} and "goes on" in state().result, state().error_sentence
    assert not bpy.data.images and "GANtlitz Head" not in bpy.data.objects
    baked = folder / "gantlitz" / "face_walk_192x128"
    first = baked / "face_walk_192x128_0004_albedo.png"
    stamp = os.stat(first).st_mtime_ns
    assert not any(path.name.startswith(".") for path in baked.iterdir())
    assert bpy.ops.gantlitz.bake_walk(frame_start=4, frame_end=6) == {"FINISHED"}
    assert os.stat(first).st_mtime_ns == stamp, "a frame that is there is not made again"
    assert len(list(baked.iterdir())) == 15
    bpy.context.view_layer.update()
    for kind in MAPS:
        image, user = node(kind).image, node(kind).image_user
        assert image.source == "SEQUENCE" and image.filepath.startswith("//gantlitz"), image.filepath
        assert user.frame_duration == 3 and user.use_auto_refresh
        assert image.colorspace_settings.is_data == (kind != "albedo")
        for frame in (4, 5, 6):
            bpy.context.scene.frame_set(frame)
            seen = face().evaluated_get(bpy.context.evaluated_depsgraph_get()).node_tree.nodes[node(kind).name].image_user
            shown = bpy.path.abspath(image.filepath_from_user(image_user=seen))
            assert f"_{frame:04d}_{kind}" in shown and os.path.exists(shown), shown
    recipe = part("runtime.embedded_recipe").read_recipe(baked / "face_walk_192x128_0005_displacement.exr")
    near(recipe.amount, 0.5)
    assert (recipe.seed, recipe.towards.seed, recipe.model) == (1, 2, "tiny")
    images = len(bpy.data.images)
    assert bpy.ops.gantlitz.bake_walk(frame_start=4, frame_end=6) == {"FINISHED"}
    assert "0 of them new" in state().result and len(bpy.data.images) == images, state().result
    looks().walk[1].recipe = looks().walk[1].recipe.replace('"seed": 2', '"seed": 5')
    assert bpy.ops.gantlitz.bake_walk(frame_start=4, frame_end=6) == {"FINISHED"}
    assert (folder / "gantlitz" / "face_walk_192x128_v2").exists(), "another walk takes no file of this one"


@check
def a_worn_face_gives_all_settings_back(folder):
    given = {"seed": 5, "mix_coarse_seed": 9, "mix_coarse": 0.5, "grain_wrinkles": 0.25, "grain_wrinkles_seed": 12}
    sample(**given, towards='{"seed": 8}', amount=0.5)
    assert json.loads(face().gantlitz.recipe)["towards"]["seed"] == 8
    assert bpy.ops.gantlitz.use_recipe() == {"FINISHED"}
    for name, value in given.items():
        near(getattr(inputs(), name), value)
    near(inputs().amount, 0.5)


@check
def draws_the_panels_of_looks(folder):
    def log(name):
        layout = RecordingLayout()
        getattr(bpy.types, f"GANTLITZ_PT_{name}").draw(SimpleNamespace(layout=layout), bpy.context)
        return layout.log

    assert "label A is empty" in log("looks") and "template_list entries" in log("looks")
    bpy.ops.gantlitz.slot_set(slot="A")
    note(seed=3)
    walk_of(1, 2)
    assert any(line.startswith("label A: Seed") for line in log("looks")) and "prop name" in log("looks")
    assert "operator gantlitz.bake_walk" in log("walk")
    labels = part("model_labels")
    try:
        labels.remember({})
        assert not any("model" in line for line in log("character"))
        labels.remember({"directions": ["age", "tone"]})
        said = " ".join(line.removeprefix("label ") for line in log("character"))
        assert "no direction for: Redness, Oiliness" in said, said
    finally:
        labels.remember({})
    assert "prop mix_fine" in log("mix") and "prop grain_pores" in log("variation_detail")
    inputs().grain_pores_seed = 4
    assert "operator gantlitz.common_seed" in log("variation_detail")
    inputs().towards = '{"seed": 8}'
    assert "prop amount" in log("variation")
