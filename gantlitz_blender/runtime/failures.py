"""What any exception means to a person: every failure leaves the runtime as a GantlitzError."""

from __future__ import annotations

import sys

from .errors import GantlitzError

PACKAGES = "torch numpy safetensors opencv-python-headless OpenEXR tqdm"

# torch's CPU allocator and OpenCV raise general exceptions when memory runs out; only their texts tell.
_MEMORY_TEXTS = ("can't allocate memory", "not enough memory", "insufficient memory", "failed to allocate")


def as_gantlitz_error(error: BaseException) -> GantlitzError:
    """`error` itself when it is a GantlitzError; else ``out-of-memory``, ``no-runtime`` or ``internal``."""
    if isinstance(error, GantlitzError):
        return error
    if isinstance(error, ImportError):
        return GantlitzError(
            f"{sys.executable} cannot import what the model needs: {error}.",
            f'Run: "{sys.executable}" -m pip install {PACKAGES}',
            "no-runtime",
        )
    if _is_out_of_memory(error):
        return GantlitzError(
            "There is not enough free memory for this size.",
            "Close other programs, or choose a smaller size.",
            "out-of-memory",
        )
    said = " ".join(str(error).split())
    return GantlitzError(
        f"Something failed that should not have: {type(error).__name__}{': ' if said else ''}{said}.",
        "Please report this with the text in Blender's console.",
        "internal",
    )


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    # An error of torch's needs torch to have been imported; what failed may have been that import.
    if isinstance(error, getattr(sys.modules.get("torch"), "OutOfMemoryError", ())):
        return True
    said = str(error).lower()
    return type(error).__name__ in ("RuntimeError", "error") and any(text in said for text in _MEMORY_TEXTS)
