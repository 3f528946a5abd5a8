"""The completion of a scan, seen from inside Blender."""

import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import bpy
from inside import add_plane, arguments, check, face, files, inputs, mean_of, modal_operator, near, node, part, sample
from recording_layout import RecordingLayout
from scans import SIZE, picture, place_all, said_by, saved, scan, state


def in_our_layout(folder):
    """A scan that needs no points; its answer is small."""
    scan().albedo, scan().layout = saved(folder, size=(SIZE, SIZE * 2 // 3)), "MODEL"
    inputs().model = str(arguments.slow_model)


def complete(**given):
    return bpy.ops.gantlitz.complete("EXEC_DEFAULT", True, **{"width": SIZE, **given})



@check
def says_why_it_cannot_complete(folder):
    assert "at least one map" in said_by("complete")
    scan().albedo = saved(folder)
    assert "11 points of the face are missing" in said_by("complete")
    scan().layout = "MODEL"
    for kind in ("normal", "specular", "displacement"):
        setattr(scan(), kind, scan().albedo)
    assert "No map is missing" in said_by("complete")
    assert "No completed scan" in said_by("scan_accept") and "No completed scan" in said_by("scan_discard")


@check
def completes_a_scan_from_a_script(folder):
    in_our_layout(folder)
    assert complete() == {"FINISHED"}, state().error_sentence
    assert bpy.context.object.name == "GANtlitz Head" and face().name == "face_scan"
    assert {"face_scan_albedo.png", "face_scan_normal.png", "face_scan_specular.png", "face_scan_displacement.exr"} <= set(
        files(folder / "gantlitz")
    )
    near(mean_of(node("albedo").image)[0], mean_of(scan().albedo)[0], 0.01)
    origin = json.loads(face().gantlitz.scan)
    assert (origin["method"], origin["maps"]) == ("fast", {"albedo": "albedo.png"})
    assert "completed (fast) from albedo" in part("look").origin(face().gantlitz.recipe, face().gantlitz.scan)
    assert not state().running and "face_scan" in state().result and part("session").waiting() is None
    assert "completed from a scan" in said_by("use_recipe")
    materials = len(bpy.data.materials)
    assert complete() == {"FINISHED"}  # once more, under another name, in the same material
    assert node("normal").image.name == "face_scan_v2_normal.png" and len(bpy.data.materials) == materials


@check
def completes_a_scan_of_its_own_layout(folder):
    plane = add_plane("Mine")
    scan().albedo = saved(folder)
    inputs().model = str(arguments.slow_model)
    place_all()
    assert complete() == {"FINISHED"}, state().error_sentence
    assert plane.active_material.name == "face_scan" and tuple(node("normal").image.size) == (SIZE, SIZE)
    assert json.loads(face().gantlitz.scan)["points"]["points"]["chin"] == [96, 157.44]
    bpy.ops.object.select_all(action="DESELECT")
    assert "No mesh with a UV map is selected" in said_by("complete", width=SIZE, use_mesh=True)
    plane.select_set(True)
    chin = scan().points["chin"]
    chin.x, chin.y = scan().points["eye_inner_left"].x + 5, scan().points["eye_inner_left"].y - 40
    said = said_by("complete", width=SIZE)
    assert "chin" in said and "do not lie as they do on a face" in said, said
    assert state().error_code == "bad-points" and not state().running
    scan().albedo = picture("wide", (SIZE * 2, SIZE))
    assert "another shape" in said_by("complete", width=SIZE)


@check
def waits_for_accept(folder):
    plane = add_plane("Mine")
    in_our_layout(folder)
    bpy.ops.ed.undo_push(message="before")
    images = len(bpy.data.images)
    assert complete(accept=False) == {"FINISHED"}
    assert len(bpy.data.images) == images and plane.active_material is None
    assert "is waiting" in said_by("complete")
    bpy.ops.object.mode_set(mode="EDIT")
    assert "Object Mode" in said_by("scan_accept")
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.gantlitz.scan_accept("EXEC_DEFAULT", True) == {"FINISHED"}
    assert bpy.data.objects["Mine"].active_material.name == "face_scan" and "Mine" in state().result
    bpy.ops.ed.undo()
    assert bpy.data.objects["Mine"].active_material is None and len(bpy.data.images) == images


@check
def discards_without_a_trace(folder):
    in_our_layout(folder)
    assert complete(accept=False) == {"FINISHED"}
    assert files(folder / "gantlitz")
    assert bpy.ops.gantlitz.scan_discard() == {"FINISHED"}
    assert not (folder / "gantlitz").exists() and not bpy.data.materials and part("session").waiting() is None


@check
def shows_the_completion_grow(folder):
    in_our_layout(folder)
    operator = modal_operator("GANTLITZ_OT_complete", width=SIZE, accept=True)
    operator.in_window = True
    shown, heard = [], operator.heard
    operator.heard = lambda: (heard(), shown.append(set(part("previews").icons())))
    assert operator.begin(bpy.context)
    scratch = operator.scratch.name
    tick = SimpleNamespace(type="TIMER", value="NOTHING")
    end = time.monotonic() + 60
    while (outcome := operator.modal(bpy.context, tick)) == {"PASS_THROUGH"} and time.monotonic() < end:
        time.sleep(0.02)
    assert outcome == {"FINISHED"}, state().error_sentence
    assert shown[0] == set() and shown[-1] == {"albedo", "normal", "specular", "displacement"}
    assert part("session").waiting() and "accept or discard" in state().result
    assert not Path(scratch).exists()
    bpy.ops.gantlitz.scan_discard()
    assert not part("previews").icons()


@check
def cancels_a_completion(folder):
    in_our_layout(folder)
    operator = modal_operator("GANTLITZ_OT_complete", width=6144, accept=True)
    assert operator.begin(bpy.context)
    tick = SimpleNamespace(type="TIMER", value="NOTHING")
    end = time.monotonic() + 60
    while operator.job.progress < 0.06 and time.monotonic() < end:
        assert operator.modal(bpy.context, tick) == {"PASS_THROUGH"}, state().error_sentence
        time.sleep(0.05)
    assert bpy.ops.gantlitz.cancel() == {"FINISHED"} and state().cancel_requested
    end = time.monotonic() + 60
    while state().running and time.monotonic() < end:
        operator.modal(bpy.context, tick)
        time.sleep(0.02)
    assert operator.job.error.code == "cancelled" and "no maps were written" in state().result
    assert not [name for name in files(folder / "gantlitz") if not name.startswith(".")]
    assert part("session").waiting() is None


@check
def draws_the_scan_panel(folder):
    def texts(panel="GANTLITZ_PT_scan"):
        layout = RecordingLayout()
        getattr(bpy.types, panel).draw(SimpleNamespace(layout=layout), bpy.context)
        return layout.log

    log = texts()
    assert {"template_ID albedo", "operator gantlitz.scan_from_material", "operator gantlitz.complete"} <= set(log)
    assert not [line for line in log if "directx" in line or "displacement_mm" in line]
    for kind in ("albedo", "normal", "displacement"):
        setattr(scan(), kind, picture(kind))
    log = texts()
    assert {"prop directx", "prop displacement_mm", "operator gantlitz.scan_place_points"} <= set(log)
    assert any("0 of 11 needed points" in line for line in log) and any("192 x 192, 8 bit" in line for line in log)
    place_all()
    assert any("11 of 36 points" in line for line in texts("GANTLITZ_PT_scan_points"))
    scan().layout = "MODEL"
    assert "operator gantlitz.scan_place_points" not in texts() and "prop model_width" in texts()
    state().running, state().progress, state().text = True, 0.4, "Fitting"
    assert "progress 0.40 Fitting 40%" in texts() and "operator gantlitz.complete" not in texts()
    state().running = False
    state().warnings = "It is grey.\nIt has a beard."
    assert {"label It is grey.", "label It has a beard."} <= set(texts())


@check
def shows_what_the_worker_finds_wrong(folder):
    in_our_layout(folder)
    scan().specular = saved(folder, "specular", size=(SIZE, SIZE))
    said = said_by("complete", width=SIZE)
    assert "192x192" in said.replace(" ", "") and "192x128" in said.replace(" ", ""), said
    scan().specular, scan().normal = None, saved(folder, "skin", size=(SIZE, SIZE * 2 // 3))
    said = said_by("complete", width=SIZE)
    assert "skin.png is not bluish" in said and state().error_fix and not state().running, said
    scan().normal = None
    assert complete() == {"FINISHED"} and not state().error_sentence


@check
def notes_a_fit_and_where_it_comes_from(folder):
    in_our_layout(folder)
    complete(accept=False)
    completion, target_name = part("session").waiting()
    fit = part("runtime.recipe").Recipe(0, 1.0, model="slow", model_sha256="ab" * 32, fit="/f.safetensors", fit_sha256="cd" * 32)
    part("session").hold(replace(completion, recipe=fit), target_name)
    assert bpy.ops.gantlitz.scan_accept("EXEC_DEFAULT", True) == {"FINISHED"}
    assert json.loads(face().gantlitz.recipe)["fit_sha256"] == "cd" * 32 and json.loads(face().gantlitz.scan)["name"] == "face_scan"
    sample(seed=7, model=str(arguments.slow_model), resolution="EIGHTH")  # a sampled face takes its place
    assert not face().gantlitz.scan and json.loads(face().gantlitz.recipe)["seed"] == 7
    assert bpy.ops.gantlitz.use_recipe() == {"FINISHED"} and inputs().seed == 7
