"""Pores: where they are, how deep and wide by region, and their pits in the height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .canvas import Canvas
from .identity import generator
from .strokes import Points, offsets, scatter, stamp

_STRONG = 0.45  # depth, in canvas texels, of a pit that counts as 1

_KEEP = {"nose": 0.2, "under_eye": -0.5, "lids": -0.7, "ear": -0.6, "neck": -0.35, "lateral": -0.15, "hair": -0.3}
_DEPTH = {
    "nose": 0.5,
    "nose_tip": 0.25,
    "ala": 0.4,
    "cheek": 0.35,
    "forehead": 0.05,
    "glabella": 0.3,
    "chin": 0.2,
    "lateral": -0.3,
    "neck": -0.4,
    "under_eye": -0.4,
}


@dataclass
class Pores:
    """points: (N, 2) canvas texels of all follicles of the skin. open: (N,) which of them are pits, that depth and sigma
    (N,) in canvas texels describe."""

    points: Points
    open: NDArray[np.bool_]
    depth: NDArray[np.float64]
    sigma: NDArray[np.float64]


def sow_pores(canvas: Canvas) -> Pores:
    """Where a subject's follicles are: a jittered hexagonal grid inside the mask, off the lips and the eyes."""
    person = canvas.identity
    random = generator(person.seed, "pores")
    points = scatter(random, person.pore_pitch, WIDTH, HEIGHT, 0.16)
    luck = random.random(len(points))
    strong = random.random(len(points)) < 0.3  # some 50 to 70 a square centimetre are plain to see
    depth = np.where(strong, 0.40, 0.12) * random.lognormal(0, 0.45, len(points))
    sigma = 2.65 * person.pore_size**0.6 * np.clip(random.lognormal(0, 0.3, len(points)), 0.5, 1.9)
    bare = np.maximum(np.maximum(canvas.region("lips"), canvas.region("eye_socket")), canvas.region("nostril"))
    skin = (canvas.sample(canvas.coarse_mask, points) > 0) & (canvas.sample(bare, points) < 0.5)
    points, luck, depth, sigma = points[skin], luck[skin], depth[skin], sigma[skin]
    keep = (0.8 + canvas.mix(**_KEEP)) * (1 - bare)
    depth *= person.pore_size * np.clip(canvas.sample(0.8 + canvas.mix(**_DEPTH), points), 0.1, 2)
    return Pores(points, luck < canvas.sample(keep, points), depth, sigma)


def draw_pores(canvas: Canvas, pores: Pores) -> Array:
    """Pits at full size: 1 in a strong one, about -.1 on its ring; none where texels are too big.

    A pit is drawn out along the tension lines, more with age, and leans to one side, as a hair leaves the skin.
    """
    plane = np.zeros(canvas.full[::-1], np.float32)
    if not canvas.fine:
        return plane
    person = canvas.identity
    random = generator(person.seed, "pits")
    points, depth = pores.points[pores.open], pores.depth[pores.open] / _STRONG
    sigma = pores.sigma[pores.open] * canvas.scale
    cosine, sine = canvas.axis(points).T
    stretch = 1 + (0.15 + 0.5 * person.age) * random.random(len(points))
    lean = random.normal(0, 0.16, (len(points), 2))
    points = points * canvas.scale
    radius = int(np.ceil(3.0 * np.quantile(sigma, 0.97)))
    for part in np.array_split(np.arange(len(points)), max(len(points) // 8192, 1)):
        dx, dy = offsets(points[part], radius)
        c, s, k, u, v = (q[part].astype(np.float32)[:, None, None] for q in (cosine, sine, stretch, *lean.T))
        inverse = (1 / sigma[part]).astype(np.float32)[:, None, None]
        along, across = (c * dx + s * dy) * inverse / k, (c * dy - s * dx) * inverse
        r2 = along * along + across * across
        profile = np.exp(np.float32(-0.5) * r2) * (1 + u * along + v * across)
        profile -= np.float32(0.13) * np.exp(-(((np.sqrt(r2) - np.float32(2.2)) / np.float32(0.55)) ** 2))
        profile *= depth[part].astype(np.float32)[:, None, None]
        stamp(plane, points[part], radius, profile)
    return plane
