"""Place Points: the artist clicks one named point after another in an Image Editor."""

import bpy

from .. import point_overlay, scan_points
from ..job import explained
from ..placing import Placing
from ..redrawing import redraw
from ..translation import said, told

REACH = 9  # pixels of the screen, at interface scale 1, within which a click takes hold of a point
NAVIGATION = {
    "MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "WHEELINMOUSE", "WHEELOUTMOUSE", "TRACKPADPAN", "TRACKPADZOOM",
    "MOUSEROTATE", "NDOF_MOTION", "HOME", "NUMPAD_PERIOD", "NUMPAD_PLUS", "NUMPAD_MINUS", "PAGE_UP", "PAGE_DOWN",
}  # fmt: skip


class GANTLITZ_OT_scan_place_points(bpy.types.Operator):
    """Click the points of the face in an Image Editor, by which the scan is aligned. \
From scripts: gantlitz.scan_point and gantlitz.scan_load_points"""

    bl_idname = "gantlitz.scan_place_points"
    bl_label = "Place Points"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if scan_points.picture(context.scene.gantlitz_scan) is None:
            cls.poll_message_set(said("Choose a map of the scan first: the points are clicked in its picture."))
            return False
        if image_editor(context) is None:
            cls.poll_message_set(said("Open an Image Editor in this window first: the points are clicked there."))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        self.report({"ERROR"}, said("Points are clicked in a window. From scripts use gantlitz.scan_point or scan_load_points."))
        return {"CANCELLED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        scan = context.scene.gantlitz_scan
        image, area = scan_points.picture(scan), image_editor(context)
        assert image is not None and area is not None, "poll() saw both"
        try:
            scan_points.fit_to(scan, image)
        except Exception as error:
            self.report({"ERROR"}, told(explained(error)))
            return {"CANCELLED"}
        self.area = area.as_pointer()
        region = main_region(area)
        if area.spaces.active.image != image:
            area.spaces.active.image = image
            with context.temp_override(area=area, region=region):
                bpy.ops.image.view_all(fit_view=True)
        self.placing = Placing(scan_points.placed(scan), scan_points.size(scan))
        self.handle = bpy.types.SpaceImageEditor.draw_handler_add(self.draw_points, (), "WINDOW", "POST_PIXEL")
        context.window.cursor_modal_set("CROSSHAIR")
        context.window_manager.modal_handler_add(self)
        self.show(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            return self.turn(context, event)
        except Exception as error:  # Blender would call a modal operator that raises again and again
            self.clean_up(context)
            self.report({"ERROR"}, told(explained(error)))
            return {"CANCELLED"}

    def turn(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        area = next((area for area in context.window.screen.areas if area.as_pointer() == self.area), None)
        if area is None or area.type != "IMAGE_EDITOR":  # the artist has closed it: what is placed stays
            return self.end(context)
        region, placing = main_region(area), self.placing
        inside = placing.grabbed is not None or is_over(area, region, event.mouse_x, event.mouse_y)
        if not inside or event.type in NAVIGATION:
            return {"PASS_THROUGH"}
        place = point_overlay.to_picture(region.view2d, placing.size, event.mouse_x - region.x, event.mouse_y - region.y)
        key = event.type if event.value == "PRESS" else ""
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            placing.release()
        elif event.type == "MOUSEMOVE":
            placing.drag(place)
        elif key == "LEFTMOUSE":
            placing.press(place, self.reach(context, region))
        elif key in ("RIGHTMOUSE", "BACK_SPACE") or (key == "Z" and event.ctrl):
            placing.take_back()
        elif key == "N":
            if not placing.skip() and placing.asked:
                self.report({"INFO"}, said("This point is needed: without it there is no alignment."))
        elif key in ("RET", "NUMPAD_ENTER"):
            return self.end(context)
        elif key == "ESC":
            placing.points = placing.before
            self.keep(context)
            self.clean_up(context)
            return {"CANCELLED"}
        self.keep(context)
        self.show(context)
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself: another file is being opened, or the window closed."""
        self.clean_up(context)

    def end(self, context: bpy.types.Context) -> set[str]:
        self.clean_up(context)
        missing = len(self.placing.missing)
        placed = len(self.placing.points)
        done = f"{placed} points are placed; still needed: {missing}." if missing else f"{placed} points are placed."
        self.report({"INFO"}, said(done))
        return {"FINISHED"}

    def keep(self, context: bpy.types.Context) -> None:
        """Into the scene, looked up anew each time: an undo meanwhile would leave a pointer to nowhere."""
        scan = context.scene.gantlitz_scan
        if scan_points.placed(scan) != self.placing.points:
            scan_points.replace(scan, self.placing.points, self.placing.size)

    def reach(self, context: bpy.types.Context, region: bpy.types.Region) -> float:
        """REACH in pixels of the picture."""
        left = point_overlay.to_picture(region.view2d, self.placing.size, 0, 0)[0]
        right = point_overlay.to_picture(region.view2d, self.placing.size, 1000, 0)[0]
        return REACH * context.preferences.system.ui_scale * (right - left) / 1000

    def draw_points(self) -> None:
        context = bpy.context
        if context.area is not None and context.area.as_pointer() == self.area:
            point_overlay.draw(self.placing, context.region, context.preferences.system.ui_scale)

    def show(self, context: bpy.types.Context) -> None:
        if context.workspace:
            context.workspace.status_text_set(f"{said(point_overlay.question(self.placing))}     ({said(point_overlay.KEYS)})")
        redraw()

    def clean_up(self, context: bpy.types.Context) -> None:
        bpy.types.SpaceImageEditor.draw_handler_remove(self.handle, "WINDOW")
        if context.window:
            context.window.cursor_modal_restore()
        if context.workspace:
            context.workspace.status_text_set(None)
        redraw()


def image_editor(context: bpy.types.Context) -> bpy.types.Area | None:
    """The Image Editor in which the button was pressed, else the largest one of the window."""
    if context.area is not None and context.area.type == "IMAGE_EDITOR":
        return context.area
    areas = context.window.screen.areas if context.window else ()
    editors = [area for area in areas if area.type == "IMAGE_EDITOR"]
    return max(editors, key=lambda area: area.width * area.height, default=None)


def main_region(area: bpy.types.Area) -> bpy.types.Region:
    return next(region for region in area.regions if region.type == "WINDOW")


def is_over(area: bpy.types.Area, region: bpy.types.Region, x: int, y: int) -> bool:
    """Whether the pointer is over the picture, and over no header or sidebar that lies on top of it."""
    over = [other for other in area.regions if _holds(other, x, y)]
    return region in over and all(other == region for other in over)


def _holds(region: bpy.types.Region, x: int, y: int) -> bool:
    return region.width > 1 and 0 <= x - region.x < region.width and 0 <= y - region.y < region.height


CLASSES = (GANTLITZ_OT_scan_place_points,)
