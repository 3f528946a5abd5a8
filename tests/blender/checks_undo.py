"""One session as an artist has it: sample, pick, mix, bake, look live; undone step by step, redone, saved and opened again."""

import itertools
import json
import time

import bpy
from inside import MAPS, NODES, add_plane, arguments, check, face, inputs, mean_of, near, node, part, sample

PATIENCE = 180  # the first start of the runtime on a busy machine takes more than a minute; nothing is timed with this


def looks():
    return bpy.context.scene.gantlitz_looks


def seen():
    """What the artist sees of a session: sliders, history, the face that the head wears and the maps in it."""
    material = bpy.data.objects["Mine"].active_material
    settings = {name: getattr(inputs(), name) for name in ("seed", "psi", "mix_fine", "mix_fine_seed")}
    worn = None
    if material is not None:
        images = [material.node_tree.nodes[NODES[kind]].image.name for kind in MAPS]
        worn = material.name, material.gantlitz.recipe, material.gantlitz.output, images
    return settings, [entry.recipe for entry in looks().entries], worn


def pick_from_the_sheet(seed):
    if seed not in part("sheet").sheet.seeds:
        inputs().model = str(arguments.model)
        assert bpy.ops.gantlitz.contact_sheet("EXEC_DEFAULT", count=4, first=seed - 1, on="FLAT") == {"FINISHED"}
    return bpy.ops.gantlitz.pick_seed("EXEC_DEFAULT", True, seed=seed)


def move_sliders(**values):
    """As a drag in a window: the values, and one undo step when the mouse is let go."""
    for name, value in values.items():
        setattr(inputs(), name, value)
    bpy.ops.ed.undo_push(message="a slider")
    return {"FINISHED"}


def bake(**given):
    return bpy.ops.gantlitz.bake("EXEC_DEFAULT", True, model=str(arguments.model), width=384, **given)


STEPS = (
    lambda: sample(seed=7),
    lambda: pick_from_the_sheet(23),
    lambda: move_sliders(mix_fine_seed=9, mix_fine=0.5),
    lambda: bpy.ops.gantlitz.mix_all("EXEC_DEFAULT", True, seed=4, amount=0.25),
    lambda: bake(profile="METAHUMAN"),
    lambda: bake(seed=8),
)


def switch(action):
    inputs().model = str(arguments.model)
    assert bpy.ops.gantlitz.live("EXEC_DEFAULT", True, action=action) == {"FINISHED"}


def look():
    return part("live").running()


def shows_live():
    return all(node(kind).image.gantlitz_live for kind in MAPS)


def rest():
    end = time.monotonic() + PATIENCE
    while not (look().pace.settled and look().shown and not look()._uploads and look()._reading is None):
        assert time.monotonic() < end, "the live look shows nothing"
        time.sleep(min(look().tick(), 0.02))


def turn(times=20):
    for _ in range(times):
        look().tick()
        time.sleep(0.005)


def a_sampled_face_shows_live():
    add_plane("Mine")
    bpy.ops.ed.undo_push(message="a plane")
    sample(seed=7)
    switch("ON")
    rest()


@check
def undo_and_redo_over_sample_pick_mix_and_bake(folder):
    add_plane("Mine")
    bpy.ops.ed.undo_push(message="a plane")
    after = [seen()]
    for step in STEPS:
        assert step() == {"FINISHED"}
        after.append(seen())
    assert all(a != b for a, b in itertools.pairwise(after)), "a step that changes nothing proves nothing"
    means = {kind: mean_of(node(kind).image) for kind in MAPS}
    for _ in range(2):
        for expected in reversed(after[:-1]):
            bpy.ops.ed.undo()
            assert seen() == expected
        for expected in after[1:]:
            bpy.ops.ed.redo()
            assert seen() == expected
    for kind in MAPS:
        for now, then in zip(mean_of(node(kind).image), means[kind], strict=True):
            near(now, then)
    for _ in range(3):
        bpy.ops.ed.undo()
    assert seen() == after[-4] and bake(seed=12) == {"FINISHED"}, "from a step in the middle it goes on another way"
    assert json.loads(face().gantlitz.recipe)["seed"] == 12 and "seed0012" in node("albedo").image.name
    bpy.ops.ed.undo()
    assert seen() == after[-4]


@check
def undo_of_live_look_off_has_it_on_again(folder):
    a_sampled_face_shows_live()
    assert shows_live()
    switch("OFF")
    assert look() is None and node("albedo").image.name == "face_seed0007_albedo.png"
    bpy.ops.ed.undo()
    assert look() is not None and bpy.context.window_manager.gantlitz_live.on
    rest()
    assert shows_live()
    bpy.ops.ed.redo()
    assert look() is None and node("albedo").image.name == "face_seed0007_albedo.png"
    for _ in range(2):
        bpy.ops.ed.undo()
    assert look() is None and not face().gantlitz_live.on and node("albedo").image.name == "face_seed0007_albedo.png"


@check
def undo_of_live_look_off_leaves_a_bake_until_the_next_change(folder):
    a_sampled_face_shows_live()
    bpy.ops.ed.undo_push(message="shown")
    bake(seed=8)
    switch("OFF")
    bpy.ops.ed.undo()
    assert look() is not None
    turn()
    assert "seed0008" in node("albedo").image.name, "a bake wins until the next change"
    inputs().psi = 0.4
    rest()
    assert shows_live()
    switch("OFF")
    assert "seed0008" in node("albedo").image.name


@check
def undo_of_a_slider_that_replaced_a_bake_shows_the_bake_again(folder):
    a_sampled_face_shows_live()
    bake(seed=8)
    turn()
    assert "seed0008" in node("albedo").image.name
    move_sliders(psi=0.4)
    turn()
    rest()
    assert shows_live()
    bpy.ops.ed.undo()
    turn()
    assert look() is not None and "seed0008" in node("albedo").image.name
    inputs().psi = 0.5
    turn()
    rest()
    assert shows_live()


@check
def a_bake_that_was_saved_stays_shown_when_the_file_is_opened(folder):
    add_plane("Mine")
    sample(seed=7)
    switch("ON")
    rest()
    bake(seed=8)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    assert look() is None and "seed0008" in node("albedo").image.name
    bpy.ops.ed.undo_push(message="opened")  # as Blender does in a window
    move_sliders(psi=0.3)
    bpy.ops.ed.undo()
    assert look() is None and "seed0008" in node("albedo").image.name, "undo does not switch on what was off"


@check
def all_of_a_session_is_there_after_save_and_reopen(folder):
    scene = bpy.context.scene
    add_plane("Mine")
    sample(seed=7)
    pick_from_the_sheet(23)
    scene.gantlitz_sheet.count, scene.gantlitz_sheet.first, scene.gantlitz_sheet.on = "36", 500, "FLAT"
    move_sliders(mix_fine_seed=9, mix_fine=0.5, lock_tone=True, grain_pores=0.4)
    looks().entries[0].name = "Anna"
    bpy.ops.gantlitz.favourite_look(index=0)
    bpy.ops.gantlitz.slot_set(slot="A")
    for seed in (3, 4):
        inputs().seed = seed
        bpy.ops.gantlitz.walk_add()
    bpy.ops.gantlitz.keyframe_walk(frame_start=1, frame_end=11)
    scene.gantlitz_bake.profile, scene.gantlitz_bake.square = "UDIM", True
    scene.gantlitz_live_width = "384"
    switch("ON")
    rest()

    def remembered():
        scene, memory = bpy.context.scene, looks()
        return (
            seen(),
            [(entry.name, entry.favourite, entry.date, entry.recipe) for entry in memory.entries],
            (memory.slot_a.recipe, memory.slot_b.recipe, [entry.recipe for entry in memory.walk]),
            [tuple(point.co) for point in part("walk_animation").curve_of(scene).keyframe_points],
            (scene.gantlitz_sheet.count, scene.gantlitz_sheet.first, scene.gantlitz_sheet.on),
            (scene.gantlitz_bake.profile, scene.gantlitz_bake.square, scene.gantlitz_live_width),
            (face().gantlitz_live.on, [getattr(face().gantlitz_live, kind).name for kind in MAPS]),
            (inputs().lock_tone, round(inputs().grain_pores, 6), inputs().model),
        )

    before = remembered()
    assert any(favourite for _, favourite, _, _ in before[1]) and len(before[3]) == 2 and before[6][0]
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert not looks().entries and look() is None
    bpy.ops.wm.open_mainfile(filepath=str(folder / "scene.blend"))
    assert remembered() == before
    assert look() is not None
    rest()
    assert shows_live()
    switch("OFF")
    assert node("albedo").image.name == "face_seed0007_albedo.png" and mean_of(node("albedo").image)[0] > 0.2
