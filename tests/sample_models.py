"""Models with random weights for tests: no faces, but maps of plausible brightness that differ between seeds."""

from pathlib import Path

import torch

from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.config import PLANS, ModelConfig
from gantlitz_blender.runtime.model.generator import Generator

TINY = ModelConfig(
    plan="tiny",
    width=384,
    height=256,
    levels=3,
    channels=(16, 16, 16),
    global_channels=(16, 16, 16, 16),
    z_dim=16,
    w_dim=16,
    embed_dim=8,
    mapping_layers=2,
    components=4,
    mean_level=2,
    component_level=2,
    mask_level=1,
)
FULL_SIZE = PLANS["XS"]  # several seconds a face: long enough to interrupt
# albedo r g b, normal x y, specular, displacement in mm
MEAN = (0.62, 0.47, 0.40, 0.0, 0.0, 0.25, 0.0)
SIGMA = (0.08, 0.07, 0.07, 0.10, 0.10, 0.05, 0.10)


def write_model(path: Path, config: ModelConfig = TINY) -> Path:
    torch.manual_seed(1)
    generator = Generator(config)
    with torch.no_grad():
        generator.std_mean.copy_(torch.tensor(MEAN))
        generator.std_sigma.copy_(torch.tensor(SIGMA))
        for name, parameter in generator.heads.named_parameters():
            if name.endswith("weight") and parameter.ndim == 2 and "style" not in name:
                parameter.normal_(std=0.3)
    checkpoint.save(path, generator, {"note": "random weights, for tests"}, "GPL-3.0-or-later")
    return path
