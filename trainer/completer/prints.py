"""What an albedo shows that is no relief: hairs, freckles, moles, blotches, grain, and skin that was painted over.

Patterns repeat, turned and scaled by chance, and are kept at every coarser size, so that each level sees its own average of them.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import Array

from .fields import read_field

SIDE = 512  # texels of a pattern
KINDS = ("hairs", "spots", "grain")
SHARE = 0.3  # of worn faces that have each kind
LEAST, MOST = 2.0, 40.0  # canvas texels (of a canvas 6144 wide) that one texel of a pattern covers
CANVAS = 6144


@cache
def pattern(kind: str) -> tuple[Array, ...]:
    """A pattern, periodic, and its halvings: 0 to 1 of ink for hairs and spots, mean 0 and sigma 1 for grain."""
    rng = np.random.default_rng([17, KINDS.index(kind)])
    tiled: Array = np.zeros((SIDE, SIDE), np.float32)
    if kind == "hairs":
        drawn = np.zeros((2 * SIDE, 2 * SIDE), np.float32)
        for _ in range(900):
            begin, turned, length = rng.uniform(0, SIDE, 2), rng.normal(0, 0.35), rng.gamma(4.0, 5.0)
            end = begin + length * np.array([np.sin(turned), np.cos(turned)]) + SIDE / 4
            first, last = ([int(16 * x) for x in p] for p in (begin + SIDE / 4, end))  # in sixteenths of a texel
            cv2.line(drawn, first, last, [float(rng.uniform(0.3, 1))], 1, cv2.LINE_8, 4)
        tiled = _blurred(drawn.reshape(2, SIDE, 2, SIDE).max(axis=(0, 2)), 0.7)
        tiled /= tiled.max()
    elif kind == "spots":
        for count, radius in ((500, 1.5), (120, 3.5), (25, 8.0)):
            dots = np.zeros_like(tiled)
            dots[tuple(rng.integers(0, SIDE, (2, count)))] = rng.uniform(0.2, 1, count)
            tiled = np.maximum(tiled, _blurred(dots, radius) * np.float32(2 * np.pi * radius**2))
        tiled = tiled.clip(0, 1)
    else:
        noise = rng.standard_normal(tiled.shape).astype(np.float32)
        tiled = _blurred(noise, 1.0) - _blurred(noise, 2.5)
        tiled /= tiled.std()
    sizes = [tiled]
    while sizes[-1].shape[0] > 8:
        sizes.append(np.asarray(cv2.resize(sizes[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32))
    return tuple(sizes)


class Prints:
    """The prints of one face."""

    def __init__(self, rng: np.random.Generator):
        self.layers = [_Layer(rng, kind) for kind in KINDS if rng.random() < SHARE]

    def __call__(self, where: tuple[Array, Array], size: tuple[int, int]) -> Array:
        """(h, w, 3): what they leave of the light, at places (u, v). size: (height, width) of the level."""
        ink: Array = np.zeros((*where[0].shape, 3), np.float32)
        for layer in self.layers:
            ink += layer(where, size)
        return np.exp(-ink)


class _Layer:
    def __init__(self, rng: np.random.Generator, kind: str):
        self.kind = kind
        self.texels = float(np.exp(rng.uniform(np.log(LEAST), np.log(MOST / 4 if kind == "hairs" else MOST))))
        turned = rng.uniform(0, 2 * np.pi)
        self.turn = np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]]) * CANVAS / self.texels
        self.start = rng.uniform(0, SIDE, 2)
        colour = np.array([1.0, 1.0, 1.0]) if kind == "hairs" else np.array([rng.uniform(0.3, 0.8), 1.0, rng.uniform(0.8, 1.3)])
        strength = np.exp(rng.uniform(np.log(0.005), np.log(0.04))) if kind == "grain" else rng.uniform(0.05, 0.7)
        self.ink = (strength * colour).astype(np.float32)
        self.gate = rng.normal(rng.uniform(-0.5, 1), 0.8, (5, 7)).astype(np.float32)

    def __call__(self, where: tuple[Array, Array], size: tuple[int, int]) -> Array:
        u, v = where[0], where[1] * np.float32(size[0] / size[1])
        x, y = (a * u + b * v + start for (a, b), start in zip(self.turn, self.start, strict=True))
        octave = max(np.log2(CANVAS / size[1] / self.texels), 0.0)
        sizes = pattern(self.kind)
        low = min(int(octave), len(sizes) - 2)
        part = np.float32(min(octave - low, 1.0))
        found = (1 - part) * _wrapped(sizes[low], x, y) + part * _wrapped(sizes[low + 1], x, y)
        gate = read_field(self.gate[..., None], where)[..., 0].clip(0, 1)
        return (found * gate)[..., None] * self.ink


def _wrapped(tile: Array, x: Array, y: Array) -> Array:
    """A periodic pattern at places in texels of its full size."""
    scale = tile.shape[0] / SIDE
    x, y = ((p * scale - 0.5).astype(np.float32) for p in (x, y))
    return np.asarray(cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


def _blurred(tile: Array, sigma: float) -> Array:
    """A Gaussian blur of a periodic pattern."""
    around = int(4 * sigma) + 1
    padded = cv2.GaussianBlur(np.pad(tile, around, mode="wrap"), (0, 0), sigma)
    return np.asarray(padded[around:-around, around:-around], np.float32)
