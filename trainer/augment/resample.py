"""Reading patches through affine maps, differentiably, to any order."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from scipy.signal import firwin
from torch import Tensor
from torch.nn import functional as F

from ..transfer import send

NEAREST, BILINEAR = 1, 0  # as torch's grid samplers number them
TAPS = 12


class _Sample(torch.autograd.Function):
    """grid_sample with zeros outside, whose gradient (of the images alone) can be differentiated again, which torch's cannot."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor, mode: int) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.mode, ctx.shape = mode, images.shape
        return torch.ops.aten.grid_sampler_2d(images, grid, mode, 0, False)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return _Scatter.apply(gradients[0], ctx.shape, grid, ctx.mode), None, None


class _Scatter(torch.autograd.Function):
    """The transpose of ``_Sample``. Both are linear in the images, so each is the other's derivative."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, shape: torch.Size, grid: Tensor, mode: int) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.mode = mode
        like = gradient.new_zeros(()).expand(shape)  # its values bear on the grid's gradient only, which is not asked for
        return torch.ops.aten.grid_sampler_2d_backward(gradient, like, grid, mode, 0, False, [True, False])[0]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (grid,) = ctx.saved_tensors
        return _Sample.apply(gradients[0], grid, ctx.mode), None, None, None


def _read(images: Tensor, back: Tensor, side: float, mode: int) -> Tensor:
    """(N, C, S, S) images, ``side`` texels wide and high, read on their own lattice through ``back``."""
    theta = send(torch.cat([back[:, :, :2], back[:, :, 2:] * (2 / side)], dim=2).to(images.dtype), images.device)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return _Sample.apply(images, grid, mode)


def move(images: Tensor, back: Tensor) -> Tensor:
    """(N, C, P, P) read through affine maps that take texel centres to texel centres: each value is copied, or 0 from outside.

    back: (N, 2, 3), from a texel of the result to one of ``images``, in texels from the centre, x right and y down.
    """
    return _read(images, back, images.shape[-1], NEAREST)


def resample(images: Tensor, back: Tensor) -> Tensor:
    """(N, C, P, P) read through any affine maps ``back``, as in ``move``, without much aliasing; 0 outside.

    As in StyleGAN2-ADA (Karras et al. 2020, appendix B) the reading is bilinear on a lattice of half texels, between a x2
    interpolation and a x2 decimation by one low-pass filter. Shrinking to no less than half therefore hardly folds. Where
    theirs is a wavelet, which undoes its own delay under the identity but not under a turn or a mirror, ours is symmetric:
    twice applied it keeps every frequency to 1.4 % and shifts none.
    """
    spread = send(interpolation(images.shape[-1]).to(images.dtype), images.device)
    fine = spread @ images @ spread.T
    fine = _read(fine, back, fine.shape[-1] / 2, BILINEAR)
    return (spread.T / 2) @ fine @ (spread / 2)


@cache
def interpolation(size: int) -> Tensor:
    """(2 * size + TAPS - 2, size) float64: a row of texels on the lattice of half texels, with all that spills over its ends.

    Half its transpose is the decimation by the same filter. As dense products of matrices both take a fifth of the time that
    strided convolutions of one channel take on a CPU.
    """
    columns = torch.zeros(size, 2 * size + TAPS - 2, dtype=torch.float64)
    for i, column in enumerate(columns):
        column[2 * i : 2 * i + TAPS] = 2 * torch.tensor(low_pass(), dtype=torch.float64)
    return columns.T


@cache
def low_pass() -> tuple[float, ...]:
    """A symmetric half-band filter, sum 1. Cut-off and window: those whose square comes nearest to an identity after decimation."""
    return tuple(firwin(TAPS, 0.57, window=("kaiser", 5.0)).tolist())
