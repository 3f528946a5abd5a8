"""Light on skin: a view and a face's maps -> a picture. Three lights, as a portrait photographer sets them.

The maps mean what material.py makes of them in Blender: roughness from 0.62 (specular 0) to 0.32 (specular 0.5), an IOR of 1.4
whose reflection is scaled by 4 x specular. Light that has been under the skin is a wrapped diffuse term that reaches further
round in red than in blue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..maps import MapSet
from .view import OVERSAMPLING, Floats, View, looked_up

Bytes = NDArray[np.uint8]
WRAP = np.array([0.32, 0.16, 0.10], np.float32)  # how far light reaches round skin, by colour
REFLECTION = ((1.4 - 1) / (1.4 + 1)) ** 2


def _unit(*direction: float) -> Floats:
    vector = np.array(direction, np.float32)
    return vector / np.linalg.norm(vector)


@dataclass(frozen=True)
class Light:
    """direction: towards it, unit; x to the picture's right, -y to the camera, z up. colour: linear, of white that faces it."""

    direction: Floats
    colour: Floats


LIGHTS = (
    Light(_unit(-0.62, -0.95, 0.62), np.array([1.70, 1.61, 1.49], np.float32)),
    Light(_unit(0.95, -0.80, 0.10), np.array([0.36, 0.41, 0.48], np.float32)),
    Light(_unit(0.75, 0.75, 0.45), np.array([1.0, 1.05, 1.15], np.float32)),
)
DIRECTIONS = np.stack([light.direction for light in LIGHTS])
SKY, GROUND = np.array([0.30, 0.32, 0.35], np.float32), np.array([0.16, 0.14, 0.12], np.float32)


def shade(view: View, maps: MapSet) -> Bytes:
    """(width, width, 4): sRGB and alpha, row 0 at the top, transparent where there is no head."""
    albedo, specular, normal = _surface(view, maps)
    skin = view.skin[:, None]
    roughness = np.where(skin, np.clip(0.62 - 0.6 * specular, 0.2, 1), view.plain[:, 3:])
    reflection = np.where(skin, REFLECTION * 4 * specular, REFLECTION).astype(np.float32)
    wrap = np.where(skin, WRAP, np.float32(0))
    open_ = view.open[:, None]
    up = 0.5 + 0.5 * normal[:, 2:]
    light = (GROUND + (SKY - GROUND) * up) * open_ * albedo
    ahead = np.clip(_dot(normal, view.eye), 1e-3, 1)
    for lamp, arrives in zip(LIGHTS, view.lit.T[..., None], strict=True):
        facing = normal @ lamp.direction[:, None]
        # Light seeps into the edge of a shadow, red the furthest.
        reached = np.clip((facing + wrap) / (1 + wrap), 0, None) * (arrives + wrap * arrives * (1 - arrives) * 2)
        shine = _shine(normal, view.eye, lamp.direction, np.clip(facing, 0, 1), ahead, roughness, reflection) * arrives
        light += lamp.colour * (albedo * reached + shine)
    return _picture(view, light)


def _surface(view: View, maps: MapSet) -> tuple[Floats, Floats, Floats]:
    """Linear albedo (N, 3), specular (N, 1) and the normal in space (N, 3)."""
    albedo = np.where(view.skin[:, None], looked_up(view, to_linear(maps.albedo)), view.plain[:, :3])
    specular = np.clip(looked_up(view, maps.specular), 0, 1)
    tilt = np.where(view.skin[:, None], looked_up(view, maps.normal), np.array([0, 0, 1], np.float32))
    normal = view.normal * tilt[:, 2:] + view.tangent * tilt[:, :1] + view.bitangent * tilt[:, 1:2]
    return albedo, specular, normal / np.maximum(np.sqrt(_dot(normal, normal)), 1e-6)


def _shine(
    normal: Floats, eye: Floats, towards: Floats, facing: Floats, ahead: Floats, roughness: Floats, reflection: Floats
) -> Floats:
    """(N, 1): what a rough surface (GGX) reflects of a light, times pi, as the lights' colours are meant."""
    half = eye + towards
    half /= np.maximum(np.sqrt(_dot(half, half)), 1e-6)
    a2 = np.square(np.square(roughness))
    spread = a2 / (np.clip(_dot(normal, half), 0, 1) ** 2 * (a2 - 1) + 1) ** 2
    away = 1 - np.clip(_dot(eye, half), 0, 1)
    fresnel = reflection + (1 - reflection) * np.square(np.square(away)) * away
    masked = 2 * (facing * np.sqrt(ahead**2 * (1 - a2) + a2) + ahead * np.sqrt(facing**2 * (1 - a2) + a2))
    return spread * fresnel * facing / np.maximum(masked, 1e-4)


def _dot(a: Floats, b: Floats) -> Floats:
    """(N, 1)."""
    return np.einsum("nc,nc->n", a, b)[:, None]


def _picture(view: View, light: Floats) -> Bytes:
    """Linear light -> bytes, averaged from the view's pixels."""
    side, width = view.side, view.side // OVERSAMPLING
    canvas = np.zeros((side * side, 4), np.float32)
    canvas[view.pixels, :3] = light / (1 + np.maximum(light - 0.6, 0) * 0.8)  # highlights roll off
    canvas[view.pixels, 3] = 1
    canvas = canvas.reshape(width, OVERSAMPLING, width, OVERSAMPLING, 4).mean((1, 3))
    canvas[..., :3] = to_srgb(canvas[..., :3] / np.maximum(canvas[..., 3:], 1e-6))
    return (np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8)


def to_linear(colour: np.ndarray) -> Floats:
    """sRGB-encoded -> linear."""
    colour = np.clip(colour, 0, 1)
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(light: np.ndarray) -> Floats:
    """Linear -> sRGB-encoded, clipped to [0, 1]."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)
