"""Scans, seen from inside Blender: their maps and points, and their completion."""

import json
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
from inside import (
    MODULE,
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
    part,
)
from recording_layout import RecordingLayout

SIZE = 192
NEEDED = (
    ("eye_inner_left", 0.42, 0.40), ("eye_inner_right", 0.58, 0.40), ("eye_outer_left", 0.30, 0.40),
    ("eye_outer_right", 0.70, 0.40),
    ("nostril_left", 0.46, 0.55), ("nostril_right", 0.54, 0.55), ("mouth_corner_left", 0.40, 0.66),
    ("mouth_corner_right", 0.60, 0.66), ("chin", 0.50, 0.82), ("ear_front_left", 0.08, 0.48), ("ear_front_right", 0.92, 0.48),
)  # fmt: skip


def scan():
    return bpy.context.scene.gantlitz_scan


def state():
    return bpy.context.window_manager.gantlitz_scan


def picture(name="albedo", size=(SIZE, SIZE), *, floats=False, data=False):
    """A generated image: skin that darkens downwards."""
    image = bpy.data.images.new(name, *size, float_buffer=floats, is_data=data)
    pixels = np.ones((size[1], size[0], 4), np.float32)
    pixels[..., :3] = np.linspace(0.3, 0.8, size[1], dtype=np.float32)[:, None, None] * (1, 0.75, 0.6)
    image.pixels.foreach_set(pixels.ravel())
    return image


def saved(folder, name="albedo", **given):
    """An image with a file of its own."""
    image = picture(name, **given)
    image.filepath_raw, image.file_format = str(folder / f"{name}.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return bpy.data.images.load(str(folder / f"{name}.png"))


def place_all(size=SIZE):
    for name, u, v in NEEDED:
        assert bpy.ops.gantlitz.scan_point(name=name, x=u * size, y=v * size) == {"FINISHED"}


def in_our_layout(folder):
    """A scan that needs no points; its answer is small."""
    scan().albedo, scan().layout = saved(folder, size=(SIZE, SIZE * 2 // 3)), "MODEL"
    inputs().model = str(arguments.slow_model)


def complete(**given):
    return bpy.ops.gantlitz.complete("EXEC_DEFAULT", True, **{"width": SIZE, **given})


def said_by(operator, **given) -> str:
    try:
        outcome = getattr(bpy.ops.gantlitz, operator)("EXEC_DEFAULT", True, **given)
    except RuntimeError as error:
        return str(error)
    raise AssertionError(f"{operator} did not refuse: {outcome}")


def png(path):
    """Width, height, bits and channels of a PNG, and its values (H, W, C); its rows must not be filtered."""
    content = path.read_bytes()
    width, height, bits, colour = (int.from_bytes(content[a:b], "big") for a, b in ((16, 20), (20, 24), (24, 25), (25, 26)))
    at, data = 8, b""
    while at < len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        data += content[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)
    assert colour == 2 and not rows[:, 0].any()
    return np.ascontiguousarray(rows[:, 1:]).view(">u2" if bits == 16 else "u1").reshape(height, width, 3), bits


# Its maps


@check
def finds_the_maps_of_a_material(folder):
    plane = add_plane("Mine")
    plane.active_material = worn = bpy.data.materials.new("Scan")
    if worn.node_tree is None:
        worn.use_nodes = True
    assert "no images" in said_by("scan_from_material")
    tree = worn.node_tree
    skin = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    output = next(n for n in tree.nodes if n.type == "OUTPUT_MATERIAL")

    def add(kind, image=None):
        new = tree.nodes.new(kind)
        if image:
            new.image = image
        return new

    images = {kind: picture(kind) for kind in ("albedo", "normal", "specular", "displacement", "mask")}
    mix, mask = add("ShaderNodeMix"), add("ShaderNodeTexImage", images["mask"])
    mix.data_type = "RGBA"
    colours = [entry for entry in mix.inputs if entry.type == "RGBA"]
    tree.links.new(mask.outputs["Color"], next(entry for entry in mix.inputs if entry.name == "Factor" and entry.enabled))
    tree.links.new(add("ShaderNodeTexImage", images["albedo"]).outputs["Color"], colours[0])
    tree.links.new(next(entry for entry in mix.outputs if entry.type == "RGBA"), skin.inputs["Base Color"])
    tree.links.new(add("ShaderNodeTexImage", images["specular"]).outputs["Color"], skin.inputs["Specular IOR Level"])
    split, turn, joined = add("ShaderNodeSeparateColor"), add("ShaderNodeInvert"), add("ShaderNodeCombineColor")
    normal_map, bump = add("ShaderNodeNormalMap"), add("ShaderNodeBump")
    tree.links.new(add("ShaderNodeTexImage", images["normal"]).outputs["Color"], split.inputs[0])
    tree.links.new(split.outputs[0], joined.inputs[0])
    tree.links.new(split.outputs[1], turn.inputs["Color"])
    tree.links.new(turn.outputs[0], joined.inputs[1])
    tree.links.new(joined.outputs[0], normal_map.inputs["Color"])
    tree.links.new(normal_map.outputs[0], bump.inputs["Normal"])
    tree.links.new(add("ShaderNodeTexImage", images["displacement"]).outputs["Color"], bump.inputs["Height"])
    tree.links.new(bump.outputs[0], skin.inputs["Normal"])
    assert bpy.ops.gantlitz.scan_from_material() == {"FINISHED"}
    assert [getattr(scan(), kind) for kind in list(images)[:4]] == list(images.values())[:4]
    assert scan().directx and scan().displacement_mm == 0

    height = add("ShaderNodeDisplacement")
    height.inputs["Scale"].default_value = 0.004
    tree.links.new(add("ShaderNodeTexImage", images["mask"]).outputs["Color"], height.inputs["Height"])
    tree.links.new(height.outputs[0], output.inputs["Displacement"])
    tree.links.remove(turn.inputs["Color"].links[0])
    tree.links.new(split.outputs[1], joined.inputs[1])
    bpy.ops.gantlitz.scan_from_material()
    assert scan().displacement == images["mask"] and not scan().directx
    near(scan().displacement_mm, 4.0, 1e-5)
    bpy.ops.object.select_all(action="DESELECT")
    bpy.context.view_layer.objects.active = None
    assert "Select an object" in said_by("scan_from_material")


@check
def takes_an_image_as_it_is_now(folder):
    take = part("scan_images").picture_file
    plain = saved(folder)
    assert take("albedo", plain, True, folder) == folder / "albedo.png"
    content = (folder / "albedo.png").read_bytes()
    scratch = folder / "scratch"
    scratch.mkdir()
    plain.pack()
    assert take("albedo", plain, True, scratch).read_bytes() == content
    plain.pixels[:4] = (1, 0, 0, 1)  # lower left
    values, bits = png(take("albedo", plain, True, scratch))
    assert bits == 8 and tuple(values[-1, 0]) == (255, 0, 0) and plain.is_dirty
    assert (folder / "albedo.png").read_bytes() == content and abs(values[0, 5, 0] / 255 - 0.8) < 0.003
    generated = picture("normal", floats=True, data=True)
    values, bits = png(take("normal", generated, True, scratch))
    assert bits == 16 and values.shape == (SIZE, SIZE, 3) and abs(values[0, 0, 0] / 65535 - 0.8) < 1e-4
    linear = picture("albedo", floats=True)
    values, bits = png(take("albedo", linear, True, scratch))
    near(values[0, 0, 0] / 65535, 1.055 * 0.8 ** (1 / 2.4) - 0.055, 1e-3)
    heights = picture("displacement", floats=True, data=True)
    heights.pixels.foreach_set(np.tile(np.float32((-1.25, -1.25, -1.25, 1)), SIZE * SIZE))
    assert take("displacement", heights, False, scratch).suffix == ".png"
    exr = take("displacement", heights, True, scratch)
    again = bpy.data.images.load(str(exr))
    again.colorspace_settings.is_data = True
    near(mean_of(again)[0], -1.25)
    assert again.is_float and tuple(again.size) == (SIZE, SIZE)


@check
def refuses_what_is_no_single_picture(folder):
    bpy.context.scene.gantlitz_scan.layout = "MODEL"
    tiled = bpy.data.images.new("face", 8, 8, tiled=True)
    lost = saved(folder, "lost")
    (folder / "lost.png").unlink()
    lost.reload()
    film = bpy.data.images.new("film", 8, 8)
    film.source = "SEQUENCE"
    for image, word in ((tiled, "UDIM"), (lost, "lost.png"), (film, "sequence")):
        scan().albedo = image
        said = said_by("complete")
        assert word in said and "albedo" in said, said
        assert state().error_fix and not state().running
    assert not files(folder / "gantlitz")


# Its points


@check
def keeps_points_in_the_blend(folder):
    assert "No map" in said_by("scan_point", name="chin", x=1, y=1)
    scan().albedo = saved(folder)
    place_all()
    assert bpy.ops.gantlitz.scan_point(name="chin", x=90.125, y=150) == {"FINISHED"}
    assert len(scan().points) == 11 and (scan().points["chin"].x, scan().points["chin"].y) == (90.125, 150)
    assert "outside the picture" in said_by("scan_point", name="chin", x=90, y=SIZE + 1)
    bpy.ops.ed.undo_push(message="placed")
    bpy.ops.gantlitz.scan_clear_points()
    bpy.ops.ed.undo_push(message="cleared")
    assert not scan().points and "There are no points" in said_by("scan_clear_points")
    bpy.ops.ed.undo()
    assert len(scan().points) == 11
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    assert len(scan().points) == 11 and scan().points["chin"].x == 90.125 and scan().points_width == SIZE
    bpy.ops.gantlitz.scan_remove_point(name="chin")
    assert "chin" not in scan().points and "not placed" in said_by("scan_remove_point", name="chin")


@check
def writes_and_reads_points(folder):
    scan().albedo = saved(folder)
    file = folder / "points.json"
    assert "11 points" in said_by("scan_save_points", filepath=str(file))
    place_all()
    bpy.ops.gantlitz.scan_point(name="nose_tip", x=SIZE / 2, y=100.5)
    assert bpy.ops.gantlitz.scan_save_points(filepath=str(file)) == {"FINISHED"}
    written = json.loads(file.read_text())
    assert written["version"] == 1 and written["image"] == [SIZE, SIZE] and written["points"]["nose_tip"] == [96, 100.5]
    bpy.ops.gantlitz.scan_clear_points()
    assert bpy.ops.gantlitz.scan_load_points(filepath="//points.json") == {"FINISHED"}
    assert part("scan_points").to_dict(scan()) == written
    del written["points"]["chin"]
    file.write_text(json.dumps(written))
    assert "points.json: These points are missing: chin" in said_by("scan_load_points", filepath=str(file))
    assert "chin" in scan().points


@check
def carries_points_to_a_larger_picture(folder):
    scan().albedo = saved(folder)
    place_all()
    scan().albedo = picture("large", (SIZE * 2, SIZE * 2))
    bpy.ops.gantlitz.scan_point(name="nose_tip", x=SIZE, y=10)
    near(scan().points["chin"].y, 0.82 * SIZE * 2, 1e-5)
    scan().albedo = picture("wide", (SIZE * 2, SIZE))
    assert "another shape" in said_by("scan_point", name="nose_tip", x=1, y=1)


@check
def places_points_with_the_mouse(folder):
    scan().albedo = saved(folder)
    assert "Image Editor" in said_by("scan_place_points")
    area = max(bpy.context.window.screen.areas, key=lambda area: area.width)
    area.type = "IMAGE_EDITOR"
    assert "In a window" not in said_by("scan_place_points") and "scan_load_points" in said_by("scan_place_points")
    module = part("operators.place_points")
    module.is_over = lambda *_: True  # without a window the regions have no places
    operator = modal_operator("GANTLITZ_OT_scan_place_points")
    operator.area, operator.handle = area.as_pointer(), None
    operator.clean_up = lambda context: None
    operator.placing = part("placing").Placing({}, (SIZE, SIZE))
    view = SimpleNamespace(
        region_to_view=lambda x, y: (x / 100, y / 100), view_to_region=lambda u, v, clip: (u * 100, v * 100)
    )
    region = SimpleNamespace(view2d=view, x=0, y=0)
    module.main_region = lambda area: region

    def event(kind, value="PRESS", x=0, y=0, ctrl=False):
        return operator.modal(bpy.context, SimpleNamespace(type=kind, value=value, mouse_x=x, mouse_y=y, ctrl=ctrl))

    first, second = NEEDED_ORDER()[:2]
    assert event("WHEELUPMOUSE") == {"PASS_THROUGH"}
    assert event("LEFTMOUSE", x=50, y=75) == {"RUNNING_MODAL"}
    event("MOUSEMOVE", "NOTHING", 60, 75)
    event("LEFTMOUSE", "RELEASE", 60, 75)
    near(scan().points[first].x, 0.6 * SIZE, 1e-4)
    near(scan().points[first].y, 0.25 * SIZE, 1e-4)
    event("LEFTMOUSE", x=20, y=20)
    event("LEFTMOUSE", "RELEASE", 20, 20)
    assert [point.name for point in scan().points] == [first, second]
    event("BACK_SPACE")
    assert [point.name for point in scan().points] == [first]
    event("N")
    assert operator.reports and "needed" in operator.reports[-1][1]
    assert event("RET") == {"FINISHED"} and len(scan().points) == 1
    operator.placing = part("placing").Placing(part("scan_points").placed(scan()), (SIZE, SIZE))
    event("RIGHTMOUSE")
    assert not scan().points
    assert event("ESC") == {"CANCELLED"} and len(scan().points) == 1


def NEEDED_ORDER():  # noqa: N802
    return part("scan_points").missing(SimpleNamespace(points=SimpleNamespace(find=lambda name: -1)))


# Its completion


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
    assert "completed (fast) from albedo" in face().gantlitz.summary()
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
    chin = scan().points["chin"]
    chin.x, chin.y = scan().points["eye_inner_left"].x + 5, scan().points["eye_inner_left"].y - 40
    said = said_by("complete", width=SIZE)
    assert "chin" in said and "do not lie as they do on a face" in said, said
    assert state().error_code == "bad-points" and not state().running


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
    assert MODULE in bpy.context.preferences.addons
