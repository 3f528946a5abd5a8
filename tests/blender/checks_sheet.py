"""The contact sheet, seen from inside Blender."""

import time
from types import SimpleNamespace

import bpy
import numpy as np
from inside import add_plane, arguments, check, files, inputs, panel_methods, part, sample
from recording_layout import RecordingLayout


def show(**given) -> set:
    inputs().model = str(arguments.model)
    return bpy.ops.gantlitz.contact_sheet("EXEC_DEFAULT", **given)


def sheet():
    return part("sheet").sheet


def refusal(**given) -> str:
    try:
        outcome = show(**given)
    except RuntimeError as error:
        return str(error)
    raise AssertionError(f"the sheet did not fail: {outcome}")


def panel() -> list:
    layout = RecordingLayout()
    bpy.types.GANTLITZ_PT_sheet.draw(SimpleNamespace(layout=layout, **panel_methods("GANTLITZ_PT_sheet")), bpy.context)
    return layout.log


def picture(seed) -> np.ndarray:
    return dict(sheet().thumbnails())[seed]


@check
def shows_seeds_and_writes_them_as_a_picture(folder):
    before = len(bpy.data.images)
    assert show(count=5, first=20, on="FLAT", filepath=str(folder / "out/sheet.png")) == {"FINISHED"}
    assert sheet().seeds == [20, 21, 22, 23, 24] and not sheet().running
    assert all(picture(seed).shape == (128, 192, 4) for seed in sheet().seeds)
    assert (picture(20) != picture(21)).any()
    assert all(sheet().icon(seed) is not None for seed in sheet().seeds)
    assert files(folder / "out") == ["sheet.png"] and len(bpy.data.images) == before
    image = bpy.data.images.load(str(folder / "out/sheet.png"))
    assert tuple(image.size) == (3 * 200 + 8, 2 * 156 + 8), tuple(image.size)
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    first = pixels.reshape(image.size[1], image.size[0], 4)[::-1][8 : 8 + 128, 8 : 8 + 192]
    assert np.abs(first * 255 - picture(20)).max() <= 1.01


@check
def shows_them_on_the_head_and_on_the_artists_mesh(folder):
    bpy.ops.gantlitz.add_head()
    assert show(count=2, first=3, on="HEAD") == {"FINISHED"}
    on_head = picture(3)
    assert on_head.shape == (192, 192, 4) and on_head[0, 0, 3] == 0 and on_head[96, 96, 3] == 255
    assert show(count=2, first=3, on="MESH") == {"FINISHED"}
    difference = np.abs(picture(3).astype(int) - on_head)
    assert difference.mean() < 6, difference.mean()  # the same head, eyes and cap, a finer grid
    bpy.context.object.rotation_euler = (0, 0, 0.6)
    show(count=2, first=3, on="MESH")
    assert np.abs(picture(3).astype(int) - on_head).mean() > 12, "the mesh as it stands now"


@check
def shows_what_modifiers_and_slots_make_of_a_mesh(folder):
    plane = add_plane("Mine")
    plane.rotation_euler = (np.pi / 2, 0, 0)
    plane.modifiers.new("Many", "ARRAY").count = 2
    bpy.context.view_layer.update()
    show(count=1, first=1, on="MESH")
    covered = picture(1)[..., 3] > 0
    assert covered.sum(axis=1).max() > 1.9 * covered.sum(axis=0).max(), "two planes beside each other"
    sample(seed=7)  # the plane wears a face now
    bpy.data.objects["Mine"].data.materials.append(bpy.data.materials.new("Shirt"))
    bpy.data.objects["Mine"].data.polygons[0].material_index = 1
    assert "no faces that wear a face" in refusal(count=1, first=1, on="MESH")
    bpy.ops.object.select_all(action="DESELECT")
    assert "Select your head" in refusal(count=1, first=1, on="MESH")


@check
def a_pick_is_one_undo_step(folder):
    inputs().seed = 7
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.gantlitz.pick_seed("EXEC_DEFAULT", True, seed=23) == {"FINISHED"} and inputs().seed == 23
    bpy.ops.ed.undo()
    assert inputs().seed == 7
    bpy.ops.ed.redo()
    assert inputs().seed == 23


@check
def a_sheet_goes_stale_with_the_look_and_not_with_the_seed(folder):
    bpy.context.scene.gantlitz_sheet.on = "FLAT"
    stale = "label The look has changed since:"
    show(count=2, first=0)
    first = picture(0)
    inputs().seed = 500
    assert not any(line.startswith(stale) for line in panel())
    inputs().psi = 1.2
    assert any(line.startswith("label The look has changed") for line in panel())
    show(count=2, first=0)
    assert not any(line.startswith("label The look has changed") for line in panel())
    assert (picture(0) != first).any()
    inputs().psi = 0.7
    made = []
    run = part("sheet").SheetRun
    part("sheet").SheetRun = lambda *given: made.append(given) or run(*given)
    try:
        show(count=2, first=0)
    finally:
        part("sheet").SheetRun = run
    assert not made and (picture(0) == first).all(), "thumbnails that are there already are used again"


@check
def pages_lead_on_and_back(folder):
    chosen = bpy.context.scene.gantlitz_sheet
    inputs().model, chosen.on = str(arguments.model), "FLAT"
    assert bpy.ops.gantlitz.sheet_page(to="FORWARD") == {"FINISHED"} and sheet().seeds == list(range(16, 32))
    bpy.ops.gantlitz.sheet_page(to="BACK")
    assert sheet().seeds == list(range(16))
    bpy.ops.gantlitz.sheet_page(to="BACK")
    assert sheet().seeds[:2] == [2**31 - 16, 2**31 - 15]
    bpy.ops.gantlitz.sheet_page(to="RANDOM")
    assert sheet().seeds[0] >= 0 and sheet().seeds[-1] <= 9999


@check
def the_panel_fills_and_can_be_cancelled(folder):
    """As the timer in a window does it."""
    module, context = part("sheet"), bpy.context
    inputs().model, context.scene.gantlitz_sheet.on = str(arguments.slow_model), "HEAD"
    settings = module.settings_now(context, "HEAD", str(arguments.slow_model))
    python = str(arguments.python)
    sheet().begin(list(range(100, 164)), settings, context, lambda: part("session").connect(python))
    assert any(line.startswith("progress 0.00 0 of 64") for line in panel()) and "operator gantlitz.sheet_cancel" in panel()
    deadline, longest = time.monotonic() + 120, 0.0
    while sheet().run.made < 4 and time.monotonic() < deadline:
        start = time.process_time()
        sheet().step()
        longest = max(longest, time.process_time() - start)
        time.sleep(0.01)
    log = panel()
    assert any("of 64 seeds, " in line and line.endswith("s left") for line in log), log
    assert log.count("operator gantlitz.pick_seed") == 64 and log.count("picture") >= 4
    assert longest < 0.016, f"a tick took {longest:.3f} s of the processor"
    assert bpy.ops.gantlitz.sheet_cancel() == {"FINISHED"}
    assert not sheet().running and len(sheet().thumbnails()) >= 4 and sheet().error is None
    try:
        bpy.ops.gantlitz.sheet_cancel()
        raise AssertionError("nothing is to be cancelled")
    except RuntimeError as error:
        assert "No thumbnails are being made" in str(error)


@check
def what_goes_wrong_is_said(folder):
    inputs().model = str(folder / "none.safetensors")
    try:
        bpy.ops.gantlitz.contact_sheet(count=2, first=0, on="FLAT")
        raise AssertionError("there is no such model")
    except RuntimeError as error:
        assert "none.safetensors" in str(error)
    assert sheet().error is not None and any(sheet().error.fix[:12] in line for line in panel())
    (folder / "taken").write_text("a file")
    assert "taken" in refusal(count=1, first=0, on="FLAT", filepath=str(folder / "taken/sheet.png"))


@check
def the_sheet_is_kept_as_an_image(folder):
    show(count=2, first=0, on="FLAT")
    for _ in range(2):
        assert bpy.ops.gantlitz.sheet_image() == {"FINISHED"}
    found = [image for image in bpy.data.images if image.name.startswith("GANtlitz Contact Sheet")]
    assert len(found) == 1 and found[0].packed_file and found[0].size[0] == 2 * 200 + 8
