"""The height of the skin: grain, net, pores, wrinkles and the shapes below them, in canvas texels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import HEIGHT, WIDTH, Array

from .canvas import Canvas
from .features import face_features
from .identity import generator
from .marks import offsets, scatter, stamp
from .noise import blur, directed_noise, fit
from .wrinkles import wrinkles


@dataclass
class Relief:
    """What the maps share. Heights in canvas texels (1 / 18.5 mm); full-size planes (H, W) float32 unless said."""

    height: Array
    fine: Array  # relief finer than about 24 texels, without pores
    pores: Array  # towards 1 in the pits of strong pores, slightly negative on their rings
    creases: Array  # depth of wrinkles, >= 0
    shade: Array  # coarse grid: light left after occlusion


def draw_relief(canvas: Canvas) -> Relief:
    """The relief of a subject."""
    person = canvas.identity
    features, shade = face_features(canvas)
    slack = canvas.mix(lips=-0.85, eye_socket=-0.9, under_eye=-0.25, lids=-0.35, ear=-0.45, nose_tip=0.05, neck=0.15, hair=-0.3) + 1
    rough = person.relief * np.clip(slack, 0.08, 1.4)
    low = 0.30 * canvas.noise("height", 64, 480, 0.3) + 0.16 * canvas.noise("swell", 64, 400, 0.6)
    low += 0.085 * canvas.noise("rolling", 36, 60)
    low = low * rough + features
    height = canvas.enlarge(low, smooth=True)
    strength = canvas.enlarge(rough)
    fine = 0.22 * canvas.noise("grain", 6, 24, 0.2, full=True)
    fine += 1.3 * canvas.noise("bumps", 15, 34, full=True)
    fine *= np.float32(0.106)
    fine += np.float32(0.075) * _net(canvas)
    fine += _directed(canvas)
    fine *= strength
    height += fine
    height += np.float32(0.038) * strength * canvas.noise("dust", 5, 10, full=True)
    pores = draw_pores(canvas)
    height -= np.float32(0.45) * pores
    np.tanh(pores, out=pores)  # colour and gloss take less notice than height of how deep a pore is
    lines, creases = wrinkles(canvas)
    height += lines
    return Relief(height, fine, pores, creases, shade)


def _directed(canvas: Canvas) -> Array:
    """Grain along the tension lines, drawn at half size: its wavelength is some 10 texels."""
    width, height = (n // 2 for n in canvas.full)
    if width * 4 < WIDTH:
        return np.zeros(canvas.full[::-1], np.float32)
    angle = np.arctan2(canvas.tension[..., 1], canvas.tension[..., 0])
    grain = directed_noise(canvas.identity.seed, "tension", (width, height), angle, 4.6, 16.0)
    grain *= np.float32(0.034 + 0.035 * canvas.identity.age)
    return fit(grain, *canvas.full)


def _net(canvas: Canvas) -> Array:
    """The polygons of the skin's surface: cushions between furrows, after the cells of jittered points."""
    person = canvas.identity
    width, height = canvas.full
    cell = person.cell * canvas.scale
    if cell < 6:
        return np.zeros((height, width), np.float32)
    points = scatter(generator(person.seed, "net"), person.cell, WIDTH, HEIGHT, 0.22) * canvas.scale
    seeds = np.ones((height, width), np.uint8)
    seeds[np.minimum(points[:, 1].astype(np.intp), height - 1), np.minimum(points[:, 0].astype(np.intp), width - 1)] = 0
    nearest, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    seeds[:] = 1
    seeds[:, 1:][labels[:, 1:] != labels[:, :-1]] = 0
    seeds[1:][labels[1:] != labels[:-1]] = 0
    del labels
    edge = np.asarray(cv2.distanceTransform(seeds, cv2.DIST_L2, 5), np.float32)
    edge *= np.float32(-2 / (0.16 * cell))
    np.exp(edge, out=edge)
    distance = np.asarray(nearest, np.float32)
    distance *= np.float32(1 / cell)
    distance *= distance
    distance *= np.float32(-0.9)
    distance -= np.float32(0.75) * edge
    return blur(distance, max(1.3 * canvas.scale, 0.3)) + np.float32(0.4)


def draw_pores(canvas: Canvas) -> Array:
    """Pores at full size: 1 in the pit of a strong one, about -.1 on its ring; none where texels are too big."""
    person = canvas.identity
    plane = np.zeros(canvas.full[::-1], np.float32)
    if canvas.scale < 0.35:
        return plane
    random = generator(person.seed, "pores")
    points = scatter(random, person.pore_pitch, WIDTH, HEIGHT, 0.16)
    luck = random.random(len(points))
    depth = np.clip(0.24 * random.lognormal(0, 0.8, len(points)), 0.03, 1.5)
    sigma = 2.65 * person.pore_size**0.6 * np.clip(random.lognormal(0, 0.3, len(points)), 0.5, 1.9)
    keep = 0.8 + canvas.mix(nose=0.2, under_eye=-0.5, lids=-0.7, ear=-0.6, neck=-0.35, lateral=-0.15, hair=-0.3)
    keep *= (1 - canvas.region("lips")) * (1 - canvas.region("eye_socket")) * (1 - canvas.region("nostril"))
    gain = 0.8 + canvas.mix(
        nose=0.5, nose_tip=0.25, ala=0.4, cheek=0.35, forehead=0.05, glabella=0.3, chin=0.2, lateral=-0.3, neck=-0.4, under_eye=-0.4
    )
    kept = luck < canvas.sample(keep, points)
    points, depth, sigma = points[kept], depth[kept], sigma[kept]
    depth *= person.pore_size * np.clip(canvas.sample(gain, points), 0.1, 2)
    cosine, sine = canvas.axis(points).T
    stretch = 1 + (0.15 + 0.5 * person.age) * random.random(len(points))
    points *= canvas.scale
    sigma *= canvas.scale
    radius = int(np.ceil(3.0 * np.quantile(sigma, 0.97)))
    for part in np.array_split(np.arange(len(points)), max(len(points) // 8192, 1)):
        dx, dy = offsets(points[part], radius)
        c, s, k = (v[part].astype(np.float32)[:, None, None] for v in (cosine, sine, stretch))
        inverse = (1 / sigma[part]).astype(np.float32)[:, None, None]
        r2 = (((c * dx + s * dy) / k) ** 2 + (c * dy - s * dx) ** 2) * inverse * inverse
        profile = np.exp(np.float32(-0.5) * r2)
        profile -= np.float32(0.13) * np.exp(-(((np.sqrt(r2) - np.float32(2.2)) / np.float32(0.55)) ** 2))
        profile *= (depth[part] / 0.45).astype(np.float32)[:, None, None]
        stamp(plane, points[part], radius, profile)
    return plane
