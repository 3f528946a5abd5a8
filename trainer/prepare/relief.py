"""Displacement from slopes, and bands of displacement. Lengths in millimetres.

What is integrated here gives back its slopes by the central differences of ``runtime.slopes``.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import fft

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.slopes import slopes_of_displacement

# Of neighbours' steps in the integral: it changes waves of 8 texels by three ten-thousandths, of 4 by two thousandths. A
# smaller one lets slopes that are no central differences (baked from a finer mesh) make more of a checker.
NEIGHBOUR_WEIGHT = np.float32(0.002)
TOLERANCE = 1e-4  # of the residual, relative, in the integral
MOST_ROUNDS = 60


def integrate(dx: Array, dy: Array, texel: float, mask: Array) -> Array:
    """The displacement (H, W) in mm whose slopes over the mask come closest to dx, dy in the least-squares sense.

    Where the mask is 0 the slopes count for nothing: the solution ends freely at the mask's border, and is 0 outside.
    Its mean over the mask is 0. Central differences see neither of the two halves of a checker against the other;
    steps between neighbours, given a small weight, tie them together.

    Conjugate gradients on the Poisson equation of the weighted problem, preconditioned by its solution on the whole
    rectangle in the cosine basis (Frankot and Chellappa 1988, with mirrored borders; Ghiglia and Romero 1994 for the
    weights).
    """
    known = (mask > 0).astype(np.float32)
    if not known.any():
        return known
    solve = _RectanglePoisson(dx.shape)
    problem = _WeightedPoisson(known * solve.share)
    residual = problem.right_side(dx, dy)
    residual *= np.float32(texel)
    h = np.zeros_like(residual)
    direction = z = solve(residual)
    energy = first = _dot(residual, z)
    for _ in range(MOST_ROUNDS):
        if energy <= first * TOLERANCE**2:
            break
        ahead = problem(direction)
        step = np.float32(energy / _dot(direction, ahead))
        h += step * direction
        residual -= step * ahead
        z = solve(residual)
        before, energy = energy, _dot(residual, z)
        direction = z + np.float32(energy / before) * direction
    h -= np.float32(h[known > 0].mean(dtype=np.float64))
    h *= known
    return h


def _dot(a: Array, b: Array) -> float:
    return float(np.einsum("ij,ij->", a, b, dtype=np.float64))


class _WeightedPoisson:
    """The normal equations of the slopes where they are known: central differences, and a little of neighbours' steps."""

    def __init__(self, known: Array):
        self.known = known
        self.beside = NEIGHBOUR_WEIGHT * np.minimum(known[:, 1:], known[:, :-1])
        self.below = NEIGHBOUR_WEIGHT * np.minimum(known[1:], known[:-1])

    def __call__(self, h: Array) -> Array:
        dx, dy = slopes_of_displacement(h, 1.0)
        return self._transposed(dx, dy, self.beside * np.diff(h, axis=1), self.below * np.diff(h, axis=0))

    def right_side(self, dx: Array, dy: Array) -> Array:
        """What slopes per texel ask for; a step between neighbours is the mean of their slopes."""
        half = np.float32(0.5)
        steps = (self.beside * (dx[:, 1:] + dx[:, :-1]) * half, self.below * (dy[1:] + dy[:-1]) * half)
        return self._transposed(dx, dy, *steps)

    def _transposed(self, dx: Array, dy: Array, beside: Array, below: Array) -> Array:
        out = np.zeros_like(self.known)
        half = np.float32(0.5)
        dx, dy = (half * self.known * g for g in (dx, dy))
        out[:, 2:] += dx[:, 1:-1]  # a mirrored central difference is 0 in the first and last column or row
        out[:, :-2] -= dx[:, 1:-1]
        out[2:] += dy[1:-1]
        out[:-2] -= dy[1:-1]
        out[:, 1:] += beside
        out[:, :-1] -= beside
        out[1:] += below
        out[:-1] -= below
        return out


class _RectanglePoisson:
    """Solves the same over the whole rectangle, where the cosine transform makes it a division.

    share (H, W): of each texel in its mirrored, periodic continuation: 1, at the borders 1/2, at the corners 1/4.
    """

    def __init__(self, shape: tuple[int, ...]):
        power = np.zeros(shape)
        self.share = np.ones(shape, np.float32)
        for n, along in zip(shape, ((slice(None), None), (None, slice(None))), strict=True):
            angle = np.linspace(0, math.pi, n)
            power += (np.sin(angle) ** 2 + NEIGHBOUR_WEIGHT * 2 * (1 - np.cos(angle)))[along]
            share = np.ones(n, np.float32)
            share[[0, -1]] = 0.5
            self.share *= share[along]
        power[0, 0] = np.inf
        self.gain = (1 / power).astype(np.float32)

    def __call__(self, right: Array) -> Array:
        spectrum = fft.dctn(right / self.share, type=1, overwrite_x=True)
        spectrum *= self.gain
        return fft.idctn(spectrum, type=1, overwrite_x=True)
