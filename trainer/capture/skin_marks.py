"""All marks of a subject's skin."""

from __future__ import annotations

import numpy as np

from .blemishes import draw_blemishes
from .canvas import Canvas
from .marks import Marks
from .patches import draw_patches
from .scars import draw_scars
from .spots import draw_spots
from .vessels import draw_vessels


def draw_marks(canvas: Canvas) -> Marks:
    """Every mark of a subject's skin, added up."""
    marks = Marks.blank(canvas)
    for draw in (draw_patches, draw_vessels, draw_spots, draw_blemishes, draw_scars):
        draw(canvas, marks)
    np.clip(marks.smooth, 0, 1, out=marks.smooth)
    return marks
