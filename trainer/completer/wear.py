"""Known maps as foreign scans have them: lit, printed, compressed, blurred or sharpened, of another colour and strength.

What is drawn for a face is a function of the place alone, so that all levels and patches of it are worn alike. What happens to
single texels of a file (blur, noise, rounding, compression) happens at the level the file has, and fades from level to level.
"""

from __future__ import annotations

import cv2
import numpy as np

from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.rects import Rect

from .fields import OVERVIEW, read_field, smooth, where_of
from .prints import Prints

GAMMA = 2.2
PIT_WIDTHS = ((-1.2, 0.3), (-0.3, 1.3), (0.8, 2.3))  # logarithms: from pores to folds and nostrils
RIDGES = 0.4  # how much brighter what stands out is, as pits of its depth are darker
HALF = 0.5  # share of worn faces that have each kind of wear
OFTEN = 0.75  # of what hardly any file is without: the finest texels of most tell less than they could


class Wear:
    """The wear of one face.

    overview: (7, h, w) of the whole face, some hundreds of texels wide: what lies below its blurred relief is shaded, as in
    pits and folds, and skin that was painted over has its colours.
    finest: level of each map's file, in the order albedo, normal, specular, displacement.
    """

    def __init__(self, rng: np.random.Generator, overview: Array, finest: tuple[int, ...]):
        self.finest = finest
        self.key = int(rng.integers(1 << 31))

        def maybe(value: float, chance: float = HALF) -> float:
            return float(value) if rng.random() < chance else 0.0

        self.gain = np.exp(np.array([maybe(x) for x in rng.normal(0, 0.1, 3)]) + maybe(rng.normal(0, 0.3))).astype(np.float32)
        self.gamma = np.exp(maybe(rng.normal(0, 0.2)))
        self.saturation = 1 + maybe(rng.uniform(-0.4, 0.4))
        self.fields = [
            (maybe(size) * rng.normal(0, 1, shape)).astype(np.float32)
            for size, shape in ((0.25, (4, 6, 1)), (0.07, (7, 10, 3)), (0.03, (28, 42, 3)))
        ]
        self.light = (np.array([0, rng.normal(0.3, 0.4)]) + rng.normal(0, 0.6, (3, 4, 2))).astype(np.float32)
        self.baked = maybe(rng.uniform(0.1, 0.8))
        widths = np.exp([rng.uniform(low, high) for low, high in PIT_WIDTHS]) * overview.shape[2] / OVERVIEW
        pits = [(maybe(rng.uniform(0.1, 0.6)), float(np.exp(rng.uniform(-3, -1))), float(width)) for width in widths]
        self.pits = [(strength, depth, smooth(overview[6], width)) for strength, depth, width in pits if strength]
        self.shine = (maybe(rng.uniform(0, 0.6)) * maybe(1), np.float32(np.exp(rng.uniform(1.5, 4))))
        self.prints = Prints(rng)
        painted = maybe(rng.uniform(0.4, 1.0)) * maybe(1)
        self.painted = (painted * np.clip(rng.normal(0, 1.5, (6, 9, 1)), 0, 1)).astype(np.float32)
        brush = np.exp(rng.uniform(-0.7, 1.5)) * overview.shape[2] / OVERVIEW
        self.paint = smooth(overview[:3].transpose(1, 2, 0).copy(), brush) if painted else None
        self.sharpened = maybe(rng.uniform(0.2, 1.2))
        self.blur = [maybe(np.exp(rng.uniform(-0.7, 1.0)), OFTEN) for _ in range(4)]
        self.halved = [bool(maybe(rng.random() < 0.5)) for _ in range(4)]
        self.noise, self.clump = maybe(np.exp(rng.normal(-4.3, 0.8)).clip(0, 0.06), OFTEN), maybe(rng.uniform(0.4, 1.4))
        self.quality = int(maybe(rng.integers(40, 96), OFTEN))
        self.steepness = np.float32(np.exp(maybe(rng.normal(0, 0.25))))
        self.gloss = (np.float32(np.exp(maybe(rng.normal(0, 0.3)))), np.exp(maybe(rng.normal(0, 0.3))))
        self.lift = (np.float32(np.exp(maybe(rng.normal(0, 0.1)))), np.float32(maybe(rng.normal(0, 0.1))))
        self.eight_bit = maybe(1.0) > 0

    def __call__(self, planes: Array, mask: Array, level: int, rect: Rect, size: tuple[int, int]) -> Array:
        """``filed`` after ``relit``."""
        return self.filed(self.relit(planes, where_of(rect, size), size), mask, level)

    def filed(self, planes: Array, mask: Array, level: int) -> Array:
        """(7, h, w) in physical units as files hold them. mask: (h, w), outside which maps stay neutral."""
        albedo = np.ascontiguousarray(planes[:3].transpose(1, 2, 0))
        albedo = self._filed(albedo, 0, level)
        past = max(level - self.finest[0], 0)
        if self.noise:
            rng = np.random.default_rng([self.key, level])
            noise = rng.standard_normal(albedo.shape, np.float32)
            if self.clump and past == 0:  # texels that were resampled since
                noise = cv2.GaussianBlur(noise, (0, 0), self.clump) * np.float32(2 * np.sqrt(np.pi) * self.clump)
            albedo = albedo + noise * np.float32(self.noise * 0.5**past)
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

    def relit(self, planes: Array, where: tuple[Array, Array], size: tuple[int, int]) -> Array:
        """(7, h, w), the albedo under another light, printed, and in other colours. where: (u, v); size: of the level."""
        albedo = np.ascontiguousarray(planes[:3].transpose(1, 2, 0)).clip(0, 1)
        if self.paint is not None:
            albedo += read_field(self.painted, where).clip(0, 1) * (read_field(self.paint, where) - albedo)
        exponent: Array | float = sum(read_field(f, where) for f in self.fields if f.any())
        light = np.exp(exponent) * self.prints(where, size)
        shine: Array | float = 0.0
        if self.baked or self.shine[0]:
            x, y = planes[3], planes[4]
            z = np.sqrt(np.maximum(1 - x * x - y * y, 0))
            to = read_field(self.light, where)
            far = np.sqrt(1 + np.square(to).sum(axis=2))
            lit = x * to[..., 0] + y * to[..., 1] + z
            light = light * (1 - self.baked + self.baked * np.maximum(lit, 0))[..., None]
            half = np.maximum(lit + far * z, 0) / np.sqrt(2 * far * (far + 1))  # the normal along light and view, halved
            shine = (np.float32(self.shine[0]) * planes[5].clip(0, 1) * half ** self.shine[1])[..., None]
        for strength, depth, around in self.pits:
            above = np.tanh((planes[6] - read_field(around, where)[..., 0]) / depth)
            light = light * np.exp(strength * np.where(above < 0, above, RIDGES * above))[..., None]
        linear = albedo**GAMMA * self.gain * light + shine
        encoded = linear ** np.float32(self.gamma / GAMMA)
        grey = encoded.mean(axis=2, keepdims=True)
        relit = np.clip(grey + self.saturation * (encoded - grey), 0, 1)
        return np.concatenate([relit.transpose(2, 0, 1), planes[3:]]).astype(np.float32)

    def _filed(self, image: Array, which: int, level: int) -> Array:
        """Blurred as the file of a map is, seen at a level."""
        past = max(level - self.finest[which], 0)
        sigma = self.blur[which] * 0.5**past
        if self.halved[which] and past == 0:
            height, width = image.shape[:2]
            small = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
            image = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32) if sigma > 0.2 else image
        if which == 0 and self.sharpened and past < 2:
            halo = self.sharpened * 0.4**past * (image - cv2.GaussianBlur(image, (0, 0), 1.5))
            image = image + np.asarray(halo, np.float32)
        return image

    def _rounded(self, image: Array, step: float, which: int, level: int) -> Array:
        """As eight bits hold it; four averaged texels hold it better than can be told."""
        return np.round(image / step) * np.float32(step) if self.eight_bit and level == self.finest[which] else image
