"""The eyeballs of the preview head. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .base import FloatArray
from .features import EYE_CENTRE, EYE_RADIUS

PARTS = ("Sclera", "Iris", "Pupil")
IRIS_RADIUS, PUPIL_RADIUS = 5.9, 2.0  # millimetres
SEGMENTS = 48


def eye_mesh_arrays() -> tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]:
    """Two eyeballs that look ahead: vertices (V, 3) metres, quads (Q, 4), and which of PARTS each quad is, (Q,).

    Rings from the pupil's middle backwards about each eye's axis.
    """
    iris, pupil = (float(np.arcsin(r / EYE_RADIUS)) for r in (IRIS_RADIUS, PUPIL_RADIUS))
    angles = np.concatenate([np.linspace(0.02, pupil, 4), np.linspace(pupil, iris, 6)[1:],
                             np.linspace(iris, np.pi - 0.02, 24)[1:]])
    turn = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    # The cornea bulges before the iris; the eyeball is sphere enough elsewhere.
    radius = EYE_RADIUS + 0.9 * np.clip(1 - (angles / (1.15 * iris)) ** 2, 0, 1)
    ring = np.stack(np.broadcast_arrays(
        (radius * np.sin(angles))[:, None] * np.cos(turn), -(radius * np.cos(angles))[:, None],
        (radius * np.sin(angles))[:, None] * np.sin(turn)), -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(len(angles) - 1), np.arange(SEGMENTS), indexing="ij")
    k = (j + 1) % SEGMENTS
    n = SEGMENTS
    quads = np.stack([i * n + j, i * n + k, (i + 1) * n + k, (i + 1) * n + j], -1).reshape(-1, 4)
    parts = np.repeat(np.where(angles[:-1] >= iris, 0, np.where(angles[:-1] >= pupil, 1, 2)), n)
    x, d, z = EYE_CENTRE
    both = np.concatenate([ring + np.array([-x, -d, z]), ring + np.array([x, -d, z])]) * 1e-3
    return both, np.concatenate([quads, quads + len(ring)]), np.concatenate([parts, parts])
