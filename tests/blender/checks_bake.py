"""Baking: sizes, profiles, the queue, and what the material makes of each convention, seen from inside Blender."""

import time
from types import SimpleNamespace

import bpy
import numpy as np
from inside import (
    MAPS,
    add_plane,
    arguments,
    check,
    face,
    files,
    inputs,
    modal_operator,
    near,
    node,
    part,
    sample,
    source_of,
    state,
)

TICK = SimpleNamespace(type="TIMER", value="NOTHING")


def bake(**given):
    return bpy.ops.gantlitz.bake("EXEC_DEFAULT", True, **{"model": str(arguments.model), "width": 384, **given})


def height_node():
    return face().node_tree.nodes["Displacement in Millimetres"]


def pixels_of(image):
    found = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(found)
    return found.reshape(image.size[1], image.size[0], image.channels)


def crank(operator, until, seconds=60):
    """Turn the modal operator until it ends, or `until` says so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        outcome = operator.modal(bpy.context, TICK)
        if outcome != {"PASS_THROUGH"} or until():
            return outcome
        time.sleep(0.02)
    raise AssertionError(f"still running: {state().text}")


def bake_in_window(**given):
    """A modal bake, begun as a click does."""
    operator = modal_operator("GANTLITZ_OT_bake", **{"width": 384, **given})
    item = operator.order(bpy.context)
    queue = part("bake_queue").queue
    if queue.active is not None:
        queue.waiting.append(item)
        return None
    operator.item, operator.in_window = item, True
    operator.timer = None
    queue.start(item)
    assert operator.begin(bpy.context), state().error_sentence
    return operator


@check
def bakes_any_width_in_blenders_own_files(folder):
    assert bake(seed=7, width=300) == {"FINISHED"}
    assert tuple(node("normal").image.size) == (300, 200) and face().name == "face_seed0007_300x200"
    assert files(folder / "gantlitz")[0] == "face_seed0007_300x200_albedo.png"


@check
def takes_its_settings_from_the_scene(folder):
    settings = bpy.context.scene.gantlitz_bake
    settings.profile, settings.square, inputs().seed = "METAHUMAN", True, 9
    assert bake() == {"FINISHED"}
    assert tuple(node("albedo").image.size) == (256, 256)
    assert "face_seed0009_384x256_metahuman" in face().name, face().name


@check
def every_profile_means_the_same_face(folder):
    """Through its nodes, each convention gives the normals and the relief that Blender's own files give."""
    add_plane()
    bake(seed=7)
    normal, relief = pixels_of(node("normal").image), pixels_of(node("displacement").image)[..., 0]
    scale = height_node().inputs["Scale"].default_value
    for profile in ("METAHUMAN", "CHARACTER_CREATOR", "TEXTURING_XYZ", "UDIM", "NODE_WRANGLER"):
        assert bake(seed=7, profile=profile) == {"FINISHED"}, profile
        shown = pixels_of(node("normal").image)
        flip = face().node_tree.nodes.get("GANtlitz DirectX to OpenGL")
        assert (flip is not None) == (profile == "METAHUMAN")
        if flip is not None:
            assert source_of(flip.inputs[0]) == node("normal")
            shown = shown * (1, -1, 1, 1) + (0, 1, 0, 0)
        assert np.abs(shown[..., :3] - normal[..., :3]).max() < 2e-4, profile
        height = height_node().inputs
        value = pixels_of(node("displacement").image)[..., 0]
        millimetres = (value - height["Midlevel"].default_value) * height["Scale"].default_value / scale
        assert np.abs(millimetres - relief).max() < 2e-4, profile
        normal_map = source_of(part("assign").worn_face(bpy.context.object).node_tree.nodes["Skin"].inputs["Normal"])
        assert source_of(normal_map.inputs["Color"]) == (flip or node("normal"))
    assert height["Scale"].default_value == scale and len(bpy.data.materials) == 1


@check
def custom_formats_get_names_of_their_own(folder):
    bake(seed=7)
    bake(seed=7, normal_format="TIFF16", normals="DIRECTX")
    names = files(folder / "gantlitz")
    assert len([name for name in names if name.endswith("_normal.tif")]) == 1
    assert len([name for name in names if name.endswith("_albedo.png")]) == 2
    again = files(folder / "gantlitz")
    bake(seed=7, normal_format="TIFF16", normals="DIRECTX")
    assert files(folder / "gantlitz") == again, "the same bake went to other files"


@check
def a_painted_tiff_is_not_overwritten(folder):
    bake(seed=7, albedo_format="TIFF16")
    image = node("albedo").image
    image.pixels[0] = 0.25
    image.save()
    before = (folder / "gantlitz" / image.name).read_bytes()
    bake(seed=7, albedo_format="TIFF16")
    assert (folder / "gantlitz" / image.name).read_bytes() == before
    assert node("albedo").image != image


@check
def the_artists_own_scale_lives_on(folder):
    add_plane()
    bake(seed=7)
    height_node().inputs["Scale"].default_value *= 2
    face().node_tree.nodes["Skin"].inputs["Subsurface Weight"].default_value = 0.3
    bake(seed=7, profile="METAHUMAN")
    near(height_node().inputs["Scale"].default_value, 0.02, 1e-6)
    bake(seed=8)
    near(height_node().inputs["Scale"].default_value, 0.002, 1e-6)
    near(height_node().inputs["Midlevel"].default_value, 0.0, 1e-6)
    near(face().node_tree.nodes["Skin"].inputs["Subsurface Weight"].default_value, 0.3)


@check
def the_live_look_knows_the_convention(folder):
    add_plane()
    bake(seed=7, profile="METAHUMAN")
    baked = node("normal").image
    live = part("live")
    bpy.ops.gantlitz.live(action="ON")
    end = time.monotonic() + 60
    while not (live.running().shown and live.running().pace.settled) and time.monotonic() < end:
        live.running().tick()
        time.sleep(0.005)
    assert node("normal").image != baked and "GANtlitz DirectX to OpenGL" not in face().node_tree.nodes
    bpy.ops.gantlitz.live(action="OFF")
    assert node("normal").image == baked and "GANtlitz DirectX to OpenGL" in face().node_tree.nodes
    near(height_node().inputs["Midlevel"].default_value, 0.5)


@check
def three_bakes_queue_and_one_may_fail(folder):
    add_plane("Mine")
    first = bake_in_window(seed=1)
    bake_in_window(seed=2, model=str(folder / "gone.safetensors"))
    bake_in_window(seed=3)
    queue = part("bake_queue").queue
    assert [item.label for item in queue.waiting] == ["face, seed 2", "face, seed 3"]
    # Timers exist in windows only; the crank is turned by hand.
    window = SimpleNamespace(event_timer_add=lambda *_, **__: None, event_timer_remove=lambda *_: None)
    manager = bpy.context.window_manager
    context = SimpleNamespace(
        scene=bpy.context.scene, window_manager=SimpleNamespace(gantlitz=manager.gantlitz, windows=(), **vars(window)),
        view_layer=bpy.context.view_layer, mode="OBJECT", workspace=None, window=None, preferences=bpy.context.preferences,
        collection=bpy.context.collection,
    )  # fmt: skip
    end = time.monotonic() + 90
    while (outcome := first.modal(context, TICK)) == {"PASS_THROUGH"} and time.monotonic() < end:
        time.sleep(0.02)
    assert outcome == {"FINISHED"}, (outcome, state().error_sentence)
    assert "face_seed0003_384x256_albedo.png" in node("albedo").image.name
    assert queue.active is None and not queue.waiting
    assert len(queue.failures) == 1 and "gone.safetensors" in queue.failures[0] and "seed 2" in queue.failures[0]


@check
def cancel_acts_within_a_second_and_empties_the_queue(folder):
    inputs().model = str(arguments.slow_model)
    operator = bake_in_window(model=str(arguments.slow_model), width=6144)
    bake_in_window(model=str(arguments.slow_model), width=6144)
    crank(operator, lambda: state().progress > 0.02 and "Rendering" in state().text)
    begun = time.monotonic()
    assert bpy.ops.gantlitz.cancel() == {"FINISHED"}
    assert crank(operator, lambda: False) == {"CANCELLED"}
    assert time.monotonic() - begun < 1.5, time.monotonic() - begun
    assert not part("bake_queue").queue.waiting and files(folder / "gantlitz") == []


@check
def finds_the_face_slot_of_a_mixed_mesh(folder):
    plane = add_plane()
    for name in ("Body", "Head_skin", "Eyes"):
        plane.data.materials.append(bpy.data.materials.new(name))
    plane.active_material_index = 2
    bake(seed=7)
    assert [slot.material.name for slot in plane.material_slots] == ["Body", "face_seed0007_384x256", "Eyes"]
    plane.gantlitz_slot = "Eyes"
    bake(seed=8)
    assert plane.material_slots[2].material.name == "face_seed0008_384x256" == plane.gantlitz_slot
    bake(seed=9)
    assert plane.material_slots[1].material.name == "face_seed0007_384x256"
    assert '"seed": 9' in plane.material_slots[2].material.gantlitz.recipe


@check
def repeats_do_not_pile_up(folder):
    add_plane()
    bake(seed=7)
    before = len(bpy.data.materials), len(bpy.data.images), len(bpy.data.objects)
    for _ in range(3):
        bake(seed=7)
    assert (len(bpy.data.materials), len(bpy.data.images), len(bpy.data.objects)) == before


@check
def adaptive_displacement_comes_and_goes(folder):
    plane = add_plane()
    features = getattr(bpy.context.scene.cycles, "feature_set", None)  # Blender 5.2 has none
    assert bpy.ops.gantlitz.adaptive_displacement(on=True) == {"FINISHED"}
    assert part("subdivision").is_adaptive(plane) and len(plane.modifiers) == 1
    bpy.ops.gantlitz.adaptive_displacement(on=False)
    assert not plane.modifiers and getattr(bpy.context.scene.cycles, "feature_set", None) == features
    own = plane.modifiers.new("Mine", "SUBSURF")
    bpy.ops.gantlitz.adaptive_displacement(on=True)
    bpy.ops.gantlitz.adaptive_displacement(on=False)
    assert list(plane.modifiers) == [own] and not part("subdivision").is_adaptive(plane)


@check
def undo_takes_a_bake_back(folder):
    add_plane("Mine")
    sample(seed=7)
    bpy.ops.ed.undo_push(message="before")
    bake(seed=8, profile="METAHUMAN")
    assert "GANtlitz DirectX to OpenGL" in face().node_tree.nodes
    bpy.ops.ed.undo()
    assert "seed0007" in node("albedo").image.name and not face().gantlitz.output
    assert "GANtlitz DirectX to OpenGL" not in face().node_tree.nodes
    bpy.ops.ed.redo()
    assert "seed0008" in node("albedo").image.name and all(node(kind).image for kind in MAPS)
