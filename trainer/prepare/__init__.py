"""Scans into a store: find the maps by name, find out their conventions, align, mask, complete, write."""

from .run import prepare_scans
from .settings import Settings

__all__ = ["Settings", "prepare_scans"]
