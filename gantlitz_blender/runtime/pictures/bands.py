"""Bands of a plane: what lies between two wavelengths, within a mask. Lengths in millimetres."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..layout import Array


def band(plane: Array, mask: Array, texel: float, shortest: float = 0, longest: float = 0) -> Array:
    """What of a plane (H, W) lies between two wavelengths in mm, over the mask; 0 leaves that end open.

    Gaussian flanks, half amplitude at the stated wavelengths. Texels outside the mask do not bleed in.
    """
    out = _low_pass(plane, mask, shortest / texel) if shortest else plane
    return out - _low_pass(plane, mask, longest / texel) if longest else out


def _low_pass(plane: Array, mask: Array, wavelength: float) -> Array:
    """wavelength: in texels, where a wave keeps half of its amplitude: exp(-2 (pi sigma / wavelength)^2) = 1/2."""
    sigma = wavelength * math.sqrt(math.log(2) / 2) / math.pi
    if sigma > 16:  # a wide blur needs no fine grid
        f = int(sigma / 8)
        small = (max(1, round(plane.shape[1] / f)), max(1, round(plane.shape[0] / f)))
        weighted, weight = (_resized(x, small, cv2.INTER_AREA) for x in (plane * mask, mask))
        sigma *= small[0] / plane.shape[1]
        low = _blur(weighted, sigma) / np.maximum(_blur(weight, sigma), np.float32(1e-4))
        return _resized(low, (plane.shape[1], plane.shape[0]), cv2.INTER_CUBIC)
    return _blur(plane * mask, sigma) / np.maximum(_blur(mask, sigma), np.float32(1e-4))


def _blur(plane: Array, sigma: float) -> Array:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), np.float32)


def _resized(plane: Array, size: tuple[int, int], interpolation: int) -> Array:
    return np.asarray(cv2.resize(plane, size, interpolation=interpolation), np.float32)
