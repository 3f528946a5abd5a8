"""Equalised layers and the dual-style convolution."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2
GAIN = 2.0**0.5  # keeps the variance through a leaky ReLU


def lrelu(x: Tensor) -> Tensor:
    """Leaky ReLU times sqrt 2."""
    return F.leaky_relu(x, SLOPE) * GAIN


class EqualLinear(nn.Module):
    """y = x W^T * lr_mul / sqrt(fan_in) + b * lr_mul: the step size is the same for every layer (StyleGAN, Karras et al. 2019)."""

    def __init__(self, n_in: int, n_out: int, bias: float = 0.0, lr_mul: float = 1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in) / lr_mul)
        self.bias = nn.Parameter(torch.full((n_out,), bias / lr_mul))
        self.gain = lr_mul / n_in**0.5
        self.lr_mul = lr_mul

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.gain, self.bias * self.lr_mul)


class DualStyleConv(nn.Module):
    """A 3x3 convolution whose weights are modulated by the modality and by w, then demodulated once (GANtlitz, Gruber et al. 2024).

    s = A(w) * B(e), y = conv(x * s, W / sqrt(fan_in)) * d, d_o = rsqrt(sum (W s)^2 + 1e-8). With B = 1 and O = 0 it is the
    convolution of StyleGAN2 (Karras et al. 2020): that is what e = None asks for, and embed_dim 0 leaves B and O out.
    The bias b + O(e) and the noise are applied by the caller, after an upsampling if there is one.
    """

    def __init__(self, n_in: int, n_out: int, w_dim: int, embed_dim: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 3, 3))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.style = EqualLinear(w_dim, n_in, bias=1.0)  # A
        if embed_dim:
            self.modality_style = EqualLinear(embed_dim, n_in, bias=1.0)  # B
            self.modality_bias = EqualLinear(embed_dim, n_out)  # O
        self.noise_strength = nn.Parameter(torch.full((n_out,), 0.5))
        self.gain = (n_in * 9) ** -0.5

    def styles(self, w: Tensor, e: Tensor | None) -> tuple[Tensor, Tensor]:
        """w (N, w_dim), e (embed_dim,) or None -> s (N, in) and d (N, out)."""
        s = self.style(w) if e is None else self.style(w) * self.modality_style(e)
        energy = (self.weight * self.gain).square().sum(dim=(2, 3))
        return s, torch.rsqrt(s.square() @ energy.T + 1e-8)

    def shift(self, e: Tensor | None) -> Tensor:
        """The bias b + O(e), (out,)."""
        return self.bias if e is None else self.bias + self.modality_bias(e)

    def forward(self, x: Tensor, w: Tensor, e: Tensor | None, padding: int = 0) -> Tensor:
        """x (N, in, h, w) -> (N, out, h - 2 + 2 padding, ...), without bias and noise."""
        s, d = self.styles(w, e)
        scaled = x * s[:, :, None, None].to(x.dtype)
        y = F.conv2d(scaled, (self.weight * self.gain).to(x.dtype), padding=padding)
        return y * d[:, :, None, None].to(x.dtype)

    def finish(self, y: Tensor, e: Tensor | None, noise: Tensor) -> Tensor:
        """Add noise (N, 1, h, w) and bias, then the activation."""
        bias = self.shift(e)
        y = y + noise.to(y.dtype) * self.noise_strength[:, None, None].to(y.dtype)
        return lrelu(y + bias[:, None, None].to(y.dtype))

    @torch.no_grad()
    def fold(self, w: Tensor, e: Tensor | None) -> tuple[Tensor, Tensor]:
        """One plain weight (out, in, 3, 3) and bias (out,) for one w (1, w_dim) and one modality: what inference convolves with."""
        s, d = self.styles(w, e)
        weight = self.weight * self.gain * s[0][None, :, None, None] * d[0][:, None, None, None]
        return weight, self.shift(e)


class ToMap(nn.Module):
    """1x1 convolution to a modality's channels, modulated by w, not demodulated (StyleGAN2's toRGB)."""

    def __init__(self, n_in: int, n_out: int, w_dim: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_out, n_in))  # training starts at the canvas
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.style = EqualLinear(w_dim, n_in, bias=1.0)
        self.gain = n_in**-0.5

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        s = self.style(w) * self.gain
        weight = self.weight[:, :, None, None]
        y = F.conv2d(x * s[:, :, None, None].to(x.dtype), weight.to(x.dtype))
        return y.float() + self.bias[:, None, None]  # the skip sum stays in float32

    @torch.no_grad()
    def fold(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """One plain weight (out, in, 1, 1) and bias (out,) for one w (1, w_dim)."""
        return (self.weight * (self.style(w)[0] * self.gain))[:, :, None, None], self.bias
