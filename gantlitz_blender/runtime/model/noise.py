"""Noise that is a function of its place: the same texel gets the same number on every device, dtype, tile and thread.

A counter-based integer hash (two rounds of xor-shift and multiply, constants of the "lowbias32" finaliser) of
(noise seed, layer, row, column) gives 32 bits; the sum of its four bytes, centred and scaled, is close to a standard
normal (Irwin-Hall of order 4: excess kurtosis -0.3, bounded at 3.46 sigma). Integers all the way to one last multiplication:
no transcendental function whose last bit could differ between machines.
"""

from __future__ import annotations

import torch

from .rects import Rect

_MUL1 = 0x7FEB352D
_MUL2 = 0x846CA68B - (1 << 32)  # as a signed 32-bit number
_ROW, _COL = 0x9E3779B1 - (1 << 32), 0x85EBCA77 - (1 << 32)
_SCALE = 1.0 / (4 * (256**2 - 1) / 12) ** 0.5
LARGEST = 510 * _SCALE  # of what is drawn


def _mix(x: torch.Tensor) -> torch.Tensor:
    x = x ^ ((x >> 16) & 0xFFFF)
    x = x * _MUL1
    x = x ^ ((x >> 15) & 0x1FFFF)
    x = x * _MUL2
    return x ^ ((x >> 16) & 0xFFFF)


def _int32(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value


def hash_noise(seed: int, layer: int, rect: Rect, device: torch.device | str = "cpu") -> torch.Tensor:
    """Noise on ``rect``: (1, 1, h, w) float32, mean 0, variance 1, within +-3.46."""
    key = _mix(torch.tensor([_int32(seed), _int32(seed >> 16 ^ layer * 0x3C6EF372)], dtype=torch.int32, device=device))
    rows = torch.arange(rect.top, rect.bottom, dtype=torch.int32, device=device)
    cols = torch.arange(rect.left, rect.right, dtype=torch.int32, device=device)
    row_key = _mix(rows * _ROW + key[0])
    col_key = _mix(cols * _COL + key[1])
    bits = _mix(row_key[:, None] + col_key[None, :])
    total = (bits & 0xFF) + ((bits >> 8) & 0xFF) + ((bits >> 16) & 0xFF) + ((bits >> 24) & 0xFF)
    return ((total - 510).to(torch.float32) * _SCALE)[None, None]


class HashNoise:
    """A recipe's noise: position-keyed, the same for all modalities."""

    def __init__(self, seed: int, strength: float = 1.0, device: torch.device | str = "cpu"):
        self.seed, self.strength, self.device = seed, strength, device

    def __call__(self, layer: int, rects: list[Rect], batch: int) -> torch.Tensor:
        """(len(rects) * batch, 1, h, w): the places in order, each repeated for the batch."""
        places = [
            hash_noise(self.seed, layer, r, self.device).mul_(self.strength).expand(batch, -1, -1, -1) for r in rects
        ]
        return torch.cat(places)
