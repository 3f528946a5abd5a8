"""What may go wrong: Blender lives on, says why, and the next sampling works."""

import os
import threading
import time
from types import SimpleNamespace

import bpy
from inside import (
    MODULE,
    add_plane,
    arguments,
    check,
    files,
    modal_operator,
    part,
    preferences,
    refusal,
    sample,
    state,
)


@check
def explains_a_refusal(folder):
    add_plane()
    bpy.ops.object.mode_set(mode="EDIT")
    assert "Object Mode" in refusal()
    bpy.ops.object.mode_set(mode="OBJECT")
    try:
        bpy.ops.gantlitz.cancel()
        raise AssertionError("there was nothing to cancel")
    except RuntimeError as error:
        assert "Nothing is being made" in str(error)


@check
def refuses_wrong_models(folder):
    text = folder / "notes.safetensors"
    text.write_text("these are not weights")
    truncated = folder / "half.safetensors"
    truncated.write_bytes(arguments.model.read_bytes()[:5000])
    for model, word in ((text, "notes"), (truncated, "half"), (folder / "none.safetensors", "none")):
        said = refusal(model=str(model))
        assert word in said, said
        assert state().error_sentence and state().error_fix and not state().running
    assert not files(folder / "gantlitz") and len(bpy.data.objects) == 0
    assert sample(seed=7) == {"FINISHED"} and not state().error_sentence


@check
def refuses_an_unwritable_folder(folder):
    (folder / "file").write_text("in the way")
    assert "file" in refusal(folder="//file/maps/")
    assert state().error_fix and len(bpy.data.materials) == 0
    assert sample(seed=7) == {"FINISHED"}


@check
def says_that_there_is_no_runtime(folder):
    preferences().python = str(folder / "no-such-python")
    try:
        said = refusal()
        assert "no-such-python" in said, said
        assert state().error_code == "no-runtime" and state().error_fix
    finally:
        preferences().python = str(arguments.python)
    assert sample(seed=7) == {"FINISHED"}


@check
def outlives_a_killed_worker(folder):
    def kill():
        end = time.monotonic() + 60
        while time.monotonic() < end and not (part("session").running() and part("session")._job.progress > 0.02):
            time.sleep(0.02)
        kill.hit = part("session")._job is not None
        os.kill(part("session")._client.hello["pid"], 9)

    killer = threading.Thread(target=kill)
    killer.start()
    said = refusal(model=str(arguments.slow_model))
    killer.join()
    assert kill.hit and state().error_code == "worker-died", (state().error_code, said)
    assert not [name for name in files(folder / "gantlitz") if not name.startswith(".")], files(folder / "gantlitz")
    assert sample(seed=7) == {"FINISHED"}


@check
def cancels_on_escape(folder):
    """The modal road, driven by hand: in the background there are no windows, hence no events."""
    operator = modal_operator(model=str(arguments.slow_model))
    assert operator.begin(bpy.context)
    tick, escape = SimpleNamespace(type="TIMER", value="NOTHING"), SimpleNamespace(type="ESC", value="PRESS")
    end = time.monotonic() + 60
    while operator.job.progress < 0.02 and time.monotonic() < end:
        assert operator.modal(bpy.context, tick) == {"PASS_THROUGH"}, operator.job.error
        time.sleep(0.05)
    assert state().running and state().progress > 0
    worker = part("session")._client.hello["pid"]
    client = part("client")
    patience, client.SECONDS_TO_CANCEL = client.SECONDS_TO_CANCEL, 60  # however busy the machine is
    try:
        assert operator.modal(bpy.context, escape) in ({"RUNNING_MODAL"}, {"CANCELLED"})
        end = time.monotonic() + 60
        while state().running and time.monotonic() < end:
            time.sleep(0.02)
            operator.modal(bpy.context, tick)
    finally:
        client.SECONDS_TO_CANCEL = patience
    assert not state().running and operator.job.error.code == "cancelled"
    assert not files(folder / "gantlitz") and len(bpy.data.objects) == 0
    assert sample(seed=7) == {"FINISHED"}
    assert part("session")._client.hello["pid"] == worker, "the worker was ended although it answered"


@check
def recovers_from_the_unforeseen(folder):
    """An exception in any part of sampling is shown, and does not lock the panel."""
    places = [(part("naming"), "output_folder"), (part("naming"), "free_name"), (part("images"), "load_maps")]
    for module, name in places:
        kept = getattr(module, name)
        setattr(module, name, lambda *_, **__: 1 / 0)
        try:
            said = refusal()
        finally:
            setattr(module, name, kept)
        assert "ZeroDivisionError" in said and state().error_code == "internal", said
        assert not state().running and not part("session").running()
    operator = modal_operator()
    assert operator.begin(bpy.context)
    operator.job.step = lambda: 1 / 0
    tick = SimpleNamespace(type="TIMER", value="NOTHING")
    assert operator.modal(bpy.context, tick) == {"CANCELLED"} and state().error_code == "internal"
    assert not state().running and sample(seed=7) == {"FINISHED"} and not state().error_sentence


@check
def unregisters_and_comes_back(folder):
    sample(seed=7)
    pid = part("session")._client.hello["pid"]
    bpy.ops.preferences.addon_disable(module=MODULE)
    assert not hasattr(bpy.types.Scene, "gantlitz") and not hasattr(bpy.types, "GANTLITZ_OT_sample")
    end = time.monotonic() + 5
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}"), "the worker outlived the add-on"
    bpy.ops.preferences.addon_enable(module=MODULE)
    preferences().python = str(arguments.python)
    assert sample(seed=7) == {"FINISHED"}
