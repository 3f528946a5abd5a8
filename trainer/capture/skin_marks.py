"""All marks of a subject's skin."""

from __future__ import annotations

from .blemishes import draw_blemishes
from .canvas import Canvas
from .spots import draw_spots
from .stamps import Marks
from .vessels import draw_vessels


def draw_marks(canvas: Canvas) -> Marks:
    """Every mark of a subject's skin, added up."""
    marks = Marks.blank(canvas)
    for draw in (draw_vessels, draw_spots, draw_blemishes):
        draw(canvas, marks)
    return marks
