"""A procedural subject: four registered maps of a face that never was, from one seed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import HEIGHT, TEXELS_PER_MM, WIDTH, Array, texel_mm
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.slopes import normals_of_displacement

from .canvas import Canvas
from .complexion import draw_albedo, skin_pigments
from .detail import add_details
from .features import face_details
from .gloss import draw_specular
from .hair import draw_hair
from .identity import Identity
from .relief import draw_relief
from .skin_marks import draw_marks

NEUTRAL_ALBEDO = 0.5  # outside the mask, as in published samples
NEUTRAL_SPECULAR = 0.5


def draw_subject(seed: int, width: int = WIDTH, height: int = HEIGHT, identity: dict[str, Any] | None = None) -> MapSet:
    """The four maps of the subject of a seed; a smaller size shows the same person with less detail.

    width, height: texels, 3:2, at least 96 x 64. identity: factors of ``Identity`` to override.
    Outside the mask albedo is 0.5 grey, the normal flat, specular 0.5 and displacement 0, exactly.
    """
    if width * HEIGHT != height * WIDTH or not 96 <= width <= WIDTH:
        raise GantlitzError(
            f"A subject cannot be drawn at {width}x{height}.",
            f"Use a 3:2 size from 96x64 to {WIDTH}x{HEIGHT}, e.g. 768x512.",
            "bad-size",
        )
    person = dataclasses.replace(Identity.from_seed(seed), **(identity or {}))
    canvas = Canvas(person, width, height)
    marks = draw_marks(canvas)
    relief = draw_relief(canvas, marks.smooth)
    details = face_details(canvas)
    add_details(details, "height", relief.height)
    hair = draw_hair(canvas)
    relief.height += hair.height
    relief.height += canvas.enlarge(marks.height)
    melanin, blood = skin_pigments(canvas, relief, marks, details)
    albedo = draw_albedo(canvas, relief, details, hair, melanin, blood)
    del melanin, blood
    specular = draw_specular(canvas, relief, details, hair, marks)
    del hair, marks
    mask = canvas.mask
    displacement = relief.height
    displacement *= mask
    displacement *= np.float32(1 / TEXELS_PER_MM)
    for channel in range(3):
        _settle(albedo[..., channel], mask, NEUTRAL_ALBEDO)
    _settle(specular, mask, NEUTRAL_SPECULAR)
    normal = normals_of_displacement(displacement, texel_mm(width))
    return MapSet(albedo=albedo, normal=normal, specular=specular, displacement=displacement)


def _settle(plane: Array, mask: Array, neutral: float) -> None:
    """Clip to [0, 1] and blend to the neutral value outside the mask, in place."""
    np.clip(plane, 0, 1, out=plane)
    plane -= np.float32(neutral)
    plane *= mask
    plane += np.float32(neutral)
