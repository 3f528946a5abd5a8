"""Displacement, slopes and normals: names of one thing. Lengths in millimetres, OpenGL tangent space.

Slopes are dh/dx (x right) and dh/dy (y down), dimensionless, so resizing and cropping leave them as they are. The
derivative is the central difference, mirrored at the borders.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from .layout import Array

STEEPEST = 10.0  # a slope beyond 84 degrees is a texel that faces away: scanners' noise, not skin


def slopes_of_displacement(displacement: Array, texel: float) -> tuple[Array, Array]:
    """(dh/dx, dh/dy) of a displacement in mm (H, W) whose texels are ``texel`` mm wide."""
    dx, dy = np.empty_like(displacement), np.empty_like(displacement)
    cv2.Sobel(displacement, cv2.CV_32F, 1, 0, dx, ksize=1, scale=0.5 / texel)
    cv2.Sobel(displacement, cv2.CV_32F, 0, 1, dy, ksize=1, scale=0.5 / texel)
    return dx, dy


def slopes_of_normals(normal: Array) -> tuple[Array, Array]:
    """(dh/dx, dh/dy) of normals (H, W, 3) of any length."""
    z = np.maximum(normal[..., 2], np.float32(1 / math.hypot(1, STEEPEST)))
    return -normal[..., 0] / z, normal[..., 1] / z


def normals_of_slopes(dx: Array, dy: Array) -> Array:
    """Unit normals (H, W, 3): normalize(-dh/dx, +dh/dy, 1)."""
    normal = np.empty((*dx.shape, 3), np.float32)
    np.negative(dx, out=normal[..., 0])
    normal[..., 1] = dy
    _complete(normal)
    return normal


def normals_of_displacement(displacement: Array, texel: float) -> Array:
    """``normals_of_slopes`` of ``slopes_of_displacement``, one plane of slopes at a time: full-size planes are 100 MB."""
    normal = np.empty((*displacement.shape, 3), np.float32)
    normal[..., 0] = cv2.Sobel(displacement, cv2.CV_32F, 1, 0, ksize=1, scale=-0.5 / texel)
    normal[..., 1] = cv2.Sobel(displacement, cv2.CV_32F, 0, 1, ksize=1, scale=0.5 / texel)
    _complete(normal)
    return normal


def _complete(normal: Array) -> None:
    """From (-dh/dx, +dh/dy) in x and y to unit vectors, in place."""
    length = normal[..., 0] * normal[..., 0]
    length += normal[..., 1] * normal[..., 1]
    length += 1
    np.sqrt(length, out=length)
    np.reciprocal(length, out=normal[..., 2])
    normal[..., 0] *= normal[..., 2]
    normal[..., 1] *= normal[..., 2]
