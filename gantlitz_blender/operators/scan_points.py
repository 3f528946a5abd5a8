"""The points of a scan, one by one and as files: what scripts use, and the buttons beside Place Points."""

from collections.abc import Callable

import bpy
from bpy.props import EnumProperty, FloatProperty, StringProperty

from .. import scan_points
from ..job import explained
from ..runtime.completion.landmarks import LANDMARKS, Points
from ..runtime.errors import GantlitzError
from ..translation import said, told

NAMES = tuple((name, name.replace("_", " ").capitalize(), scan_points.where(name).capitalize()) for name in LANDMARKS)


class _PointsOperator:
    """A mixin: change() does it and returns what to say; what is wrong is reported in a sentence."""

    bl_options = {"REGISTER", "UNDO"}
    report: Callable[[set[str], str], None]  # bpy.types.Operator's

    def change(self, scan) -> str:
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            done = self.change(context.scene.gantlitz_scan)
        except Exception as error:
            self.report({"ERROR"}, told(explained(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, said(done))
        return {"FINISHED"}


class GANTLITZ_OT_scan_point(_PointsOperator, bpy.types.Operator):
    """Place a point of the scan, or move it, in pixels from the upper left corner of its albedo"""

    bl_idname = "gantlitz.scan_point"
    bl_label = "Place Point"

    name: EnumProperty(name="Point", items=NAMES)
    x: FloatProperty(name="X", description="Pixels from the picture's left edge")
    y: FloatProperty(name="Y", description="Pixels from the picture's upper edge")

    def change(self, scan) -> str:
        image = scan_points.picture(scan)
        if image is not None:
            scan_points.fit_to(scan, image)
        elif not len(scan.points):
            raise GantlitzError("No map of the scan is chosen.", "Choose one: points are pixels of its picture.", "bad-points")
        scan_points.set_point(scan, self.name, self.x, self.y)
        left = len(scan_points.missing(scan))
        return f"{self.name} is placed; still needed: {left}." if left else f"{self.name} is placed; all needed points are there."


class GANTLITZ_OT_scan_remove_point(_PointsOperator, bpy.types.Operator):
    """Remove a point of the scan"""

    bl_idname = "gantlitz.scan_remove_point"
    bl_label = "Remove Point"

    name: EnumProperty(name="Point", items=NAMES)

    def change(self, scan) -> str:
        index = scan.points.find(self.name)
        if index < 0:
            raise GantlitzError(f"The point {self.name} is not placed.", "", "bad-points")
        scan.points.remove(index)
        return f"{self.name} is removed."


class GANTLITZ_OT_scan_clear_points(_PointsOperator, bpy.types.Operator):
    """Remove all points of the scan"""

    bl_idname = "gantlitz.scan_clear_points"
    bl_label = "Clear Points"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not len(context.scene.gantlitz_scan.points):
            cls.poll_message_set(said("There are no points."))
            return False
        return True

    def change(self, scan) -> str:
        scan_points.replace(scan, {}, (0, 0))
        return "All points are removed."


class _PointsFile:
    filename_ext = ".json"
    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.filepath = self.filepath or "points.json"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


class GANTLITZ_OT_scan_load_points(_PointsFile, _PointsOperator, bpy.types.Operator):
    """Take the points from a points.json, in place of those that are here"""

    bl_idname = "gantlitz.scan_load_points"
    bl_label = "Load Points"

    def change(self, scan) -> str:
        points = Points.read(bpy.path.abspath(self.filepath))
        scan_points.replace(scan, points.points, points.image)
        return f"{len(points.points)} points are loaded, of a picture of {points.image[0]} x {points.image[1]}."


class GANTLITZ_OT_scan_save_points(_PointsFile, _PointsOperator, bpy.types.Operator):
    """Write the points to a points.json, as the command line takes it"""

    bl_idname = "gantlitz.scan_save_points"
    bl_label = "Save Points"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        missing = scan_points.missing(context.scene.gantlitz_scan)
        if missing:
            cls.poll_message_set(said(f"{len(missing)} points that are needed are missing, {missing[0]} first."))
        return not missing

    def change(self, scan) -> str:
        path = bpy.path.ensure_ext(bpy.path.abspath(self.filepath), ".json")
        points = scan_points.checked(scan)
        points.write(path)
        return f"{len(points.points)} points are in {path}."


CLASSES = (
    GANTLITZ_OT_scan_point,
    GANTLITZ_OT_scan_remove_point,
    GANTLITZ_OT_scan_clear_points,
    GANTLITZ_OT_scan_load_points,
    GANTLITZ_OT_scan_save_points,
)
