"""Which build of torch suits this computer, where it comes from and how large it is. Standard library only."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass, replace

from .graphics import NvidiaCard, amd_driver, apple_silicon, nvidia_card
from .runtime.errors import GantlitzError

INDEXES = "https://download.pytorch.org/whl/"
# torch 2.13 for CUDA 13.0 wants driver 580 or newer and a card of the Turing generation or newer; CUDA 12.6 serves older
# drivers and cards, but not those of the Blackwell generation.
DRIVER_FOR_13, DRIVER_FOR_12 = 580, 525
TURING, BLACKWELL = 7.5, 10.0
CUDA_SIZE = 2.5, 6.0  # gigabytes to download and on disk


@dataclass(frozen=True)
class Build:
    """A build of torch. index: where it is, empty for the package index that pip uses; device: what torch calls it.

    download, disk: gigabytes for the whole runtime, about.
    """

    name: str
    index: str
    device: str
    download: float
    disk: float
    reason: str = ""


def choose_build(wanted: str = "AUTO") -> Build:
    """The build for CUDA, ROCM, MPS or CPU, or, for AUTO, the one that this computer can use.

    Asks the graphics driver: not for the UI thread. Raises GantlitzError (``no-device``) for one that cannot be here.
    """
    if sys.platform == "darwin" and not apple_silicon():
        raise GantlitzError(
            "There is no torch 2.13 for Macs with an Intel processor.", "Use a Mac with an M processor.", "no-device"
        )
    card = nvidia_card() if wanted in ("AUTO", "CUDA") and sys.platform != "darwin" else None
    return build_for(wanted, card, amd_driver(), sys.platform, platform.machine())


def build_for(wanted: str, card: NvidiaCard | None, amd: bool, system: str, machine: str) -> Build:
    """Like choose_build, for a computer that is described: system as sys.platform, machine as platform.machine()."""
    if system == "darwin":
        if wanted in ("CUDA", "ROCM"):
            raise GantlitzError("A Mac has no torch for NVIDIA or AMD cards.", "Set Build to Automatic.", "no-device")
        if wanted == "CPU":
            return Build("CPU", "", "cpu", 0.3, 1.2, "the processor was chosen")
        # The model was never run on Apple's graphics: choose_device leaves them alone, and torch is tried out where it will work.
        return Build("MPS", "", "cpu", 0.3, 1.2, "Apple's graphics are not used yet: sampling runs on the processor")
    if wanted == "MPS":
        raise GantlitzError("Only Macs have torch for Apple graphics.", "Set Build to Automatic.", "no-device")
    if wanted == "ROCM" and system != "linux":
        raise GantlitzError("torch for AMD cards exists for Linux only.", "Set Build to Automatic.", "no-device")
    if wanted == "CUDA" or (wanted == "AUTO" and card is not None and card.driver_number >= DRIVER_FOR_12):
        return _cuda(card)
    if wanted == "ROCM" or (wanted == "AUTO" and amd):
        reason = "an AMD driver is here" if amd else "AMD was chosen; its driver was not found"
        return Build("ROCm", f"{INDEXES}rocm7.2", "cuda", 6.0, 20.0, reason)
    if card is not None:
        reason = f"the driver of {card.name}, {card.driver}, is too old: {DRIVER_FOR_12} or newer is needed"
    else:
        reason = "the processor was chosen" if wanted == "CPU" else "no graphics driver was found that torch can use"
    # On Windows the index that pip uses has the build for the processor; on Linux there it is the one for CUDA.
    return Build("CPU", "" if system == "win32" else f"{INDEXES}cpu", "cpu", 0.4, 1.4, reason)


def from_mirror(build: Build, index: str) -> Build:
    """The build as that index gives it. One that mirrors PyPI has, for Linux, only the torch that brings CUDA along."""
    if build.name != "CPU" or not build.index or "download.pytorch.org" in index:
        return build
    reason = f"{build.reason}; an index like PyPI brings NVIDIA's libraries along all the same"
    return replace(build, download=CUDA_SIZE[0], disk=CUDA_SIZE[1], reason=reason)


def _cuda(card: NvidiaCard | None) -> Build:
    if card is None:
        return Build("CUDA", f"{INDEXES}cu130", "cuda", *CUDA_SIZE, "NVIDIA was chosen; its driver was not found")
    if card.driver_number >= DRIVER_FOR_13 and card.capability >= TURING:
        return Build("CUDA", f"{INDEXES}cu130", "cuda", *CUDA_SIZE, f"{card.name}, driver {card.driver}")
    if card.capability >= BLACKWELL:
        raise GantlitzError(
            f"The driver of {card.name}, {card.driver}, is too old for torch.",
            f"Update it to {DRIVER_FOR_13} or newer, or set Build to Processor.",
            "no-device",
        )
    return Build("CUDA", f"{INDEXES}cu126", "cuda", 3.0, 7.0, f"{card.name}, driver {card.driver}")
