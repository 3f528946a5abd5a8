"""The UV layout: one definition of where a face lies in its texture, for the capture, the preview head and the tools.

Coordinates are (u, v) in [0, 1], u from the left, v from the top; the texel in column x and row y of a W x H texture
has its centre at u = (x + 0.5) / W, v = (y + 0.5) / H. The canvas is 6144 x 4096 texels at 18.5 texels a millimetre.
The layout is mirror symmetric about u = 0.5. "left" and "right" mean the sides of the image: left is u < 0.5.

Shapes are written down once, in half-face texels (a, y): a = |u - 0.5| * 6144 outward from the midline, y = v * 4096.
Positions follow published sample textures of this common 3:2 layout; outlines, regions and tension lines are ours.

Every function takes arrays of u and v that broadcast against each other, so any size and any crop can be evaluated:
``u, v = uv_grid(768, 512)`` and then ``region("cheek", u, v)``.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

WIDTH = 6144
HEIGHT = 4096
TEXELS_PER_MM = 18.5
MASK_EDGE = 48.0  # texels of the canvas over which the mask falls from 1 to 0, inward from the outline

Array = NDArray[np.float32]

# Half-face texels (a, y). Points with a = 0 lie on the midline and exist once; the others exist on both sides.
_HALF_LANDMARKS: dict[str, tuple[float, float]] = {
    "forehead_top": (0, 290),
    "hairline": (0, 340),
    "forehead": (0, 760),
    "glabella": (0, 1210),
    "nasion": (0, 1440),
    "nose_bridge": (0, 1720),
    "nose_tip": (0, 2110),
    "subnasale": (0, 2425),
    "philtrum": (0, 2540),
    "cupid_dip": (0, 2682),
    "mouth_centre": (0, 2792),
    "lower_lip_bottom": (0, 2922),
    "mentolabial": (0, 3035),
    "chin": (0, 3260),
    "menton": (0, 3480),
    "neck": (0, 3900),
    "eye_centre": (593, 1485),
    "inner_canthus": (392, 1508),
    "outer_canthus": (794, 1465),
    "upper_lid": (590, 1336),
    "lower_lid": (592, 1636),
    "brow_inner": (230, 1250),
    "brow_peak": (790, 1100),
    "brow_outer": (1060, 1270),
    "forehead_side": (900, 700),
    "temple": (1450, 1180),
    "cheek": (860, 1980),
    "cheekbone": (1250, 1800),
    "nostril": (166, 2325),
    "ala": (335, 2280),
    "alar_crease": (318, 2170),
    "cupid_peak": (80, 2657),
    "mouth_corner": (394, 2813),
    "chin_side": (430, 3300),
    "jaw": (1000, 3230),
    "jaw_angle": (1770, 2680),
    "sideburn": (1900, 1620),
    "tragus": (2120, 1850),
    "ear_centre": (2427, 1765),
    "ear_top": (2450, 1060),
    "ear_back": (2770, 1500),
    "ear_lobe": (2300, 2440),
    "neck_side": (900, 3850),
}

# Curves of the right half in half-face texels, drawn smoothly through these points.
_HALF_CURVES: dict[str, tuple[tuple[float, float], ...]] = {
    "brow": ((230, 1250), (340, 1192), (560, 1130), (790, 1100), (940, 1160), (1060, 1270)),
    "upper_lid": ((392, 1508), (450, 1410), (520, 1355), (600, 1336), (680, 1357), (750, 1405), (794, 1465)),
    "lower_lid": ((392, 1508), (450, 1568), (520, 1618), (600, 1636), (680, 1613), (750, 1555), (794, 1465)),
    "lid_crease": ((400, 1420), (455, 1330), (530, 1275), (620, 1262), (710, 1288), (790, 1345), (850, 1430)),
    "tear_trough": ((360, 1590), (430, 1690), (540, 1760), (680, 1790), (830, 1760)),
    "nasolabial": ((330, 2150), (430, 2280), (530, 2440), (600, 2620), (620, 2800)),
    "alar_rim": ((318, 2165), (368, 2225), (376, 2300), (330, 2375), (240, 2400)),
    "marionette": ((410, 2840), (470, 2940), (500, 3080)),
    "upper_lip": ((0, 2682), (80, 2657), (170, 2680), (285, 2742), (394, 2813)),
    "mouth_line": ((0, 2794), (90, 2786), (200, 2799), (300, 2806), (394, 2813)),
    "lower_lip": ((0, 2922), (130, 2914), (245, 2880), (330, 2842), (394, 2813)),
    "jaw": ((0, 3480), (430, 3440), (1000, 3230), (1480, 2940), (1770, 2680), (1960, 2400)),
    "hairline": ((0, 200), (900, 215), (1420, 330), (1700, 620), (1780, 980), (1860, 1350), (1960, 1700), (2010, 1980)),
    "ear": (
        (2190, 2430),
        (2320, 2475),
        (2440, 2400),
        (2560, 2180),
        (2690, 1900),
        (2778, 1560),
        (2740, 1250),
        (2600, 1085),
        (2420, 1050),
        (2250, 1120),
        (2130, 1330),
        (2090, 1600),
        (2110, 1850),
        (2120, 2150),
        (2140, 2330),
    ),
}

# The face's outline in half-face texels, from above the forehead to below the canvas.
_OUTLINE: tuple[tuple[float, float], ...] = (
    (0, 287),
    (420, 296),
    (790, 348),
    (1150, 465),
    (1490, 640),
    (1830, 800),
    (2160, 915),
    (2450, 1005),
    (2680, 1155),
    (2800, 1390),
    (2818, 1680),
    (2750, 1980),
    (2610, 2270),
    (2420, 2490),
    (2170, 2625),
    (1900, 2760),
    (1650, 2960),
    (1460, 3210),
    (1320, 3480),
    (1220, 3780),
    (1170, 4100),
    (1150, 4500),
)
_OUTLINE_CENTRE = 2200.0  # y of the point on the midline from which the outline is seen as a function of the angle


def _mirrored() -> Mapping[str, tuple[float, float]]:
    points: dict[str, tuple[float, float]] = {}
    for name, (a, y) in _HALF_LANDMARKS.items():
        if a == 0:
            points[name] = (0.5, y / HEIGHT)
        else:
            points[f"{name}_left"] = (0.5 - a / WIDTH, y / HEIGHT)
            points[f"{name}_right"] = (0.5 + a / WIDTH, y / HEIGHT)
    return MappingProxyType(points)


LANDMARKS: Mapping[str, tuple[float, float]] = _mirrored()
"""Every named point in (u, v): midline points by name, the others with ``_left`` (u < 0.5) and ``_right``."""

CURVES: tuple[str, ...] = tuple(_HALF_CURVES)
"""The names that ``curve`` knows."""


def landmark(name: str) -> tuple[float, float]:
    """(u, v) of a landmark, e.g. ``"nose_tip"`` or ``"eye_centre_left"``; KeyError where there is none of that name."""
    return LANDMARKS[name]


def half_point(name: str) -> tuple[float, float]:
    """The same point in half-face texels (a, y), named without its side, e.g. ``"eye_centre"``."""
    return _HALF_LANDMARKS[name]


def spline(points: ArrayLike, steps: int = 8) -> NDArray[np.float64]:
    """Points (N, 2) joined by a uniform Catmull-Rom spline: ((N - 1) * steps + 1, 2), through every point."""
    p = np.asarray(points, np.float64)
    padded = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for i in range(len(p) - 1):
        p0, p1, p2, p3 = padded[i : i + 4]
        pieces.append(p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0))))
    return np.concatenate([*pieces, p[-1:]])


def half_curve(name: str, steps: int = 8) -> NDArray[np.float64]:
    """A named curve in half-face texels, (N, 2) of (a, y). ``ear`` is closed: its last point meets its first."""
    points = _HALF_CURVES[name]
    return spline((*points, points[0]) if name == "ear" else points, steps)


def curve(name: str, side: str = "right", steps: int = 8) -> NDArray[np.float64]:
    """A named curve as (N, 2) of (u, v) on one side, ``"left"`` (u < 0.5) or ``"right"``."""
    points = half_curve(name, steps)
    sign = -1.0 if side == "left" else 1.0
    return np.stack([0.5 + sign * points[:, 0] / WIDTH, points[:, 1] / HEIGHT], 1)


def uv_grid(width: int, height: int, region: tuple[int, int, int, int] | None = None) -> tuple[Array, Array]:
    """Texel centres of a width x height texture as u (1, w) and v (h, 1), which broadcast to (h, w).

    region: (x0, y0, x1, y1) in texels, half open, for a crop; the whole texture where it is None.
    """
    x0, y0, x1, y1 = region or (0, 0, width, height)
    u = (np.arange(x0, x1, dtype=np.float64) + 0.5) / width
    v = (np.arange(y0, y1, dtype=np.float64) + 0.5) / height
    return u.astype(np.float32)[None, :], v.astype(np.float32)[:, None]


def half_face(u: ArrayLike, v: ArrayLike) -> tuple[Array, Array]:
    """(u, v) as half-face texels: a = |u - 0.5| * 6144 outward, y = v * 4096 downward. Not broadcast."""
    a = np.abs(np.asarray(u, np.float32) - np.float32(0.5)) * np.float32(WIDTH)
    return a, np.asarray(v, np.float32) * np.float32(HEIGHT)


def texel_mm(width: int) -> float:
    """The size of one texel, in millimetres, of a texture that is ``width`` wide."""
    return WIDTH / width / TEXELS_PER_MM


def _outline_by_angle() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = spline(_OUTLINE, 16)
    return np.arctan2(points[:, 0], _OUTLINE_CENTRE - points[:, 1]), np.hypot(points[:, 0], points[:, 1] - _OUTLINE_CENTRE)


def inside(u: ArrayLike, v: ArrayLike) -> Array:
    """Distance to the face's outline in canvas texels, positive inside, as (H, W); good near the edge only."""
    a, y = np.broadcast_arrays(*half_face(u, v))
    angles, radii = _outline_by_angle()
    even = np.linspace(0, angles[-1], 2048)
    table = np.interp(even, angles, radii)
    slant = 1 / np.sqrt(1 + (np.gradient(table, even) / table) ** 2)  # radial distance -> distance across the edge
    angle = np.arctan2(a, np.float32(_OUTLINE_CENTRE) - y)
    reach = np.interp(angle, even, table).astype(np.float32)
    reach -= np.hypot(a, y - np.float32(_OUTLINE_CENTRE))
    reach *= np.interp(angle, even, slant).astype(np.float32)
    return reach


def mask(width: int, height: int, region: tuple[int, int, int, int] | None = None) -> Array:
    """Where there is face: (height, width) float32 in [0, 1], soft over 48 canvas texels, exactly 0 outside.

    It covers 58 % of the texture and is the same for every identity. region: a crop, as in ``uv_grid``.
    """
    edge = max(MASK_EDGE, 1.5 * WIDTH / width)  # never narrower than a texel and a half, or small sizes alias
    t = np.clip(inside(*uv_grid(width, height, region)) / np.float32(edge), 0, 1)
    return t * t * (3 - 2 * t)


from .layout_regions import REGIONS, eye_opening, lip_edges, region  # noqa: E402  they build on the names above
from .layout_tension import tension_direction  # noqa: E402

__all__ = [
    "CURVES",
    "HEIGHT",
    "LANDMARKS",
    "MASK_EDGE",
    "REGIONS",
    "TEXELS_PER_MM",
    "WIDTH",
    "curve",
    "eye_opening",
    "half_curve",
    "half_face",
    "half_point",
    "inside",
    "landmark",
    "lip_edges",
    "mask",
    "region",
    "spline",
    "tension_direction",
    "texel_mm",
    "uv_grid",
]
