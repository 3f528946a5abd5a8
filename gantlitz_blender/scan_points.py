"""The points of a scan as they lie in the .blend, and in the form in which the runtime takes them."""

from collections.abc import Mapping

import bpy

from .placing import NEEDED
from .runtime.completion.landmarks import LANDMARKS, POINTS_VERSION, Points
from .runtime.errors import GantlitzError
from .runtime.scan_request import MAPS

DIGITS = 3  # of a pixel: Blender's floats have 32 bits, and 1868.2 must not become 1868.199951


def where(name: str) -> str:
    """What to click, in words: the corner of the mouth, on the left of the picture."""
    side = name.rpartition("_")[2]
    return LANDMARKS[name].where + (f", on the {side} of the picture" if side in ("left", "right") else "")


def picture(scan) -> bpy.types.Image | None:
    """The map in which points are clicked: the albedo where there is one."""
    return next((getattr(scan, kind) for kind in MAPS if getattr(scan, kind)), None)


def placed(scan) -> dict[str, tuple[float, float]]:
    """Every point by name, in pixels of a picture of ``size(scan)``."""
    return {point.name: (round(point.x, DIGITS), round(point.y, DIGITS)) for point in scan.points}


def size(scan) -> tuple[int, int]:
    """(width, height) of the picture in which the points were clicked; (0, 0) as long as there are none."""
    return scan.points_width, scan.points_height


def missing(scan) -> list[str]:
    """The names of points without which no alignment is made."""
    return [name for name in NEEDED if scan.points.find(name) < 0]


def replace(scan, points: Mapping[str, tuple[float, float]], picture_size: tuple[int, int]) -> None:
    """Take these points in place of all."""
    scan.points.clear()
    scan.points_width, scan.points_height = picture_size if points else (0, 0)
    for name, place in points.items():
        new = scan.points.add()
        new.name, (new.x, new.y) = name, place


def gain_in(scan, image: bpy.types.Image) -> float:
    """Pixels of this picture for each of the one in which the points were clicked; it must have the same shape.

    Raises GantlitzError (``bad-points``) for another shape, and (``file-unreadable``) for a picture that cannot be read.
    """
    new, old = (image.size[0], image.size[1]), size(scan)
    if not all(new):
        raise GantlitzError(f"The image {image.name} cannot be read.", "Choose another file for it.", "file-unreadable")
    gain = new[0] / old[0] if len(scan.points) else 1.0
    if len(scan.points) and abs(old[1] * gain - new[1]) > 1:
        raise GantlitzError(
            f"The points were placed in a picture of {old[0]} x {old[1]}; {image.name} has {new[0]} x {new[1]}, another shape.",
            "Clear the points, or choose the picture they belong to.",
            "bad-points",
        )
    return gain


def fit_to(scan, image: bpy.types.Image) -> None:
    """See that the points are in pixels of this picture. Raises as gain_in."""
    gain, new = gain_in(scan, image), (image.size[0], image.size[1])
    if gain != 1:
        replace(scan, {name: (x * gain, y * gain) for name, (x, y) in placed(scan).items()}, new)
    scan.points_width, scan.points_height = new


def set_point(scan, name: str, x: float, y: float) -> None:
    """Place one point, or move it. Raises GantlitzError (``bad-points``) outside the picture."""
    width, height = size(scan)
    if not (0 <= x <= width and 0 <= y <= height):
        raise GantlitzError(
            f"The point {name} at ({x:g}, {y:g}) lies outside the picture of {width} x {height}.", "Place it inside.", "bad-points"
        )
    point = scan.points[name] if name in scan.points else scan.points.add()
    point.name, point.x, point.y = name, x, y


def to_dict(scan) -> dict[str, object]:
    """The JSON object of a points file, whether or not it is complete: the runtime says what is wrong with it."""
    points = {name: list(place) for name, place in placed(scan).items()}
    return {"version": POINTS_VERSION, "image": list(size(scan)), "points": points}


def checked(scan) -> Points:
    """The points as the runtime takes them. Raises GantlitzError (``bad-points``) with what is wrong."""
    return Points.from_dict(to_dict(scan))
