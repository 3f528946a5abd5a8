"""Whether a Python really runs the model: its packages are imported and one convolution is computed on the device.

Standard library only; torch is in the other process.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path

from .installer_process import run
from .python_finder import child_environment
from .runtime.errors import GantlitzError
from .runtime.packages import MODULES

REPAIR = "Press Repair in the add-on's preferences."
# Ones through a kernel of ones, so that the right answer is known: 3 x 3 x 3.
CHECK = """
import importlib, json, sys
for name in sys.argv[2:]:
    importlib.import_module(name)
import torch
wanted = sys.argv[1]
device = wanted if wanted != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
if device == "cuda" and not torch.cuda.is_available():
    sys.exit("torch " + torch.__version__ + " finds no graphics card that it can use")
ones = torch.ones(1, 3, 32, 32, device=device)
found = torch.nn.functional.conv2d(ones, torch.ones(4, 3, 3, 3, device=device)).cpu()
if not torch.all((found - 27).abs() < 0.1):
    sys.exit("a convolution on " + device + " gave a wrong answer")
free, total = torch.cuda.mem_get_info() if device == "cuda" else (None, None)
name = torch.cuda.get_device_name() if device == "cuda" else device
print("answer", json.dumps({"torch": torch.__version__, "device": device, "name": name, "free": free, "total": total}))
"""


@dataclass(frozen=True)
class Checked:
    """torch: its version; device: cpu or cuda, as the worker chooses; name: the card's; free, total: bytes it has, or None."""

    torch: str
    device: str
    name: str
    free: int | None = None
    total: int | None = None


def check(python: Path, device: str = "auto", cancelled: threading.Event | None = None, source: str = CHECK) -> Checked:
    """Try a Python out; takes seconds. source: the program to try it with.

    Raises GantlitzError (``no-runtime``) with the reason, and Cancelled.
    """
    lines: list[str] = []
    command = [str(python), "-c", source, device, *MODULES]
    try:
        code = run(command, child_environment(), lines.append, cancelled or threading.Event())
    except OSError as error:
        raise GantlitzError(f"{python} cannot be started: {error.strerror}.", REPAIR, "no-runtime") from error
    answer = next((line for line in lines if line.startswith("answer ")), None)
    if code == 0 and answer is not None:
        return Checked(**json.loads(answer.removeprefix("answer ")))
    said = next((line.strip() for line in reversed(lines) if line.strip()), f"it ended with {code}").rstrip(".")
    fix = REPAIR
    if "no graphics card" in said:
        fix = "Update the driver of the graphics card, or choose the build for the processor and press Repair."
    raise GantlitzError(f"The runtime does not work: {said}.", fix, "no-runtime")
