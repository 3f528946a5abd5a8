"""Stubble, the short hair of the temples and the fine hair all over a face: stroke by stroke."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .canvas import Canvas
from .falloff import smoothstep
from .growth import beard_density, growth_heading, temple_density
from .identity import generator
from .noise import blur
from .strokes import Points, curved_strokes, draw_hairs, offsets, scatter, stamp

_PITCH = 12.5  # canvas texels between follicles where a beard is full
_TEMPLE_PITCH, _TEMPLE_LENGTH = 7.5, 46.0


@dataclass
class Stubble:
    """Full-size planes unless said."""

    dark: Array  # share of a texel that hair covers, 0 .. 1
    grey: Array  # the same of hairs that have turned
    shadow: Array  # coarse grid: hair seen through the skin, 0 .. 1
    height: Array  # canvas texels: pits at the roots, the ridges of hairs that stand off


def draw_stubble(canvas: Canvas) -> Stubble:
    """All short hair of a subject."""
    person = canvas.identity
    beard, temple = canvas.shared(beard_density), temple_density(canvas)
    uneven = np.clip(1 + 0.16 * canvas.noise("root", 16, 70), 0.3, 2)
    seen = (0.15 + 0.85 * person.hair_melanin) * (1 - 0.5 * person.darkness) * (1 - 0.8 * person.hair_grey)
    shadow = seen * (0.5 * blur(beard, 45 * canvas.coarse_scale) * uneven * (1 - canvas.region("lips")) + 0.3 * temple**1.5)
    if not canvas.fine:
        mean = _mean_cover(canvas, beard, temple)
        dark, grey = (1 - np.exp(-share * mean) for share in (1 - person.hair_grey, person.hair_grey))
        return Stubble(dark, grey, shadow, np.zeros_like(mean))
    field = _Field(canvas)
    field.sow("beard", beard, _PITCH, _beard_length(canvas), 0.24, 3)
    field.sow("temple", temple, _TEMPLE_PITCH, _TEMPLE_LENGTH, 0.5, 4)
    field.sow("vellus", _vellus_density(canvas), 15.0, 24.0, 0.012 + 0.028 * person.hair_melanin, 3)
    return Stubble(*field.covers(), shadow, field.height)


def _beard_length(canvas: Canvas) -> float:
    return 2.7 * canvas.identity.stubble_length


def _mean_cover(canvas: Canvas, beard: Array, temple: Array) -> Array:
    """What the strokes cover on average, at full size, where texels are too large for strokes."""
    each = 0.44 * (_beard_length(canvas) + 4.1) / (0.866 * _PITCH**2)  # fitted to what the strokes cover
    return np.maximum(canvas.enlarge(each * beard + 0.58 * _TEMPLE_LENGTH / (0.866 * _TEMPLE_PITCH**2) * temple), 0)


def _vellus_density(canvas: Canvas) -> Array:
    """Where the fine hair shows: the upper lip, the sides of the cheeks, the brows' surroundings; not on lids and nose."""
    weight = canvas.mix(
        upper_lip=0.8, lateral=0.7, cheekbone=0.3, jaw=0.4, temple=0.5, cheek=0.25, forehead=0.25, orbit=-0.7, nose=-0.8
    )
    weight *= (1 - canvas.region("lips")) * (1 - canvas.region("eye_socket")) * (1 - canvas.region("ear"))
    weight = np.clip(weight * canvas.identity.vellus, 0, 0.9)
    return weight * np.clip(1 + 0.4 * canvas.noise("vellus", 100, 500), 0, 2)


class _Field:
    """The inks that hairs are drawn on, at the canvas's size."""

    def __init__(self, canvas: Canvas):
        self.canvas = canvas
        self.dark, self.grey, self.raised = (np.zeros(canvas.full[::-1], np.uint8) for _ in range(3))
        self.height = np.zeros(canvas.full[::-1], np.float32)

    def sow(self, name: str, density: Array, pitch: float, length: float, alpha: float, steps: int) -> None:
        """Draw hairs where they grow."""
        if density.max() < 0.02:
            return
        canvas, person, scale = self.canvas, self.canvas.identity, self.canvas.scale
        steps = steps if scale > 0.7 else 1  # segments shorter than a texel would hardly be drawn
        random = generator(person.seed, "hair", name)
        points = scatter(random, pitch, WIDTH, HEIGHT, 0.3)
        points = points[random.random(len(points)) < canvas.sample(density, points)]
        twins = random.random(len(points)) < 0.14  # two hairs from one follicle
        points = np.concatenate([points, points[twins] + random.normal(0, 1.6, (int(twins.sum()), 2))])
        count = len(points)
        thick = np.clip(canvas.sample(density, points) * 1.6, 0, 1)  # where hair thins out it is finer and shorter too
        vigour = random.lognormal(-0.05, 0.34, count) * (0.5 + 0.5 * thick)
        long = length * np.clip(random.gamma(5, 0.2, count), 0.25, 2.6) * (0.6 + 0.4 * vigour)
        if name == "beard":
            long *= self._missed(points, random)
        heading = growth_heading(canvas, points) + random.normal(0, 0.22, count) + _astray(random, count)
        strokes = curved_strokes(points, heading, long, random.normal(0, 0.4, count), steps)
        cover = np.clip(alpha * vigour, 0, 0.85)[:, None] * (np.linspace(1.25, 0.5, steps) if steps > 1 else 0.875)
        turned = random.random(count) < np.maximum(person.hair_grey, 0.015)
        coarse = random.random(count) < (0.25 if name == "temple" else 0.6) * vigour  # width and darkness go together only loosely
        cover[coarse] *= 0.75
        wide = coarse & (scale > 0.7)
        cover *= (scale * scale * _area(long, coarse) / _area(scale * long, wide))[:, None]
        for ink, kind in ((self.dark, ~turned), (self.grey, turned)):
            for thickness, some in ((1, kind & ~wide), (2, kind & wide)):
                draw_hairs(ink, strokes[some] * scale, cover[some], thickness)
        if name != "vellus":
            self._lift(points, strokes, vigour, random)

    def _missed(self, points: Points, random: np.random.Generator) -> NDArray[np.float64]:
        """Ratios of length: patches, mostly below the jaw, where the razor passed over the hair."""
        person = self.canvas.identity
        patch = self.canvas.sample(smoothstep(0.7, 1.5, self.canvas.noise("missed", 150, 500)), points)
        ratio = 1 + 1.6 * person.shave_missed * patch * (0.3 + (points[:, 1] > 3250))
        lone = random.random(len(points)) < 0.03 * person.shave_missed
        return np.where(lone, ratio * 2.4, ratio)

    def _lift(self, points: Points, strokes: NDArray[np.float64], vigour: NDArray[np.float64], random: np.random.Generator) -> None:
        """Each root lies in a pit on a low mound; the outer part of some hairs stands off the skin."""
        scale = self.canvas.scale
        for part in np.array_split(np.arange(len(points)), max(len(points) // 8192, 1)):
            dx, dy = offsets(points[part] * scale, int(np.ceil(9 * scale)))
            r2 = (dx * dx + dy * dy) / np.float32(scale * scale)
            depth, mound = (
                v.astype(np.float32)[:, None, None]
                for v in (0.42 * np.minimum(vigour[part], 1.8), 0.2 * random.lognormal(-0.3, 0.7, len(part)))
            )
            profile = mound * np.exp(r2 * np.float32(-1 / 40)) - depth * np.exp(r2 * np.float32(-1 / 7))
            stamp(self.height, points[part] * scale, int(np.ceil(9 * scale)), profile)
        off = random.random(len(points)) < 0.12 + 0.06 * self.canvas.identity.stubble_length
        rise = np.clip(random.gamma(3, 0.17, len(points)), 0.1, 1)[:, None] * np.linspace(0.5, 1, strokes.shape[1] - 1)
        draw_hairs(self.raised, strokes[off] * scale, rise[off], 1)

    def covers(self) -> tuple[Array, Array]:
        """(dark, grey), as wide as hairs are; the raised hairs go into the height."""
        sigma = max(0.9 * self.canvas.scale, 0.35)
        dark, grey, raised = (
            np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), np.float32) for ink in (self.dark, self.grey, self.raised)
        )
        for cover in (dark, grey, raised):
            cover *= np.float32(1 / 255)
        raised *= np.float32(1.6 * self.canvas.scale)
        self.height += raised
        self.height -= np.float32(0.5) * dark
        return dark, grey


def _area(length: NDArray[np.float64], wide: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Texels that an anti-aliased line of OpenCV covers, of thickness 2 where it is wide and else 1: measured."""
    return np.where(wide, 3.3 * length + 9.4, 1.33 * length + 0.25)


def _astray(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """A few hairs lie across all others."""
    return np.where(random.random(count) < 0.06, random.normal(0, 1.0, count), 0.0)
