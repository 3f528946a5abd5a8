"""The points of a scan, seen from inside Blender."""

import json
from types import SimpleNamespace

import bpy
from inside import check, modal_operator, near, part
from scans import SIZE, picture, place_all, said_by, saved, scan


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

    first, second = part("placing").NEEDED[:2]
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
