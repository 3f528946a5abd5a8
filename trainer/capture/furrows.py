"""The skin's furrows: fine lines that run from pore to pore and cross, with cushions between them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from gantlitz_blender.runtime.layout import Array

from .canvas import Canvas
from .identity import generator
from .noise import blur
from .strokes import LINE_PEAK, Points

_LEVELS = 12  # steps of depth in which lines are drawn
_DEEPEST = 3.0  # depth of the last step, in units of a common furrow
_WIDTH = 1.15  # canvas texels: sigma of a furrow


def draw_furrows(canvas: Canvas, pores: Points) -> Array:
    """Furrows at full size: about -1 in a common one, positive on the cushions, mean about 0; nothing at small sizes.

    pores: (N, 2) canvas texels: where lines meet. Lines are the edges of the points' Delaunay triangulation, after some
    triangles got a meeting point of their own; the two families that cross the tension lines slantwise are the deepest.
    """
    if not canvas.fine:
        return np.zeros(canvas.full[::-1], np.float32)
    random = generator(canvas.identity.seed, "furrows")
    ink = np.zeros(canvas.full[::-1], np.uint8)
    paths, depth = _network(canvas, pores, random)
    step = np.minimum((depth * (_LEVELS / _DEEPEST)).astype(int), _LEVELS)
    fixed = np.round((paths * canvas.scale - 0.5) * 16).astype(np.int32)
    for level in range(1, _LEVELS + 1):  # the deepest last: where lines meet, the deeper one goes through
        cv2.polylines(ink, list(fixed[step == level]), False, (round(255 * level / _LEVELS),), 1, cv2.LINE_AA, 4)
    lines = ink.astype(np.float32)
    del ink
    sigma = _WIDTH * canvas.scale
    lines *= np.float32(_DEEPEST / 255 * LINE_PEAK * sigma)
    cushions = blur(lines, 5.0 * sigma)
    cushions *= np.float32(1.25)
    cushions -= blur(lines, sigma)
    return cushions


def _network(canvas: Canvas, pores: Points, random: np.random.Generator) -> tuple[Points, NDArray[np.float64]]:
    """(paths (E, 3, 2) in canvas texels, their depths (E,)) of the lines between pores."""
    corners = pores[Delaunay(pores).simplices]
    centres = corners.mean(1) + random.normal(0, 1.2, (len(corners), 2))
    nodes = np.concatenate([pores, centres[random.random(len(centres)) < 0.34]])
    simplices = Delaunay(nodes).simplices
    edges = np.sort(np.concatenate([simplices[:, [0, 1]], simplices[:, [1, 2]], simplices[:, [0, 2]]]), 1)
    edges = np.unique(edges, axis=0)
    start, end = nodes[edges[:, 0]], nodes[edges[:, 1]]
    along = end - start
    length = np.hypot(*along.T)
    near = length < 48
    start, end, along, length = start[near], end[near], along[near], length[near]
    middle = (start + end) / 2
    middle += np.stack([-along[:, 1], along[:, 0]], 1) * random.normal(0, 0.07, len(along))[:, None]
    cosine = np.clip(np.abs((along * canvas.axis(middle)).sum(1)) / np.maximum(length, 1e-6), 0, 1)
    slant = np.arccos(cosine)  # 0 along the tension lines, pi / 2 across
    families = 0.72 + 0.22 * canvas.sample(canvas.noise("slant", 300, 1200), middle)
    age = canvas.identity.age
    depth = 0.42 + 0.85 * np.exp(-(((slant - families) / 0.28) ** 2)) + (0.25 + 0.5 * age) * np.exp(-((slant / 0.25) ** 2))
    depth *= random.lognormal(0, 0.45, len(depth))
    depth *= np.clip(1 + 0.3 * canvas.sample(canvas.noise("furrowed", 60, 300), middle), 0.2, 2)
    return np.stack([start, middle, end], 1), depth
