"""The maps of a scan that are known, at every level, as the completer's network reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import cv2
import numpy as np
import torch
from torch import Tensor

from ..errors import GantlitzError
from ..model.config import MODALITIES
from ..model.rects import Rect
from ..model.resample import crop_clamped, read_coarse
from .network import CHANNELS, NAMES, Seen

NEUTRAL = (0.5, 0.5, 0.5, 0.0, 0.0, 0.5, 0.0)  # of the seven channels outside the mask


class Sizes(Protocol):
    """The part of a config that says how large a network's canvas is."""

    @property
    def levels(self) -> int: ...

    @property
    def mask_level(self) -> int: ...

    def size(self, level: int) -> tuple[int, int]: ...


class Standards(Protocol):
    """What a network takes for standard: its canvas, its maps' mean and sigma (7,), its mask (h, w) at ``config.mask_level``."""

    @property
    def config(self) -> Sizes: ...

    @property
    def mean(self) -> Tensor: ...

    @property
    def sigma(self) -> Tensor: ...

    @property
    def mask(self) -> Tensor: ...


class KnownMaps:
    """Known maps and their coarser levels (area averages; a normal's x and y are averaged as they are).

    maps: name -> array as in MapSet, each of a size of its own, which must be a level of the canvas: a map of fewer texels
    than are asked for is known down to its own level only. Raises GantlitzError (``bad-maps``) for what cannot be used.
    """

    def __init__(self, maps: Mapping[str, np.ndarray], net: Standards):
        if not maps:
            raise GantlitzError("No map is known.", f"Give one or more of {', '.join(NAMES)}.", "bad-maps")
        self.net = net
        self.finest = {name: self._level_of(name, array) for name, array in maps.items()}
        self.arrays: dict[tuple[str, int], np.ndarray] = {}
        for name, array in maps.items():
            planes: np.ndarray = np.asarray(array[..., :2] if name == "normal" else array, np.float32)
            for level in range(self.finest[name], net.config.levels + 1):
                self.arrays[name, level] = planes
                planes = cv2.resize(np.ascontiguousarray(planes), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)

    def _level_of(self, name: str, array: np.ndarray) -> int:
        config = self.net.config
        if name not in NAMES:
            raise GantlitzError(f"There is no map {name!r}.", f"Name them {', '.join(NAMES)}.", "bad-maps")
        channels = {"albedo": (3,), "normal": (3,)}.get(name, ())
        sizes = [config.size(level) for level in range(config.levels + 1)]
        size = (array.shape[0], array.shape[1]) if array.ndim > 1 else (0, 0)
        if size not in sizes or array.shape[2:] != channels:
            wanted = ", ".join(f"{w} x {h}" for h, w in sizes)
            raise GantlitzError(
                f"The {name} map has the shape {array.shape}.",
                f"Give {channels[0] if channels else 1} channels in one of the sizes {wanted}.",
                "bad-maps",
            )
        if not np.isfinite(array).all():
            raise GantlitzError(f"The {name} map holds values that are no numbers.", "Export it again.", "bad-maps")
        return sizes.index(size)

    def flags(self, level: int) -> Tensor:
        """(1, 4): which maps are known at a level."""
        return torch.tensor([[float(self.finest.get(name, 99) <= level) for name in NAMES]], device=self.net.mean.device)

    def seen(self, level: int, rect: Rect) -> Seen:
        """The known maps on a rectangle of a level; what sticks out of the canvas repeats the border."""
        device = self.net.mean.device
        planes = torch.zeros(CHANNELS, rect.height, rect.width, device=device)
        mask, first = mask_at(self.net, level, rect), 0
        for m in MODALITIES:
            part = slice(first, first + m.channels)
            first += m.channels
            if (m.name, level) not in self.arrays:
                continue
            array = self.arrays[m.name, level]
            array = array if array.ndim == 3 else array[..., None]
            found = crop_clamped(torch.from_numpy(array).permute(2, 0, 1), rect).to(device)
            neutral = torch.tensor(NEUTRAL[part], device=device)[:, None, None]
            mean, sigma = (x[part, None, None] for x in (self.net.mean, self.net.sigma))
            planes[part] = (torch.lerp(neutral, found, mask) - mean) / sigma
        return Seen(planes[None], self.flags(level))


def mask_at(net: Standards, level: int, rect: Rect) -> Tensor:
    """(h, w): the UV mask on a rectangle of a level, exact at any tile."""
    octaves = net.config.mask_level - level
    if octaves >= 0:
        return read_coarse(net.mask, octaves, rect)
    return crop_clamped(torch.nn.functional.avg_pool2d(net.mask[None], 1 << -octaves)[0], rect)
