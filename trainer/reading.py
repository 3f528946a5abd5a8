"""The next steps' batches, on the device before they are wanted."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields, replace
from typing import Any

import torch

from .patches import Batch
from .transfer import send

TENSORS = tuple(f.name for f in fields(Batch) if f.type == "Tensor")


class Reader:
    """Reads the batches of the next steps, and copies them to the device, while a step is trained on.

    read: the batch of a step, from the step's number alone: reading ahead changes nothing of what it holds. threads: so many
    batches are read at once; None takes one for four cores, up to four.
    """

    def __init__(self, read: Callable[[int], Batch], device: torch.device | str, threads: int | None = None):
        self.read = read
        self.threads = threads or min(4, max(1, (os.cpu_count() or 1) // 4))
        self._stream = torch.cuda.Stream() if torch.device(device).type == "cuda" else None  # beside the one that trains
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="reader")
        self._ahead: dict[int, Future[tuple[Batch, torch.cuda.Event | None]]] = {}

    def batch(self, step: int) -> Batch:
        """The batch of a step; those after it are begun."""
        coming = range(step, step + self.threads + 1)
        self._ahead = {k: self._ahead.get(k) or self._pool.submit(self._fetch, k) for k in coming}
        batch, copied = self._ahead.pop(step).result()
        if copied:
            training = torch.cuda.current_stream()
            training.wait_event(copied)
            for name in TENSORS:  # their memory is the other stream's, which may not have it back before this one is done with it
                getattr(batch, name).record_stream(training)
        return batch

    def _fetch(self, step: int) -> tuple[Batch, torch.cuda.Event | None]:
        batch = self.read(step)
        if self._stream is None:
            return batch, None
        with torch.cuda.stream(self._stream):
            sent: dict[str, Any] = {name: send(getattr(batch, name), self._stream.device) for name in TENSORS}
            return replace(batch, **sent), self._stream.record_event()
