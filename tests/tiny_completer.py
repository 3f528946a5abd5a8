"""A small completer with random weights: every code path of a real one, in milliseconds."""

import numpy as np
import torch

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.network import CompleterConfig, CompletionNet
from gantlitz_blender.runtime.maps import MapSet, normalise

TINY = CompleterConfig(width=384, height=256, levels=2, channels=(12, 8), coarse_channels=8, carry=3, mask_level=1)


def tiny_net(seed: int = 0, config: CompleterConfig = TINY) -> CompletionNet:
    """Random weights throughout, and constants as real skin has them."""
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = CompletionNet(config).requires_grad_(False)
    for name, p in net.named_parameters():
        if ".out." in name:
            p.copy_(0.1 * torch.randn(p.shape, generator=rng))
    net.mean.copy_(torch.tensor([0.6, 0.45, 0.35, 0, 0, 0.25, 0]))
    net.sigma.copy_(torch.tensor([0.1, 0.1, 0.1, 0.06, 0.06, 0.05, 0.05]))
    net.band.fill_(0.3)
    net.average.copy_(0.2 * torch.randn(net.average.shape, generator=rng))
    height, width = config.size(config.mask_level)
    net.mask.copy_(torch.from_numpy(layout.mask(width, height)))
    return net


def tiny_maps(seed: int = 0, width: int = TINY.width, height: int = TINY.height) -> MapSet:
    """Noise in plausible ranges, in every texel other."""
    rng = np.random.default_rng(seed)
    albedo = rng.uniform(0.2, 0.8, (height, width, 3)).astype(np.float32)
    normal = np.concatenate([rng.normal(0, 0.1, (height, width, 2)), np.ones((height, width, 1))], axis=2).astype(np.float32)
    normalise(normal)
    specular = rng.uniform(0.1, 0.4, (height, width)).astype(np.float32)
    return MapSet(albedo, normal, specular, rng.normal(0, 0.05, (height, width)).astype(np.float32))
