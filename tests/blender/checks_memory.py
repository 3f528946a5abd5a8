"""The truce over memory, seen from inside Blender: given back by hand and before a render, and loaded again by itself."""

import time
from types import SimpleNamespace

import bpy
import numpy as np
from inside import add_plane, arguments, check, inputs, mean_of, node, part, preferences, sample
from recording_layout import RecordingLayout

PATIENCE = 180  # the first start of the runtime on a busy machine takes more than a minute; nothing is timed with this


def client():
    return part("session").current()


def state_of_the_model() -> str:
    return client().wait(client().request("ping"), timeout=PATIENCE)["state"]


def gives_way():
    """Wait until the memory is given back, in a thread beside Blender: or by the end of a worker too busy to answer."""
    watch, end = part("truce").watch, time.monotonic() + PATIENCE
    while watch.now.state not in ("released", "stopped"):  # a ping of our own would start another worker
        assert time.monotonic() < end, watch.now
        watch.step()
        time.sleep(0.02)


def watched(state):
    """Until the panel knows. Blender turns this crank by itself only in a window."""
    watch, end = part("truce").watch, time.monotonic() + PATIENCE
    while watch.now.state != state:
        assert time.monotonic() < end, watch.now
        watch.step()
        time.sleep(0.02)


def refusal() -> str:
    try:
        bpy.ops.gantlitz.release_memory()
    except RuntimeError as error:
        return str(error)
    raise AssertionError("it was not refused")


def render(folder) -> np.ndarray:
    """A frame of the face that fills the picture, by Cycles: its pixels."""
    scene = bpy.context.scene
    if scene.camera is None:
        camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
        camera.location, camera.data.type, camera.data.ortho_scale = (0, 0, 3), "ORTHO", 1.5
        scene.collection.objects.link(camera)
        scene.camera = camera
        light = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
        scene.collection.objects.link(light)
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
    scene.render.resolution_x = scene.render.resolution_y = 16
    scene.render.filepath = str(folder / "frame.png")
    assert bpy.ops.render.render(write_still=True) == {"FINISHED"}
    image = bpy.data.images.load(scene.render.filepath, check_existing=True)
    image.reload()
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(-1, 4)[:, :3]


def render_with(folder, setting):
    add_plane("Mine")
    sample(seed=7)
    preferences().release = setting
    try:
        assert state_of_the_model() == "ready"
        return render(folder)
    finally:
        preferences().release = "GPU"


@check
def released_by_hand_it_loads_again_by_itself(folder):
    sample(seed=7)
    worker, first = client().hello["pid"], mean_of(node("albedo").image)
    assert bpy.ops.gantlitz.release_memory() == {"FINISHED"}
    assert state_of_the_model() == "released" and client().hello["pid"] == worker, "the worker stays, and is empty"
    sample(seed=8)
    assert state_of_the_model() == "ready" and client().hello["pid"] == worker
    assert mean_of(node("albedo").image) != first and "seed0008" in node("albedo").image.name


@check
def releasing_says_why_it_cannot(folder):
    part("session").stop()
    assert "not running" in refusal()
    sample(seed=7)
    watched("ready")
    job = object()
    part("session").begin(job)
    try:
        assert "at work" in refusal()
    finally:
        part("session").end()
    bpy.ops.gantlitz.release_memory()
    watched("released")
    assert "released already" in refusal()


@check
def a_render_releases_the_model_and_the_next_face_loads_it_again(folder):
    sample(seed=7)
    watched("ready")
    shown = render_with(folder, "ALWAYS")
    assert shown.max() > 0.2, "the render shows no face: it did not see the maps"
    gives_way()
    sample(seed=8)
    assert state_of_the_model() == "ready" and "seed0008" in node("albedo").image.name
    second = render(folder)  # the preference is back: only a card would be freed
    assert np.abs(second - shown).max() > 0.001, "another face"


@check
def a_render_leaves_a_model_in_main_memory_alone_unless_told(folder):
    for setting in ("GPU", "NEVER"):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        render_with(folder, setting)
        time.sleep(1.0)  # longer than a release takes
        assert state_of_the_model() == "ready", setting


@check
def a_live_look_goes_on_after_a_render_took_its_model(folder):
    add_plane("Mine")
    inputs().model = str(arguments.model)
    bpy.context.scene.gantlitz_live_width = "384"
    bpy.ops.gantlitz.live(action="ON")
    look, end = part("live").running(), time.monotonic() + PATIENCE
    while not (look.shown and look.pace.settled):
        assert time.monotonic() < end
        time.sleep(min(look.tick(), 0.02))
    watched("ready")
    preferences().release = "ALWAYS"
    try:
        render(folder)
        gives_way()
    finally:
        preferences().release = "GPU"
    before = look.shown
    inputs().psi = 0.3
    while look.shown == before:
        assert time.monotonic() < end + PATIENCE and not bpy.context.window_manager.gantlitz_live.error_sentence
        time.sleep(min(look.tick(), 0.02))
    assert state_of_the_model() == "ready"
    bpy.ops.gantlitz.live(action="OFF")


@check
def the_panel_says_what_is_held(folder):
    sample(seed=7)
    watched("ready")
    layout = RecordingLayout()
    bpy.types.GANTLITZ_PT_memory.draw(SimpleNamespace(layout=layout), bpy.context)
    assert "operator gantlitz.release_memory" in layout.log, layout.log
    bpy.ops.gantlitz.release_memory()
    watched("released")
    layout = RecordingLayout()
    bpy.types.GANTLITZ_PT_memory.draw(SimpleNamespace(layout=layout), bpy.context)
    assert any("eleased" in line for line in layout.log), layout.log
