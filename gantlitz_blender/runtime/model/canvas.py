"""The identity canvas: what all faces share, and the coarse ways in which they differ, as learnable pictures."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .config import ModelConfig
from .rects import Rect
from .resample import crop_clamped

CLAMP = 2.5  # coefficients are in standard deviations of the training subjects


class Canvas(nn.Module):
    """mean + sum_k a_k(w) component_k, as residuals added to the skip sum at every level where one is kept.

    The mean is kept at levels ``levels`` .. ``mean_level``, the components at ``levels`` .. ``component_level``; both hold
    the channels of ``config.canvas_modalities`` in order. a(w) = clamp(P (w - w0), +-2.5): P whitens the mapping's own
    distribution, so that a is about standard normal before training (``fit`` in the trainer) and moves little after it.
    """

    projection: Tensor  # P, (components, w_dim)
    origin: Tensor  # w0, (w_dim,)

    def __init__(self, config: ModelConfig):
        super().__init__()
        channels = sum(m.channels for m in config.canvas_modalities)
        self.mean = nn.ParameterDict()
        self.component = nn.ParameterDict()
        for level in range(config.levels, config.mean_level - 1, -1):
            self.mean[str(level)] = nn.Parameter(torch.zeros(channels, *config.size(level)))
        if config.components:
            for level in range(config.levels, config.component_level - 1, -1):
                self.component[str(level)] = nn.Parameter(torch.zeros(config.components, channels, *config.size(level)))
        self.register_buffer("projection", torch.zeros(config.components, config.w_dim))
        self.register_buffer("origin", torch.zeros(config.w_dim))
        self.slices, start = {}, 0
        for m in config.canvas_modalities:
            self.slices[m.name] = slice(start, start + m.channels)
            start += m.channels

    def coefficients(self, w: Tensor) -> Tensor:
        """w (N, w_dim) -> a (N, components), in standard deviations."""
        return ((w - self.origin) @ self.projection.T).clamp(-CLAMP, CLAMP)

    def read(self, a: Tensor, modality: str, level: int, rect: Rect) -> Tensor | None:
        """The residual (N, channels, h, w) of a modality at a level, or None where the canvas holds nothing."""
        key = str(level)
        if modality not in self.slices or key not in self.mean:
            return None
        part = self.slices[modality]
        out = crop_clamped(self.mean[key][part], rect)[None].expand(len(a), -1, -1, -1)
        if key in self.component:
            out = out + torch.einsum("nk,kchw->nchw", a, crop_clamped(self.component[key][:, part], rect))
        return out
