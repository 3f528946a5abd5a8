"""Known maps as foreign scans have them: lit, compressed, blurred, of another colour and strength.

What is drawn for a face is a function of the place alone, so that all levels and patches of it are worn alike. What happens to
single texels of a file (blur, noise, rounding, compression) happens at the level the file has, and fades from level to level.
"""

from __future__ import annotations

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.rects import Rect

GAMMA = 2.2
HALF = 0.5  # share of worn faces that have each kind of wear


class Wear:
    """The wear of one face.

    relief: (h, w) displacement in mm of the whole face at its coarsest level: pits are what lies below it.
    finest: level of each map's file, in the order albedo, normal, specular, displacement.
    """

    def __init__(self, rng: np.random.Generator, relief: Array, finest: tuple[int, ...]):
        self.finest, self.relief = finest, relief
        self.key = int(rng.integers(1 << 31))

        def maybe(value: float) -> float:
            return float(value) if rng.random() < HALF else 0.0

        self.gain = np.exp(np.array([maybe(x) for x in rng.normal(0, 0.1, 3)]) + maybe(rng.normal(0, 0.3))).astype(np.float32)
        self.gamma = np.exp(maybe(rng.normal(0, 0.2)))
        self.saturation = 1 + maybe(rng.uniform(-0.4, 0.4))
        self.fields = [
            (maybe(size) * rng.normal(0, 1, shape)).astype(np.float32)
            for size, shape in ((0.25, (4, 6, 1)), (0.12, (7, 10, 3)), (0.08, (28, 42, 3)))
        ]
        light = np.array([rng.normal(0, 0.6), rng.normal(0.3, 0.6), 1.0])
        self.light = (light / np.linalg.norm(light)).astype(np.float32)
        self.baked = maybe(rng.uniform(0.1, 0.8))
        self.pits = maybe(rng.uniform(0.1, 0.6))
        self.blur = [maybe(np.exp(rng.uniform(-0.7, 1.0))) for _ in range(4)]
        self.halved = [bool(maybe(rng.random() < 0.5)) for _ in range(4)]
        self.noise = maybe(rng.uniform(0, 0.015))
        self.quality = int(maybe(rng.integers(40, 96)))
        self.steepness = np.float32(np.exp(maybe(rng.normal(0, 0.25))))
        self.gloss = (np.float32(np.exp(maybe(rng.normal(0, 0.3)))), np.exp(maybe(rng.normal(0, 0.3))))
        self.lift = (np.float32(np.exp(maybe(rng.normal(0, 0.1)))), np.float32(maybe(rng.normal(0, 0.1))))
        self.eight_bit = maybe(1.0) > 0

    def __call__(self, planes: Array, mask: Array, level: int, rect: Rect, size: tuple[int, int]) -> Array:
        """(7, h, w) in physical units, worn. mask: (h, w), outside which maps stay neutral; size: (height, width) of the level."""
        u = (np.arange(rect.left, rect.right, dtype=np.float32) + 0.5) / size[1]
        v = (np.arange(rect.top, rect.bottom, dtype=np.float32) + 0.5) / size[0]
        where = tuple(np.meshgrid(u, v))
        albedo = self._relit(planes, where)
        albedo = self._filed(albedo, 0, level)
        past = max(level - self.finest[0], 0)
        if self.noise:
            rng = np.random.default_rng([self.key, level])
            albedo = albedo + rng.standard_normal(albedo.shape, np.float32) * np.float32(self.noise * 0.5**past)
        albedo = np.clip(albedo, 0, 1)
        if self.quality and past == 0:
            _, data = cv2.imencode(".jpg", (albedo * 255 + 0.5).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, self.quality])
            albedo = cv2.imdecode(data, cv2.IMREAD_COLOR).astype(np.float32) / 255
        out = np.empty_like(planes)
        out[:3] = albedo.transpose(2, 0, 1) * mask + 0.5 * (1 - mask)
        normal = self._filed(np.ascontiguousarray(planes[3:5].transpose(1, 2, 0)) * self.steepness, 1, level)
        out[3:5] = self._rounded(normal, 1 / 127.5, 1, level).transpose(2, 0, 1)
        gain, gamma = self.gloss
        specular = self._filed(np.clip(gain * np.maximum(planes[5], 0) ** gamma, 0, 1).astype(np.float32), 2, level)
        out[5] = self._rounded(specular, 1 / 255, 2, level) * mask + 0.5 * (1 - mask)
        gain, offset = self.lift
        out[6] = self._filed((planes[6] * gain + offset) * mask, 3, level)
        return out

    def _relit(self, planes: Array, where: tuple[Array, ...]) -> Array:
        """(h, w, 3): the albedo under another light and in other colours, encoded."""
        linear = np.ascontiguousarray(planes[:3].transpose(1, 2, 0)).clip(0, 1) ** GAMMA * self.gain
        exponent: Array | float = sum(_read(f, where, cv2.INTER_CUBIC) for f in self.fields if f.any())
        light = np.exp(exponent)
        if self.baked:
            x, y = planes[3], planes[4]
            lit = x * self.light[0] + y * self.light[1] + np.sqrt(np.maximum(1 - x * x - y * y, 0)) * self.light[2]
            light = light * (1 - self.baked + self.baked * np.maximum(lit, 0) / self.light[2])[..., None]
        if self.pits:
            depth = np.minimum(planes[6] - _read(self.relief[..., None], where, cv2.INTER_LINEAR)[..., 0], 0)
            light = light * (1 - self.pits * (1 - np.exp(depth / 0.15)))[..., None]
        encoded = (linear * light) ** np.float32(self.gamma / GAMMA)
        grey = encoded.mean(axis=2, keepdims=True)
        return np.clip(grey + self.saturation * (encoded - grey), 0, 1).astype(np.float32)

    def _filed(self, image: Array, which: int, level: int) -> Array:
        """Blurred as the file of a map is, seen at a level."""
        past = max(level - self.finest[which], 0)
        sigma = self.blur[which] * 0.5**past
        if self.halved[which] and past == 0:
            height, width = image.shape[:2]
            small = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
            image = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32) if sigma > 0.2 else image

    def _rounded(self, image: Array, step: float, which: int, level: int) -> Array:
        """As eight bits hold it; four averaged texels hold it better than can be told."""
        return np.round(image / step) * np.float32(step) if self.eight_bit and level == self.finest[which] else image


def _read(field: Array, where: tuple[Array, ...], how: int) -> Array:
    """A field (h, w, C) over the whole canvas at places (u, v): (H, W, C)."""
    height, width = field.shape[:2]
    x, y = where[0] * width - 0.5, where[1] * height - 0.5
    found = np.asarray(cv2.remap(field, x, y, how, borderMode=cv2.BORDER_REPLICATE), np.float32)
    return found if found.ndim == 3 else found[..., None]
