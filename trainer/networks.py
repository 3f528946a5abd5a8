"""The discriminator that a run's settings ask for."""

from __future__ import annotations

from .discriminator import Discriminator
from .train_config import TrainConfig


def discriminator_of(config: TrainConfig) -> Discriminator:
    """With random weights from torch's generator."""
    shows = (config.d_location, config.d_presence, config.d_slopes, config.d_late)
    return Discriminator(config.d_channels, config.patch, config.group, config.model.levels, *shows)
