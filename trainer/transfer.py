"""From the processor to the device without a wait."""

from __future__ import annotations

import torch
from torch import Tensor


def send(tensor: Tensor, device: torch.device | str) -> Tensor:
    """A tensor of the CPU, on the device. A GPU fetches it from pinned memory when it comes to it; nobody waits."""
    return tensor.pin_memory().to(device, non_blocking=True) if torch.device(device).type == "cuda" else tensor.to(device)
