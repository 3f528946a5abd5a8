"""How shapes fade into the skin: steps, hills, and the profiles of round marks."""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array


def smoothstep(low: float, high: float, x: Array) -> Array:
    """0 below ``low``, 1 above ``high``, smooth between; falling where low > high."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)


def hill(x: Array, y: Array, cx: float, cy: float, rx: float, ry: float) -> Array:
    """A Gaussian hill about (cx, cy): 1 in the middle; rx and ry are its deviations."""
    return np.exp(np.float32(-0.5) * (((x - np.float32(cx)) / np.float32(rx)) ** 2 + ((y - np.float32(cy)) / np.float32(ry)) ** 2))


def bell(r: Array) -> Array:
    """A soft mound: .6 half-way out, nearly 0 at r = 1.5."""
    return np.exp(-2 * r * r)


def disc(r: Array, edge: float = 0.35) -> Array:
    """Flat to near the outline, then falling within ``edge`` of the radius on either side of it."""
    return smoothstep(1 + edge, 1 - edge, r)


def rim(r: Array, at: float) -> Array:
    """A raised ring about a pit: highest at r = ``at``, gone .6 from there."""
    return np.exp(-(((r - np.float32(at)) / np.float32(0.3)) ** 2))


def dome(r: Array) -> Array:
    """A rounded cap with a definite foot, as a raised mole has: sqrt-like near r = 1, no edge that would alias."""
    return np.sqrt(np.maximum(1 - (r / np.float32(1.12)) ** 2, 0)) * disc(r, 0.3)
