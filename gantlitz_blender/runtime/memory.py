"""What memory is free, what this process holds, and how it is given back. Standard library; torch only where it is loaded."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
from pathlib import Path


def free_memory(device: str) -> int | None:
    """Bytes free where a model on `device` (cpu or cuda) needs them; None where that cannot be told.

    A GPU is asked only for a model that is on it, since the question alone takes some of its memory.
    """
    if device != "cpu":
        try:
            return int(sys.modules["torch"].cuda.mem_get_info()[0])
        except RuntimeError:  # it is full, or broken
            return None
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            available = next(line for line in file if line.startswith("MemAvailable:"))
        return int(available.split()[1]) * 1024
    except (OSError, StopIteration):
        return None


def resident_memory() -> int | None:
    """Bytes of main memory that this process holds; None where that cannot be told (it can on Linux)."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError, IndexError):
        return None


def gpu_memory() -> int:
    """Bytes of the graphics card's memory that torch holds for this process, its cache included, its context not."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return 0
    return int(torch.cuda.memory_reserved())


def give_back() -> None:
    """Hand what nothing refers to any more to the system: torch's cache on the GPU, and the C library's heap."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    trim_heap()


def trim_heap() -> None:
    """Hand what the C library keeps of freed memory to the system. Threads that come and go scatter it, and it grows over hours."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # of another C library than glibc: it has its own ways
            ctypes.CDLL(None).malloc_trim(0)
