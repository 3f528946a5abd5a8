"""Which of several customs a map follows, from its name, its format and its data; each answer says how it was found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..layout import Array
from ..slopes import slopes_of_displacement
from .bands import band
from .decoding import resized
from .naming import words
from .reading import Facts, Image

DECISIVE = 0.1  # a correlation below this decides nothing
WORKING_WIDTH = 1024  # texels: enough to see what a map is
MM_OF_INTEGERS = 2.2  # from black to white: the range of published displacement maps of faces
MM_OF_FLOATS = 1.0  # a float map is taken to hold millimetres
BRIGHTEST_LINEAR = 0.45  # median luminance: no skin reflects as much, so a brighter float map is sRGB-encoded
DARKEST_SRGB = 0.06  # and the darkest skin is encoded brighter than this

Slopes = tuple[Array, Array]


@dataclass(frozen=True)
class Decision:
    """What was decided, and by what."""

    value: str | float
    how: str

    def __str__(self) -> str:
        value = self.value if isinstance(self.value, str) else f"{self.value:.4g}"
        return f"{value} ({self.how})"


def albedo_encoding(image: Image, asked: str = "auto") -> Decision:
    """Encoded ("srgb") or "linear": as asked, else by a word in the name, else floats are linear and integers are not, unless the
    brightness speaks against it."""
    if asked != "auto":
        return Decision(asked, "as asked")
    for word in words(image.path):
        if word in ("srgb", "linear", "lin"):
            return Decision("srgb" if word == "srgb" else "linear", f"{word!r} in its name")
    luminance = float(np.median(image.sample() @ np.array([0.2126, 0.7152, 0.0722], np.float32)))
    if image.facts.is_float:
        if luminance > BRIGHTEST_LINEAR:
            return Decision("srgb", f"floats, but too bright for linear skin: median luminance {luminance:.2f}")
        return Decision("linear", "floats")
    if luminance < DARKEST_SRGB:
        return Decision("linear", f"{image.facts.bits}-bit, but too dark for encoded skin: median luminance {luminance:.2f}")
    return Decision("srgb", f"{image.facts.bits}-bit integers")


def normal_handedness(facts: Facts, slopes: Slopes, mask: Array, raw: Array | None, asked: str = "auto") -> Decision:
    """Green up ("opengl") or green down ("directx"): as asked, else by a word in the name, else from the data.

    slopes: dh/dx, dh/dy (y down) of the map read as OpenGL, (H, W). raw: the displacement in its file's units, or None.
    The slopes of any surface have no curl: d(dh/dx)/dy = d(dh/dy)/dx, and a turned green channel turns the sign. Against
    a displacement the two slopes must agree in sign; that a displacement may be inverted does not matter.
    """
    if asked != "auto":
        return Decision(asked, "as asked")
    for word in words(facts.path):
        if word in ("gl", "ogl", "opengl"):
            return Decision("opengl", f"{word!r} in its name")
        if word in ("dx", "directx", "ue", "unreal"):
            return Decision("directx", f"{word!r} in its name")
    ours = [_calmed(s, mask) for s in slopes]
    inside = _inner(mask)
    if raw is not None:
        theirs = [_calmed(s, mask) for s in slopes_of_displacement(raw, 1.0)]
        rx, ry = (correlation(a[inside], b[inside]) for a, b in zip(ours, theirs, strict=True))
        if min(abs(rx), abs(ry)) > DECISIVE:
            how = f"its slopes and those of the displacement correlate by {rx:+.2f} and {ry:+.2f}"
            return Decision("opengl" if rx * ry > 0 else "directx", how)
    mixed = slopes_of_displacement(ours[0], 1.0)[1], slopes_of_displacement(ours[1], 1.0)[0]
    curl = correlation(mixed[0][inside], mixed[1][inside])
    if abs(curl) > DECISIVE:
        return Decision("opengl" if curl > 0 else "directx", f"its mixed derivatives correlate by {curl:+.2f}")
    return Decision("opengl", f"assumed: the data does not tell (mixed derivatives correlate by {curl:+.2f})")


def displacement_scale(
    facts: Facts, raw: Array, slopes: Slopes | None, mask: Array, texel: float, asked: float | None = None
) -> Decision:
    """Millimetres for a step of 1 (white - black, or 1.0 of a float): as asked, else from the normals, else assumed.

    raw: (H, W) in the file's units. slopes: dh/dx, dh/dy (y down) from the normal map. Both are calmed to the same waves;
    the ratio of their strengths is the scale (noise in either one would bias a least-squares slope towards 0), the sign
    of their correlation its sign: negative for a map where black is high.
    """
    if asked is not None:
        return Decision(asked, "as asked")
    if slopes is not None:
        inside = _inner(mask)
        ours, theirs = (
            _without_edges(np.concatenate([_calmed(s, mask)[inside] for s in pair]))
            for pair in (slopes_of_displacement(raw, texel), slopes)
        )
        r = correlation(ours, theirs)
        if abs(r) > 3 * DECISIVE:
            mm = math.copysign(float(theirs.std() / ours.std()), r)
            return Decision(mm, f"from the normals, whose slopes correlate by {r:+.2f}")
    if facts.is_float:
        return Decision(MM_OF_FLOATS, "assumed: floats in mm")
    return Decision(MM_OF_INTEGERS, "assumed: the usual range of a face's detail")


def displacement_zero(facts: Facts, raw: Array, mask: Array) -> Decision:
    """The value (white = 1) of the base surface: 0 in signed floats, else mid-grey where the median is near, else the median."""
    if facts.is_float and float(raw.min()) < 0:
        return Decision(0.0, "signed floats")
    middle = float(np.median(raw[mask > 0.5])) if (mask > 0.5).any() else 0.5
    if abs(middle - 0.5) < 0.1:
        return Decision(0.5, "mid-grey")
    if facts.is_float and abs(middle) < 0.1:
        return Decision(0.0, "floats about 0")
    return Decision(middle, "the median: mid-grey is far from it")


def correlation(one: Array, other: Array) -> float:
    """Pearson's, of two lists of values without their steepest edges; 0 when one is constant."""
    one, other = _without_edges(one), _without_edges(other)
    spread = float(one.std() * other.std()) if one.size else 0.0
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread) if spread > 0 else 0.0


def _without_edges(values: Array) -> Array:
    """Clipped at four times the usual strength: borders of UV islands, ears and seams would outweigh all of the skin."""
    usual = float(np.median(np.abs(values))) if values.size else 0.0
    return np.clip(values, -4 * usual, 4 * usual) if usual else values


def _calmed(plane: Array, mask: Array) -> Array:
    """Waves of 8 to 128 texels at a width of 1024 at most: finer ones are noise, compression or lacking in one of two
    files, coarser ones painted or baked apart."""
    return band(_reduced(plane), _reduced(mask), 1.0, 8, 128)


def _inner(mask: Array) -> NDArray[np.bool_]:
    """Where no derivative reaches over the mask's border, at the size of ``_calmed``."""
    return np.asarray(cv2.erode((_reduced(mask) > 0.99).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)


def _reduced(plane: Array) -> Array:
    height, width = plane.shape
    return resized(plane, (WORKING_WIDTH, round(height * WORKING_WIDTH / width))) if width > WORKING_WIDTH else plane
