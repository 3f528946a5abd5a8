"""The live look: previews on the artist's mesh while sliders move, seen from inside Blender without a window."""

import time

import bpy
from inside import MAPS, add_plane, arguments, check, face, inputs, mean_of, node, part, sample

PATIENCE = 180  # the first start of the runtime on a busy machine takes more than a minute; nothing is timed with this


def live():
    return part("live")


def state():
    return bpy.context.window_manager.gantlitz_live


def switch(action="ON", width="384"):
    inputs().model = str(arguments.model)
    bpy.context.scene.gantlitz_live_width = width
    return bpy.ops.gantlitz.live("EXEC_DEFAULT", True, action=action)


def turn_until(reached, seconds=PATIENCE):
    """Turn the timer's crank, which Blender does by itself only in a window."""
    end = time.monotonic() + seconds
    while True:
        look = live().running()
        assert look is not None, f"the live look is off: {state().error_sentence}"
        assert time.monotonic() < end, f"nothing came: {state().text} {state().error_sentence}"
        time.sleep(min(look.tick(), 0.02))
        if reached():
            return


def rest():
    """Until the look of the sliders is shown as finely as it will be."""
    look = live().running()
    turn_until(lambda: look.pace.settled and look.shown > 0 and not look._uploads and look._reading is None)


def drag(name, value):
    before = live().running().shown
    setattr(inputs(), name, value)
    turn_until(lambda: live().running().shown > before)


def shows_live(kind="albedo"):
    return bool(node(kind).image.gantlitz_live)


@check
def shows_all_four_maps_on_the_artists_mesh(folder):
    plane = add_plane("Mine")
    assert switch() == {"FINISHED"}
    rest()
    assert plane.active_material.name.startswith("Live Look") and len(bpy.data.objects) == 1
    for kind in MAPS:
        image = node(kind).image
        assert tuple(image.size) == (384, 256), (kind, tuple(image.size))
        assert image.colorspace_settings.is_data == (kind != "albedo")
    assert 0.2 < mean_of(node("albedo").image)[0] < 0.95 and mean_of(node("normal").image)[2] > 0.9
    assert state().width == 384 and state().seconds > 0
    switch("OFF")


@check
def a_slider_changes_the_pixels(folder):
    add_plane()
    switch()
    rest()
    before = mean_of(node("albedo").image)
    drag("psi", 0.0)
    rest()
    average = mean_of(node("albedo").image)
    assert average != before
    inputs().seed = 99  # the average face is everybody's
    rest()
    assert mean_of(node("albedo").image) == average
    switch("OFF")


@check
def adds_a_head_where_nothing_is_selected(folder):
    switch()
    rest()
    assert bpy.context.object.name == "GANtlitz Head" and shows_live()
    switch("OFF")


@check
def switched_off_the_maps_of_before_come_back(folder):
    add_plane()
    sample(seed=7)
    before = {kind: node(kind).image for kind in MAPS}
    switch()
    rest()
    assert all(shows_live(kind) for kind in MAPS)
    switch("OFF")
    assert {kind: node(kind).image for kind in MAPS} == before
    assert not [image for image in bpy.data.images if image.gantlitz_live], "the live images stay behind"


@check
def without_maps_the_last_preview_stays_packed(folder):
    add_plane()
    switch()
    rest()
    shown = mean_of(node("albedo").image)
    switch("OFF")
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    kept = node("albedo").image
    assert kept.packed_file and not kept.gantlitz_live
    assert max(abs(a - b) for a, b in zip(mean_of(kept), shown, strict=True)) < 0.01


@check
def a_bake_wins_until_the_next_change(folder):
    add_plane()
    switch()
    rest()
    sample(seed=7)
    assert not shows_live() and node("albedo").image.name == "face_seed0007_albedo.png"
    for _ in range(20):
        live().running().tick()
    assert not shows_live()
    drag("psi", 0.4)
    assert shows_live()
    switch("OFF")
    assert node("albedo").image.name == "face_seed0007_albedo.png"


@check
def a_saved_file_shows_the_look_again_when_opened(folder):
    add_plane()
    switch()
    rest()
    shown = mean_of(node("albedo").image)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    assert live().running() is not None and state().on
    rest()
    assert max(abs(a - b) for a, b in zip(mean_of(node("albedo").image), shown, strict=True)) < 0.01
    switch("OFF")


@check
def undo_and_redo_of_the_switch(folder):
    bpy.ops.ed.undo_push(message="start")
    add_plane("Mine")
    bpy.ops.ed.undo_push(message="a plane")
    switch()
    rest()
    bpy.ops.ed.undo()
    assert live().running() is None and bpy.context.object.active_material is None
    bpy.ops.ed.redo()
    assert face().gantlitz_live.on
    rest()
    assert mean_of(node("albedo").image)[0] > 0.2
    switch("OFF")


@check
def keys_show_while_frames_pass(folder):
    add_plane()
    switch()
    rest()
    for seed in (3, 4):
        inputs().seed = seed
        bpy.ops.gantlitz.walk_add()
    bpy.ops.gantlitz.keyframe_walk(frame_start=1, frame_end=11)
    bpy.context.scene.frame_set(1)
    rest()
    first = mean_of(node("albedo").image)
    bpy.context.scene.frame_set(11)
    rest()
    assert mean_of(node("albedo").image) != first
    switch("OFF")


@check
def another_object_is_left_alone(folder):
    other = add_plane("Other")
    sample(seed=7)
    mine = add_plane("Mine")
    mine.data.materials.append(other.active_material)
    switch()
    rest()
    assert shows_live() and mine.active_material != other.active_material
    assert not other.active_material.node_tree.nodes["GANtlitz Albedo"].image.gantlitz_live
    switch("OFF")


@check
def the_face_slot_of_several_is_used(folder):
    plane = add_plane()
    for name in ("Body", "Face"):
        plane.data.materials.append(bpy.data.materials.new(name))
    plane.active_material_index = 1
    sample(seed=7)
    plane.active_material_index = 0
    switch()
    rest()
    assert [slot.material.name for slot in plane.material_slots] == ["Body", "face_seed0007"]
    assert plane.material_slots[1].material.gantlitz_live.on
    switch("OFF")


@check
def a_deleted_head_ends_it_with_a_sentence(folder):
    plane = add_plane()
    switch()
    rest()
    bpy.data.meshes.remove(plane.data)
    inputs().psi = 0.3
    end = time.monotonic() + 5
    while live().running() is not None and time.monotonic() < end:
        live().running().tick()
    assert live().running() is None and "gone" in state().error_sentence


@check
def a_killed_worker_is_one_sentence_and_the_next_change_a_new_worker(folder):
    import os
    import signal

    add_plane()
    switch()
    rest()
    os.kill(part("session").current().hello["pid"], signal.SIGKILL)
    inputs().psi = 0.31
    turn_until(lambda: bool(state().error_sentence) or live().running().pace.settled)
    drag("psi", 0.32)
    rest()
    assert not state().error_sentence
    switch("OFF")


@check
def what_rests_is_in_the_history_once(folder):
    add_plane()
    switch()
    rest()
    live().running().tick()
    entries = bpy.context.scene.gantlitz_looks.entries
    assert len(entries) == 1, [entry.name for entry in entries]
    live().running().tick()
    assert len(entries) == 1
    inputs().psi = 0.9
    rest()
    live().running().tick()
    assert len(entries) == 2 and '"psi": 0.9' in entries[0].recipe
    switch("OFF")


@check
def ticks_hold_blender_up_no_longer_than_a_frame(folder):
    add_plane()
    switch(width="768")
    rest()
    look = live().running()
    look.longest_tick = 0.0
    for step in range(30):
        drag("psi", 0.3 + step / 100)
    assert look.longest_tick < 0.1, f"{look.longest_tick:.3f} s"  # the figure itself is benchmarks/live.py's
    switch("OFF")
