"""The colour of skin from its melanin and blood: a two-layer model integrated over the spectrum.

Epidermis: melanosomes absorb, twice passed. Dermis: diffuse reflectance of a half-space with blood in vessels, after
Farrell, Patterson & Wilson (1992). Melanosome and scattering constants after Jacques (1998); haemoglobin after Prahl's
tables; carotenoids as one band of absorption in the outer skin, at 455 nm. Colour matching after the fits of Wyman,
Sloan & Shirley (2013); CIE illuminant D65.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gantlitz_blender.runtime.layout import Array

_NM = np.arange(400, 701, 10, dtype=np.float64)
_D65 = np.array(
    [
        82.75,
        91.49,
        93.43,
        86.68,
        104.86,
        117.01,
        117.81,
        114.86,
        115.92,
        108.81,
        109.35,
        107.80,
        104.79,
        107.69,
        104.41,
        104.05,
        100.00,
        96.33,
        95.79,
        88.69,
        90.01,
        89.60,
        87.70,
        83.29,
        83.70,
        80.03,
        80.21,
        82.28,
        78.28,
        69.72,
        71.61,
    ]
)
# molar extinction, 1 / (cm M)
_OXY = np.array(
    [
        266232,
        466840,
        480360,
        246072,
        102580,
        62816,
        44480,
        33209,
        26629,
        23684,
        20933,
        20035,
        24202,
        39957,
        53236,
        43016,
        32613,
        44496,
        50104,
        14401,
        3200,
        1506,
        942,
        610,
        442,
        368,
        320,
        294,
        278,
        276,
        290.0,
    ]
)
_DEOXY = np.array(
    [
        223296,
        303956,
        407560,
        528600,
        413280,
        103292,
        23389,
        16156,
        14550,
        16684,
        20862,
        25774,
        31590,
        39036,
        46592,
        53412,
        53788,
        45072,
        37020,
        28324,
        14677,
        9444,
        6510,
        5149,
        4345,
        3750,
        3227,
        2795,
        2408,
        2052,
        1794.0,
    ]
)
_PER_MOLAR = 2.303 * 150 / 64500  # whole blood: 150 g/l of haemoglobin, 64500 g/mol

LOG_MELANIN = (float(np.log(0.003)), float(np.log(0.7)))
LOG_BLOOD = (float(np.log(0.002)), float(np.log(0.6)))
_SURFACE = 0.016  # reflected before it enters
_CELLS = (256, 192)  # along melanin, along blood


def _lobe(x: NDArray[np.float64], centre: float, below: float, above: float) -> NDArray[np.float64]:
    return np.exp(-0.5 * ((x - centre) * np.where(x < centre, below, above)) ** 2)


def _matching() -> NDArray[np.float64]:
    """Spectrum (31) to linear sRGB: (31, 3), a perfect white giving (1, 1, 1)."""
    x = (
        0.362 * _lobe(_NM, 442.0, 0.0624, 0.0374)
        + 1.056 * _lobe(_NM, 599.8, 0.0264, 0.0323)
        - 0.065 * _lobe(_NM, 501.1, 0.0490, 0.0382)
    )
    y = 0.821 * _lobe(_NM, 568.8, 0.0213, 0.0247) + 0.286 * _lobe(_NM, 530.9, 0.0613, 0.0322)
    z = 1.217 * _lobe(_NM, 437.0, 0.0845, 0.0278) + 0.681 * _lobe(_NM, 459.0, 0.0385, 0.0725)
    to_rgb = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    rgb = _D65[:, None] * np.stack([x, y, z], 1) @ to_rgb.T
    return rgb / rgb.sum(0)


def encode_srgb(linear: NDArray[np.floating]) -> NDArray[np.floating]:
    """Linear light in [0, 1] to sRGB-encoded values."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def skin_table(melanin_slope: float, oxygenation: float, yellow: float) -> Array:
    """sRGB-encoded skin over log melanin (columns) and log blood (rows): (192, 256, 3).

    yellow: optical density of the carotenoids at the peak of their band, for light that passes once.
    """
    melanin = np.exp(np.linspace(*LOG_MELANIN, _CELLS[0]))[None, :, None]
    blood = np.exp(np.linspace(*LOG_BLOOD, _CELLS[1]))[:, None, None]
    # per centimetre, after Jacques (1998): skin without pigment, 80 um of epidermis, melanosomes, reduced scattering
    base = 0.244 + 85.3 * np.exp(-(_NM - 154) / 66.2)
    epidermis = np.exp(-2 * 80e-4 * (melanin * 495 * (550 / _NM) ** melanin_slope + base))
    epidermis = epidermis * np.exp(-2 * yellow * np.exp(-(((_NM - 455) / 38) ** 2)))
    whole = _PER_MOLAR * (oxygenation * _OXY + (1 - oxygenation) * _DEOXY)
    path = 2e-3 * whole  # vessels some 20 um wide hide part of their blood from strongly absorbed light
    absorbed = blood * whole * (1 - np.exp(-path)) / path + base
    scattered = 46 * (_NM / 500) ** -1.0
    share = scattered / (scattered + absorbed)
    # Farrell, Patterson & Wilson with k = 1: no light is thrown back at the surface
    diffuse = share / (1 + 2 * (1 - share) + (1 + 2 / 3) * np.sqrt(3 * (1 - share)))
    return encode_srgb((_SURFACE + (1 - _SURFACE) * epidermis * diffuse) @ _matching()).astype(np.float32)


def skin_colour(table: Array, log_melanin: Array, log_blood: Array) -> Array:
    """sRGB-encoded colour (H, W, 3) of planes of log melanin and log blood, by linear interpolation in ``table``."""
    across, down = (
        (plane - np.float32(low)) * np.float32((cells - 1) / (high - low))
        for plane, (low, high), cells in ((log_melanin, LOG_MELANIN, _CELLS[0]), (log_blood, LOG_BLOOD, _CELLS[1]))
    )
    colour = cv2.remap(table, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(colour, np.float32)


def hair_colour(melanin: float, red: float, grey: float) -> Array:
    """sRGB-encoded colour (3,) of a bundle of hair: blond through brown to black, towards auburn by ``red``."""
    blond, brown, black = np.array([0.62, 0.46, 0.29]), np.array([0.24, 0.155, 0.10]), np.array([0.075, 0.06, 0.055])
    colour = blond + (brown - blond) * min(melanin / 0.5, 1) ** 0.7
    colour = colour + (black - colour) * max(melanin - 0.5, 0) / 0.5
    colour = colour + red * (1 - melanin * 0.6) * np.array([0.13, -0.01, -0.05])
    return (colour + grey * (np.array([0.56, 0.55, 0.53]) - colour)).astype(np.float32)
