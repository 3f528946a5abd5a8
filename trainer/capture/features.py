"""The shapes of a face that a scan's displacement and albedo still hold: lids, nostrils, lips, folds, ears.

All on the coarse grid: a height in canvas texels and a shade, the light that is left after occlusion (1 = open).
"""

from __future__ import annotations

import numpy as np

from gantlitz_blender.runtime.layout import Array, eye_opening, lip_edges
from gantlitz_blender.runtime.layout_regions import curve_distance

from .canvas import Canvas, smoothstep


def _ridge(distance: Array, width: float) -> Array:
    return np.exp(-((distance / np.float32(width)) ** 2))


def face_features(canvas: Canvas) -> tuple[Array, Array]:
    """(height, shade) of everything below, on the coarse grid."""
    height = np.zeros(canvas.coarse[::-1], np.float32)
    dim = np.zeros_like(height)
    for part in (_eyes, _nose, _mouth, _folds, _ears):
        part(canvas, height, dim)
    shade = np.clip(1 - dim, 0.12, 1.1)
    return height, shade


def _eyes(canvas: Canvas, height: Array, dim: Array) -> None:
    person = canvas.identity
    a, y = canvas.half
    e = eye_opening(*canvas.uv)
    upper = smoothstep(1545, 1440, y)
    socket = canvas.region("eye_socket")
    height -= 12 * socket
    height += (2.2 + 1.6 * upper) * np.exp(-(((e - 1.2) / np.float32(0.17)) ** 2))  # the lid's rounded margin
    dim += (0.06 + 0.16 * upper) * np.exp(-(((e - 1.0) / np.float32(0.12)) ** 2))
    lift = (person.lid_fold_height - 1) * 80
    crease = curve_distance(a, y + np.float32(lift), "lid_crease", 200)
    fade = smoothstep(380, 470, a)
    height -= 7.5 * person.lid_fold * fade * _ridge(crease, 15)
    height += 3.5 * person.lid_fold * fade * _ridge(crease, 50)
    dim += 0.24 * person.lid_fold * fade * _ridge(crease, 17) + 0.08 * fade * _ridge(crease, 45)
    second = curve_distance(a, y + np.float32(lift - 42), "lid_crease", 60)
    height -= 2.2 * person.age * fade * _ridge(second, 10)
    dim += 0.10 * person.age * fade * _ridge(second, 12)
    trough = curve_distance(a, y, "tear_trough", 200)
    height += 6 * person.eye_bags * canvas.region("under_eye")
    height -= 5 * person.eye_bags * _ridge(trough, 38)
    dim += 0.13 * person.eye_bags * _ridge(trough, 44)
    lower_fold = np.exp(-(((e - 1.75) / np.float32(0.16)) ** 2)) * smoothstep(1540, 1600, y) * smoothstep(760, 480, a)
    height -= (1.0 + 2 * person.age) * lower_fold
    dim += (0.04 + 0.06 * person.age) * lower_fold
    dim += 0.10 * canvas.region("orbit")
    inner = np.exp(-0.5 * (((a - 330) / 60) ** 2 + ((y - 1450) / 110) ** 2)).astype(np.float32)
    dim += 0.12 * inner


def _nose(canvas: Canvas, height: Array, dim: Array) -> None:
    nostril = canvas.region("nostril")
    height -= 14 * nostril
    a, y = canvas.half
    deep = nostril * np.clip(0.62 + (2335 - y) / 260 + 0.1 * (a - 166) / 90, 0.35, 0.95)
    around = np.exp(-0.5 * (((a - 170) / 115) ** 2 + ((y - 2345) / 70) ** 2)).astype(np.float32)
    dim += 0.84 * deep + 0.13 * around
    fade = smoothstep(2130, 2250, y) * smoothstep(210, 310, a)
    crease = canvas.region("alar_crease") * fade
    wide = curve_distance(a, y, "alar_rim", 200)
    strength = 0.9 + 0.15 * canvas.noise("alar", 200, 800)
    height -= 5.0 * strength * crease - 3 * canvas.region("ala")
    dim += 0.17 * strength * crease + 0.12 * fade * _ridge(wide, 50)
    base = np.exp(-0.5 * (((a - 60) / 190) ** 2 + ((y - 2415) / 32) ** 2)).astype(np.float32)
    dim += 0.16 * base
    height -= 3 * base
    dim += 0.06 * np.exp(-0.5 * (((a - 215) / 50) ** 2 + ((y - 1750) / 300) ** 2)).astype(np.float32)


def _mouth(canvas: Canvas, height: Array, dim: Array) -> None:
    a, y = canvas.half
    upper, line, lower = lip_edges(a)
    inside = smoothstep(430, 380, a)
    drift = 3 * canvas.noise("mouthline", 220, 900, paired=0.5)
    to_line = np.abs(y - line + drift)
    height += 7 * canvas.region("lips")
    height -= 14 * inside * _ridge(to_line, 15)
    dim += inside * (0.46 * _ridge(to_line, 9) + 0.14 * _ridge(to_line, 34))
    height += 2.5 * inside * _ridge(np.abs(y - upper + 10), 18)  # the white roll above the red
    dim += 0.30 * canvas.region("mouth_corner")
    height -= 5 * canvas.region("mouth_corner")
    below = np.exp(-0.5 * ((y - lower - 42) / 34) ** 2) * smoothstep(330, 180, a)
    dim += 0.13 * below
    height -= 3 * below
    ridge = np.exp(-0.5 * (((a - 72) / 26) ** 2 + ((y - 2540) / 80) ** 2)).astype(np.float32)
    groove = np.exp(-0.5 * ((a / 34) ** 2 + ((y - 2550) / 80) ** 2)).astype(np.float32)
    depth = 0.5 + 0.5 * canvas.identity.cupid_bow
    height += depth * (4 * ridge - 4 * groove)
    dim += depth * 0.09 * groove


def _folds(canvas: Canvas, height: Array, dim: Array) -> None:
    person = canvas.identity
    _, down = canvas.half
    fold = person.nasolabial * canvas.region("nasolabial") * (1 + 0.3 * canvas.noise("fold", 200, 800))
    fold *= smoothstep(2830, 2350, down)
    height -= 7 * fold
    dim += 0.13 * fold
    marionette = max(person.age - 0.35, 0) * canvas.region("marionette")
    height -= 8 * marionette
    dim += 0.2 * marionette
    dim += 0.06 * canvas.region("mentolabial") + 0.03 * canvas.region("glabella")
    height -= 4 * canvas.region("mentolabial")
    a, y = canvas.half
    cleft = person.chin_cleft * np.exp(-0.5 * ((a / 42) ** 2 + ((y - 3290) / 90) ** 2)).astype(np.float32)
    height -= 7 * cleft
    dim += 0.09 * cleft
    under_jaw = canvas.region("neck")
    dim += 0.17 * under_jaw
    for i, ring in enumerate((3640, 3860)):  # the neck's rings
        wave = 25 * canvas.noise(f"ring{i}", 400, 1600)
        groove = _ridge(np.abs(y - ring + 0.05 * a + wave), 11) * (0.3 + 0.7 * person.age)
        groove *= np.clip(0.6 + 0.5 * canvas.noise(f"ringgap{i}", 150, 700), 0, 1.3)
        height -= 3.2 * groove
        dim += 0.09 * groove


def _ears(canvas: Canvas, height: Array, dim: Array) -> None:
    a, y = canvas.half
    wobble = 10 * canvas.noise("ear", 200, 900)
    c, s = np.float32(np.cos(0.16)), np.float32(np.sin(0.16))
    da, dy = a - 2427 + wobble, y - 1765
    p, q = (c * da - s * dy) / 352, (c * dy + s * da) / 700  # p to the back, q down, the rim near radius 1
    r = np.sqrt(p * p + q * q)
    front = smoothstep(-0.25, -0.75, p)
    lobe = smoothstep(0.55, 0.8, q)
    ear = smoothstep(1.05, 0.98, r)
    rim = ear * (1 - lobe) * (1 - front * smoothstep(-0.35, 0.0, q))
    height += 9 * rim * _ridge(r - 0.90, 0.09)
    groove = rim * _ridge(r - 0.74 - 0.03 * q, 0.075)
    height -= 9 * groove
    dim += 0.34 * groove * (0.85 + 0.15 * canvas.noise("scapha", 400, 1600))
    # antihelix: a ridge that forks upward; concha: the bowl it runs around
    bowl = np.sqrt(((p + 0.22) / 0.42) ** 2 + ((q - 0.16) / 0.36) ** 2)
    back = smoothstep(-0.55, -0.1, p)
    height += 7 * ear * back * _ridge(bowl - 1.28, 0.22) * (1 - lobe)
    fork = _ridge(p + 0.05 + 0.35 * (q + 0.55), 0.09) * smoothstep(-0.15, -0.3, q) * smoothstep(-0.8, -0.6, q)
    height += 5 * ear * fork
    triangle = np.exp(-0.5 * (((p + 0.2) / 0.16) ** 2 + ((q + 0.5) / 0.12) ** 2)).astype(np.float32)
    height -= 5 * triangle
    dim += 0.28 * triangle
    hollow = smoothstep(1.1, 0.55, bowl)
    canal = np.exp(-0.5 * (((p + 0.5) / 0.14) ** 2 + ((q - 0.2) / 0.11) ** 2)).astype(np.float32)
    height -= 13 * hollow + 8 * canal
    dim += 0.40 * hollow + 0.34 * canal
    crus = _ridge(q - 0.02 + 0.25 * (p + 0.4), 0.055) * smoothstep(-0.02, -0.3, p) * smoothstep(-0.95, -0.7, p) * ear
    height += 6 * crus
    dim -= 0.16 * crus
    tragus = np.exp(-0.5 * (((p + 0.78) / 0.13) ** 2 + ((q - 0.2) / 0.13) ** 2)).astype(np.float32)
    height += 8 * tragus
    notch = np.exp(-0.5 * (((p + 0.42) / 0.10) ** 2 + ((q - 0.53) / 0.06) ** 2)).astype(np.float32)
    dim += 0.22 * notch
    height -= 6 * notch
    around = _ridge(r - 1.05, 0.075) * (1 - 0.7 * front)
    height -= 7 * around
    dim += 0.22 * around
