"""The embedded runtime: a model loaded once, recipes in, maps out.

The names a user holds are imported when first asked for: importing this package loads neither torch nor OpenCV.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import Cancelled as Cancelled
    from .errors import GantlitzError as GantlitzError
    from .face_model import FaceModel as FaceModel
    from .maps import MapSet as MapSet
    from .recipe import Recipe as Recipe

_HOMES = {
    "FaceModel": "face_model",
    "MapSet": "maps",
    "Recipe": "recipe",
    "GantlitzError": "errors",
    "Cancelled": "errors",
}
__all__ = ["Cancelled", "FaceModel", "GantlitzError", "MapSet", "Recipe"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
