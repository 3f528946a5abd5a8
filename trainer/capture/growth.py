"""Where short hair grows on a face, how thickly, and which way it lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import WIDTH, Array, half_curve, mask

from .canvas import Canvas
from .falloff import smoothstep
from .noise import blur
from .strokes import Points


def beard_density(canvas: Canvas) -> Array:
    """How thick the beard is, 0 .. about 1, on the coarse grid."""
    person = canvas.identity
    if person.beard <= 0:
        return np.zeros(canvas.coarse[::-1], np.float32)
    a, y = canvas.half
    ragged = 48 * canvas.noise("beard edge", 200, 900, 0.4, paired=0.6)  # no outline is a drawn curve
    centre = smoothstep(860, 440, a + ragged)
    jaw = smoothstep(-40, 300, y - 2700 + ragged + 0.25 * np.maximum(a - 900, 0))
    moustache = canvas.region("moustache")
    shape = (1.0, centre, centre * (0.35 + 0.65 * smoothstep(2900, 3000, y) + moustache), jaw)
    density = canvas.region("beard") * shape[person.beard_shape] * (0.85 + 0.3 * moustache + 0.25 * canvas.region("chin"))
    density *= 1 - 0.45 * canvas.region("cheek") * (1 - moustache)
    bare = smoothstep(0.1, -1.3, canvas.noise("beard gaps", 180, 900, 0.3, paired=0.75))
    density *= 1 - 0.8 * person.beard_patchy * bare * (1 - 0.8 * moustache) * (1 - 0.6 * canvas.region("chin"))
    line = 3560 + 26 * canvas.noise("neck line", 250, 1200, 0.5) - 0.12 * a  # two fingers above the larynx
    density *= 1 - 0.94 * person.neck_shaved * smoothstep(-60, 60, y - line)
    density += 0.22 * np.maximum(blur(density, 130 * canvas.coarse_scale) - density, 0)  # stragglers beyond the edge
    density *= 0.35 + 0.65 * smoothstep(0.0, 0.4, density + 0.07 * canvas.noise("beard fringe", 40, 200))
    density *= np.clip(1 + 0.14 * canvas.noise("beard", 60, 600, 0.2), 0.2, 1.6)
    return np.clip(person.beard * density * (1 - canvas.region("lips")), 0, 1.3)


def temple_density(canvas: Canvas) -> Array:
    """How thick the hair at the temples is, 0 .. 1, on the coarse grid."""
    person = canvas.identity
    a, y = canvas.half
    line = half_curve("hairline")
    edge = np.interp(y, line[:, 1], line[:, 0]).astype(np.float32) + person.hairline * smoothstep(1900, 1000, y)
    reach = a - edge + 34 * canvas.noise("hairline", 160, 800, paired=0.5) + 26 * canvas.noise("baby hair", 40, 160)
    inside = mask(*canvas.coarse) > 0  # the scalp beyond the face is not shown
    return inside * canvas.region("hair") ** 0.5 * smoothstep(-90, 260, reach) ** 1.4


def growth_heading(canvas: Canvas, points: Points) -> NDArray[np.float64]:
    """The heading of hair at points (N, 2), radians, y down: down on the cheek, outward on the upper lip, astray on the neck."""
    person = canvas.identity
    place = canvas.sample_xy(points)
    side = np.where(place[:, 0] < WIDTH / 2, -1.0, 1.0)
    a, y = np.abs(place[:, 0] - WIDTH / 2), place[:, 1]
    lean = np.interp(a, [0, 400, 1100, 1600, 1900], [0.0, 0.1, -0.35, -0.1, 0.3])
    lip = np.exp(-0.5 * ((y - 2560) / 120) ** 2) * np.clip(1.4 - a / 500, 0, 1)
    lean += lip * np.clip(a / 260, 0, 1) * 0.75
    neck = np.clip((y - 3330) / 350, 0, 1)
    lean += neck * np.clip(a / 300, 0, 1) * (1.9 * person.hair_swirl - 0.3)
    swirl = canvas.sample(canvas.noise("swirl", 250, 1000, paired=0.7), points) * side
    swirl = swirl * (0.2 + 0.35 * person.hair_swirl) * (1 + 1.2 * neck)
    swirl += 0.2 * canvas.sample(canvas.noise("tuft", 40, 120), points)
    return np.asarray(np.pi / 2 - side * lean + swirl, np.float64)
