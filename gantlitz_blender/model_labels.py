"""Which edit sliders the model in use has directions for, as far as is known in this session. Knows no bpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_labels: tuple[str, ...] | None = None


def remember(answer: Mapping[str, Any]) -> None:
    """Take the labels from the ``done`` answer to a load; an answer that does not name them leaves them unknown."""
    global _labels
    found = answer.get("directions")
    _labels = tuple(found) if found is not None else None


def has(label: str) -> bool:
    """Whether the slider does something; yes as long as no model has said otherwise."""
    return _labels is None or label in _labels
