"""Between the processor and the device without a wait."""

from __future__ import annotations

import torch
from torch import Tensor


def send(tensor: Tensor, device: torch.device | str) -> Tensor:
    """A tensor of the CPU, on the device. A GPU fetches it from pinned memory when it comes to it; nobody waits."""
    return tensor.pin_memory().to(device, non_blocking=True) if torch.device(device).type == "cuda" else tensor.to(device)


class Fetched:
    """A scalar of the device, on its way to the processor; ``float`` of it waits for no more than that, and later for nothing."""

    def __init__(self, scalar: Tensor):
        self._value, self._arrived = scalar, None
        if scalar.is_cuda:
            self._value = torch.empty_like(scalar, device="cpu", pin_memory=True).copy_(scalar, non_blocking=True)
            self._arrived = torch.cuda.current_stream(scalar.device).record_event()

    def __float__(self) -> float:
        if self._arrived:
            self._arrived.synchronize()
        return float(self._value)
