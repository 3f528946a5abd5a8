"""The graphics card and its driver, as the system tells of them without torch. Standard library only."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .python_finder import NO_WINDOW

SECONDS_TO_ANSWER = 10
_QUERY = "name,driver_version,compute_cap,memory.free,memory.total"


@dataclass(frozen=True)
class NvidiaCard:
    """What nvidia-smi says of the first card. driver: main number; capability: e.g. 8.6; memory in bytes."""

    name: str
    driver: str
    capability: float
    free: int
    total: int

    @property
    def driver_number(self) -> int:
        return int(self.driver.split(".")[0])


def nvidia_card() -> NvidiaCard | None:
    """The NVIDIA card, or None without card or driver. Takes up to seconds: not for the UI thread."""
    tool = shutil.which("nvidia-smi") or os.path.join(os.environ.get("SYSTEMROOT", ""), "System32", "nvidia-smi.exe")
    try:
        done = subprocess.run(
            [tool, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=SECONDS_TO_ANSWER,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_nvidia(done.stdout) if done.returncode == 0 else None


def parse_nvidia(said: str) -> NvidiaCard | None:
    """nvidia-smi's first line of values, or None when it is none."""
    parts = [part.strip() for part in (said.strip().splitlines() or [""])[0].split(",")]
    try:
        name, driver, capability, free, total = parts
        card = NvidiaCard(name, driver, float(capability), int(free) << 20, int(total) << 20)
        return card if card.driver_number else None
    except ValueError:
        return None


def amd_driver() -> bool:
    """Whether AMD's compute driver is there (Linux)."""
    return sys.platform == "linux" and Path("/dev/kfd").exists()


def apple_silicon() -> bool:
    return sys.platform == "darwin" and platform.machine() == "arm64"
