"""The points by which a scan in its own UV layout is aligned with ours, and the file that holds them.

``left`` and ``right`` are those of the beholder: left is what lies on the left of the picture when the face in it is
upright, the person's own right. The scan may be turned by any angle. It may be mirrored too: if all points of the left
are exchanged with those of the right, that is taken for a mirrored layout.
"""

from __future__ import annotations

import difflib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .. import layout
from ..errors import GantlitzError

POINTS_VERSION = 1
SAME_SPOT = 1e-3  # of the picture's width: two points nearer than this are one


@dataclass(frozen=True)
class Landmark:
    """A point an artist clicks. where: what to click. uv: its place in our layout. required: no alignment without it."""

    where: str
    uv: tuple[float, float]
    required: bool


# What an artist calls it: the layout's own name, what to click, whether it is required.
_MIDLINE = {
    "chin": ("chin", "the foremost point of the chin", True),
    "forehead_top": ("hairline", "the middle of the hairline", False),
    "nose_root": ("nasion", "the deepest point between the eyes", False),
    "nose_tip": ("nose_tip", "the foremost point of the nose", False),
    "nose_base": ("subnasale", "where the partition of the nose meets the upper lip", False),
    "lip_top": ("cupid_dip", "the dip in the middle of the upper lip's red", False),
    "lip_bottom": ("lower_lip_bottom", "the lower edge of the lower lip's red, in the middle", False),
    "neck": ("menton", "where the chin turns into the neck, in the middle", False),
}
_SIDES = {
    "eye_inner": ("inner_canthus", "the corner of the eye beside the nose", True),
    "eye_outer": ("outer_canthus", "the corner of the eye beside the temple", True),
    "nostril": ("nostril", "the middle of the nostril", True),
    "mouth_corner": ("mouth_corner", "the corner of the mouth", True),
    "ear_front": ("tragus", "the small flap before the opening of the ear", True),
    "nose_wing": ("ala", "the outermost point of the nostril's wing", False),
    "brow_inner": ("brow_inner", "the inner end of the eyebrow", False),
    "brow_outer": ("brow_outer", "the outer end of the eyebrow", False),
    "lid_top": ("upper_lid", "the middle of the upper lid's edge", False),
    "lid_bottom": ("lower_lid", "the middle of the lower lid's edge", False),
    "ear_top": ("ear_top", "the highest point of the ear", False),
    "ear_back": ("ear_back", "the outermost point of the ear's rim", False),
    "ear_lobe": ("ear_lobe", "the lowest point of the ear's lobe", False),
    "jaw_corner": ("jaw_angle", "the corner of the jaw below the ear", False),
}


def _landmarks() -> Mapping[str, Landmark]:
    points = {name: Landmark(where, layout.landmark(ours), required) for name, (ours, where, required) in _MIDLINE.items()}
    for name, (ours, where, required) in _SIDES.items():
        for side in ("left", "right"):
            points[f"{name}_{side}"] = Landmark(where, layout.landmark(f"{ours}_{side}"), required)
    return MappingProxyType(points)


LANDMARKS: Mapping[str, Landmark] = _landmarks()
"""Every point that may be clicked, by name."""

REQUIRED: tuple[str, ...] = tuple(name for name, point in LANDMARKS.items() if point.required)


@dataclass(frozen=True)
class Points:
    """Points of one scan. image: (width, height) of the picture in which they were clicked; its pixels are square.

    points: name -> (x, y) in pixels from the picture's upper left corner; the first pixel's centre is at (0.5, 0.5).
    Raises GantlitzError (``bad-points``) for a name that is not known or missing, a point outside the picture, and two
    points on one spot.
    """

    image: tuple[int, int]
    points: Mapping[str, tuple[float, float]]

    def __post_init__(self) -> None:
        width, height = self.image
        for name, (x, y) in self.points.items():
            if name not in LANDMARKS:
                raise _bad(f"There is no point called {name!r}.", _suggestion(name))
            if not (0 <= x <= width and 0 <= y <= height):  # NaN fails this too
                raise _bad(f"The point {name} at ({x:g}, {y:g}) lies outside the picture of {width} x {height}.", "Click it again.")
        missing = [name for name in REQUIRED if name not in self.points]
        if missing:
            raise _bad(f"These points are missing: {', '.join(missing)}.", "Click them too.")
        placed = list(self.points.items())
        for i, (name, here) in enumerate(placed):
            for other, there in placed[:i]:
                if math.dist(here, there) < SAME_SPOT * width:
                    raise _bad(f"The points {other} and {name} lie on the same spot.", "Click one of them again.")

    def to_dict(self) -> dict[str, object]:
        """The JSON object that ``write`` writes."""
        points = {name: [float(x), float(y)] for name, (x, y) in self.points.items()}
        return {"version": POINTS_VERSION, "image": list(self.image), "points": points}

    @classmethod
    def from_dict(cls, data: object) -> Points:
        """Read what to_dict made. Raises GantlitzError (``bad-points``) for anything else."""
        if not isinstance(data, dict) or not isinstance(data.get("points"), dict):
            raise _bad('These are no points: a JSON object with "version", "image" and "points" is needed.', "")
        if data.get("version") != POINTS_VERSION:
            raise _bad(
                f"The points have version {data.get('version')!r}; this GANtlitz reads version {POINTS_VERSION}.",
                "Update GANtlitz Face Maps, or click the points again.",
            )
        image = data.get("image")
        if not (isinstance(image, list) and len(image) == 2 and all(type(n) is int and n > 0 for n in image)):
            raise _bad(f"The points' image must be the picture's [width, height] in pixels, not {image!r}.", "Correct it.")
        for name, place in data["points"].items():
            if not _is_pair(place):
                raise _bad(f"The point {name} must be [x, y] in pixels, not {place!r}.", "Correct it.")
        return cls((image[0], image[1]), {name: (float(x), float(y)) for name, (x, y) in data["points"].items()})

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a points.json. Raises GantlitzError (``write-failed``)."""
        write_json(Path(path), self.to_dict())

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Points:
        """Read a points.json. Raises GantlitzError: ``file-unreadable``, or ``bad-points``, with the file's name."""
        data = read_json(Path(path))
        try:
            return cls.from_dict(data)
        except GantlitzError as error:
            raise GantlitzError(f"{Path(path).name}: {error.sentence}", error.fix, error.code) from error


def _is_pair(value: object) -> bool:
    numbers = (int, float)
    return isinstance(value, list) and len(value) == 2 and all(isinstance(n, numbers) and not isinstance(n, bool) for n in value)


def _suggestion(name: str) -> str:
    near = difflib.get_close_matches(name, LANDMARKS, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(LANDMARKS)}."


def _bad(sentence: str, fix: str) -> GantlitzError:
    return GantlitzError(sentence, fix, "bad-points")


def write_json(path: Path, data: object) -> None:
    """Write aside, then rename. Raises GantlitzError (``write-failed``)."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(json.dumps(data), "utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise GantlitzError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another folder.", "write-failed"
        ) from error


def read_json(path: Path) -> object:
    """Raises GantlitzError (``file-unreadable``) for a file that is missing or no JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise GantlitzError(f"{path} cannot be read: {error}.", "Write it again.", "file-unreadable") from error
