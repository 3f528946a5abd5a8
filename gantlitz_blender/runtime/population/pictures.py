"""A small portrait of each person, as a PNG with the recipe in it: what an asset browser shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..aside import write_aside
from ..embedded_recipe import PNG_IHDR_END, png_chunk, read_recipe
from ..errors import GantlitzError
from ..face_model import FaceModel
from ..portrait.thumbnail import HEAD, Thumbnails
from .people import Person

PAPER = 48.0  # grey behind the head


def picture_path(folder: Path, person: Person) -> Path:
    """Beside the person's maps."""
    return folder / f"{person.name}_portrait.png"


def write_pictures(folder: Path, people: Sequence[Person], model: FaceModel, width: int) -> None:
    """Those that are not there yet, square, `width` pixels wide, aside first."""
    import cv2

    thumbnails = Thumbnails()
    for person in people:
        path = picture_path(folder, person)
        if _is_of(path, person):
            continue
        drawn = thumbnails.make(model, person.recipe, width, HEAD).astype(float)
        share = drawn[..., 3:] / 255
        good, data = cv2.imencode(".png", (drawn[..., 2::-1] * share + PAPER * (1 - share)).round().astype("uint8"))
        if not good:
            raise GantlitzError("OpenCV could not encode a PNG.", "Reinstall opencv-python-headless.", "write-failed")
        raw = data.tobytes()
        write_aside(path, raw[:PNG_IHDR_END] + png_chunk(person.recipe.to_json()) + raw[PNG_IHDR_END:])


def _is_of(path: Path, person: Person) -> bool:
    try:
        return read_recipe(path) == person.recipe
    except GantlitzError:
        return False
