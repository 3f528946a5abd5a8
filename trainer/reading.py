"""The next step's batch, on the device before it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields, replace
from typing import Any

import torch

from .patches import Batch
from .transfer import send

TENSORS = tuple(f.name for f in fields(Batch) if f.type == "Tensor")


class Reader:
    """Reads a step's batch, and copies it to the device, while the step before is trained on.

    read: the batch of a step, from the step's number alone: reading ahead changes nothing of what it holds.
    """

    def __init__(self, read: Callable[[int], Batch], device: torch.device | str):
        self.read = read
        self._stream = torch.cuda.Stream() if torch.device(device).type == "cuda" else None  # beside the one that trains
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._ahead: dict[int, Future[Batch]] = {}

    def batch(self, step: int) -> Batch:
        """The batch of a step; the one after it is begun."""
        ahead = self._ahead.pop(step, None)
        batch = ahead.result() if ahead else self._fetch(step)
        if self._stream:
            training = torch.cuda.current_stream()
            training.wait_stream(self._stream)
            for name in TENSORS:  # their memory is the other stream's, which may not have it back before this one is done with it
                getattr(batch, name).record_stream(training)
        self._ahead = {step + 1: self._thread.submit(self._fetch, step + 1)}
        return batch

    def _fetch(self, step: int) -> Batch:
        batch = self.read(step)
        if self._stream is None:
            return batch
        with torch.cuda.stream(self._stream):
            sent: dict[str, Any] = {name: send(getattr(batch, name), self._stream.device) for name in TENSORS}
            return replace(batch, **sent)
