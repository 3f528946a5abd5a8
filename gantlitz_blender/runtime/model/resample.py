"""Reading rectangles of fields: exact x2 upsampling, clamped crops and fields kept on a coarse grid."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .rects import Rect, up_in


def upsample2(x: Tensor, have: Rect, want: Rect) -> Tensor:
    """Bilinear x2 of ``x``, which covers ``have`` of the coarse grid, cropped to ``want`` of the fine one.

    Equals the [1, 3, 3, 1] / 4 filter; ``have`` must contain ``up_in(want)``, so that the replicated border is never read.
    """
    rows, cols = have.slices_of(up_in(want))
    y = F.interpolate(x[..., rows, cols], scale_factor=2, mode="bilinear", align_corners=False)
    need = up_in(want)
    rows, cols = Rect(2 * need.top, 2 * need.left, 2 * need.bottom, 2 * need.right).slices_of(want)
    return y[..., rows, cols]


def upsample2_exact(x: Tensor, have: Rect, want: Rect) -> Tensor:
    """``upsample2`` whose result does not depend on the size of the tile, to the last bit.

    Only single additions and multiplications by constants, each rounded once: F.interpolate picks its kernel by the shape.
    """
    need = up_in(want)
    rows, cols = have.slices_of(need)
    x = x[..., rows, cols] * (1 / 16)  # exact; what remains of both axes' quarter
    for dim in (-2, -1):
        n = x.shape[dim]
        shape = [*x.shape[:dim], 2 * n, *x.shape[dim:][1:]]
        y = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
        three = x * 3
        even, odd = (y[..., s, :] if dim == -2 else y[..., s] for s in (slice(2, None, 2), slice(1, -1, 2)))
        torch.add(three.narrow(dim, 1, n - 1), x.narrow(dim, 0, n - 1), out=even)
        torch.add(three.narrow(dim, 0, n - 1), x.narrow(dim, 1, n - 1), out=odd)
        x = y
    rows, cols = Rect(2 * need.top, 2 * need.left, 2 * need.bottom, 2 * need.right).slices_of(want)
    return x[..., rows, cols]


def crop_clamped(x: Tensor, rect: Rect) -> Tensor:
    """``x`` (..., H, W) read on ``rect``, its border values repeated outside."""
    height, width = x.shape[-2:]
    if rect.top >= 0 and rect.left >= 0 and rect.bottom <= height and rect.right <= width:
        return x[..., rect.top : rect.bottom, rect.left : rect.right]
    rows = torch.arange(rect.top, rect.bottom, device=x.device).clamp_(0, height - 1)
    cols = torch.arange(rect.left, rect.right, device=x.device).clamp_(0, width - 1)
    return x.index_select(-2, rows).index_select(-1, cols)


def read_coarse(x: Tensor, octaves: int, rect: Rect) -> Tensor:
    """A field kept at 1/2^octaves, read on ``rect`` of the fine grid: bilinear, border repeated, exact at any tile.

    Each output value depends on its own coordinates alone, so tiles agree to the last bit.
    """
    if octaves == 0:
        return crop_clamped(x, rect)
    for dim, (start, stop) in ((-2, (rect.top, rect.bottom)), (-1, (rect.left, rect.right))):
        at = (torch.arange(start, stop, device=x.device, dtype=torch.float64) + 0.5) / (1 << octaves) - 0.5
        low = at.floor()
        part = (at - low).to(x.dtype)
        last = x.shape[dim] - 1
        a = x.index_select(dim, low.long().clamp(0, last))
        b = x.index_select(dim, (low.long() + 1).clamp(0, last))
        # Not torch.lerp: its fused multiply-add rounds differently in a row's last few elements.
        x = a + (b - a) * (part[:, None] if dim == -2 else part)
    return x
