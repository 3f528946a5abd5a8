"""Reading patches through affine maps, differentiably, to any order."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from scipy.signal import firwin
from torch import Tensor
from torch.nn import functional as F

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
    """(N, C, S, S) images of ``side`` texels, read on their own lattice through ``back``."""
    theta = torch.cat([back[:, :, :2], back[:, :, 2:] * (2 / side)], dim=2).to(images.device, images.dtype)
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
    size = images.shape[-1]
    kernel = torch.tensor(low_pass(), device=images.device, dtype=images.dtype)
    planes = images.flatten(0, 1)[:, None]
    for dim in (0, 1):  # all that the filter spills over the border is kept: TAPS - 2 half texels
        planes = F.conv_transpose2d(planes, 2 * _along(kernel, dim), stride=_pair(2, dim))
    side = size + TAPS / 2 - 1
    planes = _read(planes.view(*images.shape[:2], *planes.shape[-2:]), back, side, BILINEAR).flatten(0, 1)[:, None]
    for dim in (0, 1):
        planes = F.conv2d(planes, _along(kernel, dim), stride=_pair(2, dim))
    return planes.view(images.shape)


@cache
def low_pass() -> tuple[float, ...]:
    """A symmetric half-band filter, sum 1. Cut-off and window: those whose square comes nearest to an identity after decimation."""
    return tuple(firwin(TAPS, 0.57, window=("kaiser", 5.0)).tolist())


def _along(kernel: Tensor, dim: int) -> Tensor:
    return kernel.view((1, 1, -1, 1) if dim == 0 else (1, 1, 1, -1))


def _pair(step: int, dim: int) -> tuple[int, int]:
    return (step, 1) if dim == 0 else (1, step)
