"""Procedural scans: the dataset that ships as code."""

from .dataset import capture_dataset
from .identity import Identity
from .subject import draw_subject

__all__ = ["Identity", "capture_dataset", "draw_subject"]
