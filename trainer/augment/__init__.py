"""Augmentation that real and fake patches go through alike: geometric transforms, then the mid-band filter."""

from .bands import band_filter
from .geometry import augment

__all__ = ["augment", "band_filter"]
