"""A small model with random weights: every code path of a real one, in milliseconds."""

import dataclasses
from pathlib import Path

import torch

from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.config import ModelConfig
from gantlitz_blender.runtime.model.generator import Generator

TINY = ModelConfig(
    plan="tiny", width=768, height=512, levels=4, channels=(16, 16, 16, 16), global_channels=(16, 16, 16, 16),
    z_dim=16, w_dim=16, embed_dim=8, mapping_layers=2, mean_level=3, component_level=3, components=3, mask_level=3,
)  # fmt: skip


def tiny_generator(seed: int = 0, config: ModelConfig = TINY) -> Generator:
    """Random weights throughout, and constants as real skin has them, so that maps are busy but in range."""
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():  # embeddings are drawn from torch's own generator: the same model in every process
        torch.manual_seed(seed)
        generator = Generator(config).requires_grad_(False)
    for name, p in generator.named_parameters():
        if name.startswith("heads.") and ".style." not in name:
            p.copy_(0.1 * torch.randn(p.shape, generator=rng))
        elif "noise_map" in name or name.startswith("canvas."):
            p.copy_(0.3 * torch.randn(p.shape, generator=rng))
        elif p.dim() > 1:
            p.copy_(torch.randn(p.shape, generator=rng) * (100 if name.startswith("mapping") else 1))
    generator.std_mean.copy_(torch.tensor([0.6, 0.45, 0.35, 0, 0, 0.25, 0]))
    generator.std_sigma.copy_(torch.tensor([0.1, 0.1, 0.1, 0.06, 0.06, 0.05, 0.05]))
    generator.canvas.projection.copy_(0.2 * torch.randn(generator.canvas.projection.shape, generator=rng))
    return generator


def save_tiny_model(path: Path, seed: int = 0) -> Path:
    checkpoint.save(path, tiny_generator(seed), {"trained": "never"}, "CC0-1.0")
    return path


def save_slow_model(path: Path) -> Path:
    """The tiny model with a canvas of 6144 x 4096."""
    config = dataclasses.replace(TINY, width=6144, height=4096)
    checkpoint.save(path, tiny_generator(config=config), {"trained": "never"}, "CC0-1.0")
    return path
