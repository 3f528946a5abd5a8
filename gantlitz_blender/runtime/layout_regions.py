"""Smooth weights of the face's regions, built on the landmarks of ``layout``.

Each weight is 0 to 1, (H, W) float32, mirror symmetric, and made of ellipses and bands whose edges are tens of texels
wide or more. Regions overlap: they are gains to mix, not a partition.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import layout
from .layout import Array

_EYE_HALF_WIDTH, _EYE_HALF_HEIGHT, _EYE_TILT = 203.0, 150.0, 0.107


def _step(low: float, high: float, x: Array) -> Array:
    """0 below ``low``, 1 above ``high``, smooth between; falling where low > high."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _blob(a: Array, y: Array, ca: float, cy: float, ra: float, ry: float, tilt: float = 0.0) -> Array:
    """A Gaussian about (ca, cy) of standard deviations ra and ry; tilt in radians, positive turns outward-down."""
    da, dy = a - np.float32(ca), y - np.float32(cy)
    if tilt:
        c, s = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
        da, dy = c * da + s * dy, c * dy - s * da
    return np.exp(np.float32(-0.5) * ((da / np.float32(ra)) ** 2 + (dy / np.float32(ry)) ** 2))


def _oval(a: Array, y: Array, ca: float, cy: float, ra: float, ry: float, soft: float, tilt: float = 0.0) -> Array:
    """1 inside an ellipse, 0 outside, the edge soft over +-``soft`` of the radius."""
    da, dy = a - np.float32(ca), y - np.float32(cy)
    if tilt:
        c, s = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
        da, dy = c * da + s * dy, c * dy - s * da
    radius = np.sqrt((da / np.float32(ra)) ** 2 + (dy / np.float32(ry)) ** 2)
    return _step(1 + soft, 1 - soft, radius)


def curve_distance(a: Array, y: Array, name: str, reach: float, steps: int = 3) -> Array:
    """Distance in canvas texels from half-face points to a named curve, broadcast to (H, W).

    Farther away than ``reach`` it may be infinite: only the curve's surroundings are worked out.
    """
    points = layout.half_curve(name, steps).astype(np.float32)
    a, y = np.broadcast_arrays(a, y)
    distance = np.full(a.shape, np.inf, np.float32)
    (left, top), (right, bottom) = points.min(0) - reach, points.max(0) + reach
    near = (a > left) & (a < right) & (y > top) & (y < bottom)
    a, y = a[near], y[near]
    nearest = np.full(a.shape, np.inf, np.float32)
    for (pa, py), (qa, qy) in pairwise(points):
        ea, ey = qa - pa, qy - py
        t = np.clip(((a - pa) * ea + (y - py) * ey) / (ea * ea + ey * ey), 0, 1)
        np.minimum(nearest, (a - pa - t * ea) ** 2 + (y - py - t * ey) ** 2, out=nearest)
    distance[near] = np.sqrt(nearest)
    return distance


def _band(a: Array, y: Array, name: str, sigma: float) -> Array:
    return np.exp(-0.5 * (curve_distance(a, y, name, 5 * sigma) / np.float32(sigma)) ** 2)


def eye_opening(u: ArrayLike, v: ArrayLike) -> Array:
    """The opening between the lids as a field: below 1 inside, 1 on the lid margin, above 1 outside.

    |dy / h|^1.55 + |da / w|^2.2 about the eye centre, tilted so that the outer corner is the higher one.
    """
    a, y = layout.half_face(u, v)
    ca, cy = layout.half_point("eye_centre")
    da = a - np.float32(ca)
    dy = y - np.float32(cy) + np.float32(_EYE_TILT) * da
    return np.abs(dy / np.float32(_EYE_HALF_HEIGHT)) ** 1.55 + np.abs(da / np.float32(_EYE_HALF_WIDTH)) ** 2.2


def _table(points: NDArray[np.float64]) -> Array:
    """The second column over the first, at every half texel from 0: a look-up where np.interp would be slow."""
    return np.interp(np.arange(0, layout.WIDTH, 0.5), points[:, 0], points[:, 1]).astype(np.float32)


def _look_up(table: Array, x: Array) -> Array:
    return table[np.clip(x * 2 + np.float32(0.5), 0, len(table) - 1).astype(np.int32)]


def lip_edges(a: ArrayLike) -> tuple[Array, Array, Array]:
    """For distances a from the midline in canvas texels: y of upper edge, line between the lips, lower edge.

    Beyond the corners the three meet.
    """
    a = np.asarray(a, np.float32)
    upper, line, lower = (_look_up(table, a) for table in _LIP_TABLES)
    return upper, line, lower


_JAW = _table(layout.half_curve("jaw"))
_HAIRLINE = _table(layout.half_curve("hairline")[:, ::-1])
_LIP_TABLES = tuple(_table(layout.half_curve(name)) for name in ("upper_lip", "mouth_line", "lower_lip"))
_BEARD_TOP = _table(
    layout.spline(((0, 2430), (330, 2450), (540, 2590), (830, 2650), (1200, 2560), (1560, 2330), (1820, 2000), (2000, 1700)))
)
_BEARD_LOW = _table(layout.spline(((0, 3800), (500, 3790), (1100, 3680), (1600, 3430), (2000, 3150))))


def _vermilion(a: Array, y: Array, which: str) -> Array:
    """The red of the lips, its edge soft over about 1 mm."""
    upper, line, lower = lip_edges(a)
    top, bottom = {"lips": (upper, lower), "upper": (upper, line), "lower": (line, lower)}[which]
    return _step(-10, 10, np.minimum(y - top, bottom - y) + 0 * a) * _step(402, 380, a)


def _beard(a: Array, y: Array) -> Array:
    """Where a beard grows: upper lip, chin, jaw, lower cheek up to the sideburn, the top of the neck."""
    border, low = _look_up(_BEARD_TOP, a), _look_up(_BEARD_LOW, a)
    weight = _step(-110, 110, y - border) * _step(180, -180, y - low) * _step(2080, 1930, a)
    weight *= 1 - 0.75 * _blob(a, y, 250, 3010, 120, 70)  # thin beside the soul patch
    return weight * (1 - _vermilion(a, y, "lips"))


def _hair(a: Array, y: Array) -> Array:
    """Scalp beyond the hairline: temples and sideburns, above and behind; not the ear."""
    line = np.where(y < 200, np.float32(0), _look_up(_HAIRLINE, y))
    return _step(-70, 70, a - line) * _step(2080, 1930, y) * (1 - _ear(a, y, 1.06))


def _ear(a: Array, y: Array, scale: float = 1.0) -> Array:
    ca, cy = layout.half_point("ear_centre")
    return _oval(a, y, ca, cy, 365 * scale, 715 * scale, 0.05, 0.16)


def _eye(a: Array, y: Array, low: float, high: float) -> Array:
    """1 where the eye field is below ``low``, 0 above ``high``."""
    return _step(high, low, eye_opening(a / np.float32(layout.WIDTH) + np.float32(0.5), y / np.float32(layout.HEIGHT)))


_TABLE: dict[str, Callable[[Array, Array], Array]] = {
    "forehead": lambda a, y: _step(1230, 1030, y) * _step(1650, 1250, a),
    "glabella": lambda a, y: _blob(a, y, 0, 1230, 150, 150),
    "temple": lambda a, y: _blob(a, y, 1420, 1180, 230, 280),
    "brow": lambda a, y: _band(a, y, "brow", 48),
    "orbit": lambda a, y: _blob(a, y, 600, 1460, 290, 230),
    "upper_lid": lambda a, y: _blob(a, y, 600, 1350, 210, 60) * _step(1500, 1420, y),
    "lower_lid": lambda a, y: _blob(a, y, 590, 1640, 210, 62) * _step(1480, 1560, y),
    "lids": lambda a, y: _eye(a, y, 1.5, 3.2) * (1 - _eye(a, y, 0.9, 1.1)),
    "eye_socket": lambda a, y: _eye(a, y, 0.9, 1.1),  # what lies between the lids: filled, for the eyeball covers it
    "under_eye": lambda a, y: _blob(a, y, 560, 1725, 210, 80, 0.08),
    "crows_feet": lambda a, y: _blob(a, y, 1010, 1480, 150, 170),
    "tear_trough": lambda a, y: _band(a, y, "tear_trough", 34),
    "nose": lambda a, y: _oval(a, y, 0, 1980, 330, 480, 0.3),
    "nose_bridge": lambda a, y: _blob(a, y, 0, 1730, 120, 230),
    "nose_tip": lambda a, y: _blob(a, y, 0, 2130, 170, 140),
    "ala": lambda a, y: _blob(a, y, 285, 2270, 80, 90),
    "alar_crease": lambda a, y: _band(a, y, "alar_rim", 15),
    "nostril": lambda a, y: _oval(a, y, 166, 2325, 92, 62, 0.22, -0.42),
    "cheek": lambda a, y: _blob(a, y, 900, 2010, 330, 300, 0.3),
    "cheekbone": lambda a, y: _blob(a, y, 1200, 1780, 300, 150, -0.2),
    "nasolabial": lambda a, y: _band(a, y, "nasolabial", 30),
    "marionette": lambda a, y: _band(a, y, "marionette", 30),
    "philtrum": lambda a, y: _blob(a, y, 0, 2540, 55, 90),
    "upper_lip": lambda a, y: _blob(a, y, 170, 2570, 190, 100) * (1 - _vermilion(a, y, "lips")),
    "lips": lambda a, y: _vermilion(a, y, "lips"),
    "lip_upper": lambda a, y: _vermilion(a, y, "upper"),
    "lip_lower": lambda a, y: _vermilion(a, y, "lower"),
    "mouth_corner": lambda a, y: _blob(a, y, 400, 2815, 42, 34),
    "mentolabial": lambda a, y: _blob(a, y, 0, 3025, 230, 60),
    "chin": lambda a, y: _blob(a, y, 0, 3260, 290, 190),
    "jaw": lambda a, y: _band(a, y, "jaw", 210),
    "beard": _beard,
    "moustache": lambda a, y: _beard(a, y) * _blob(a, y, 200, 2570, 220, 120),
    "lateral": lambda a, y: _step(1150, 1850, a) * _step(3300, 2600, y),
    "hair": _hair,
    "ear": lambda a, y: _ear(a, y),
    "helix": lambda a, y: _band(a, y, "ear", 55) * _step(1950, 1650, y + 0.5 * (2430 - a)),
    "concha": lambda a, y: _oval(a, y, 2330, 1890, 130, 230, 0.3, -0.2),
    "neck": lambda a, y: _step(-40, 260, y - _look_up(_JAW, a)),
}

REGIONS: Mapping[str, Callable[[Array, Array], Array]] = MappingProxyType(_TABLE)
"""Region name -> weight as a function of half-face texels (a, y); ``region`` is the same for (u, v)."""


def region(name: str, u: ArrayLike, v: ArrayLike) -> Array:
    """The weight of a named region at (u, v), 0 to 1, broadcast to (H, W) float32."""
    a, y = layout.half_face(u, v)
    weight = REGIONS[name](a, y)
    return np.broadcast_to(weight, np.broadcast_shapes(a.shape, y.shape)).astype(np.float32)
