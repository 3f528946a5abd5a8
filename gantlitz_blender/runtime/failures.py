"""What any exception means to a person: every failure leaves the runtime as a GantlitzError."""

from __future__ import annotations

import sys

from .errors import GantlitzError
from .packages import INSTALL

# torch's CPU allocator, CUDA's libraries and OpenCV raise general exceptions when memory runs out; only their texts tell.
_MEMORY_TEXTS = (
    "can't allocate memory",
    "not enough memory",
    "insufficient memory",
    "failed to allocate",
    "out of memory",
    "alloc_failed",
)


def as_gantlitz_error(error: BaseException) -> GantlitzError:
    """`error` itself when it is a GantlitzError; else ``out-of-memory``, ``no-device``, ``no-runtime`` or ``internal``."""
    if isinstance(error, GantlitzError):
        return error
    if isinstance(error, ImportError):
        return GantlitzError(
            f"{sys.executable} cannot import what the model needs: {error}.",
            # Who has it from Blender's preferences need not know of pip; who has made this Python is given the command.
            "In Blender, press Repair in the add-on's preferences; in a Python of your own, "
            f'run: "{sys.executable}" -m pip install {INSTALL}',
            "no-runtime",
        )
    if is_out_of_memory(error):
        return GantlitzError(
            "There is not enough free memory for this size.",
            "Close other programs, or choose a smaller size.",
            "out-of-memory",
        )
    said = " ".join(str(error).split())
    if isinstance(error, RuntimeError) and "no kernel image" in said.lower():
        return GantlitzError(
            "This torch has no code for the graphics card in this computer.",
            "Set Device to Processor, or install a torch made for this card.",
            "no-device",
        )
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return GantlitzError(
        f"Something failed that should not have: {what}.",
        "Please report this with the text in the console.",
        "internal",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it means that some memory, the graphics card's or the computer's, is full."""
    if isinstance(error, MemoryError):
        return True
    # An error of torch's needs torch to have been imported; what failed may have been that import.
    if isinstance(error, getattr(sys.modules.get("torch"), "OutOfMemoryError", ())):
        return True
    said = str(error).lower()
    general = isinstance(error, RuntimeError) or type(error).__name__ == "error"  # the latter is OpenCV's
    return general and any(text in said for text in _MEMORY_TEXTS)
