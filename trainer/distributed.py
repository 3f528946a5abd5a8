"""Many processes that train one model, started by torchrun; each has its share of every step's places.

Together they do what one would do alone.
No DistributedDataParallel: its hooks miss the gradients of a backward that goes through R1 alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from gantlitz_blender.runtime.errors import GantlitzError

T = TypeVar("T")


class _Sum(torch.autograd.Function):
    """Every process makes the same loss of the sum, and the gradients of its own part; their sum is ``size`` times their mean."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, size: int) -> Tensor:
        ctx.size = size
        total = values.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.size, None


@dataclass(frozen=True)
class Ranks:
    """This process among all; alone by default, and then nothing here does anything."""

    rank: int = 0
    size: int = 1
    here: int = 1  # processes on this machine

    @property
    def first(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def part(self, places: int) -> range:
        """The places of a step that are this process's. Whole places: the minibatch standard deviation compares within one.

        Raises GantlitzError where they cannot be shared evenly.
        """
        if places % self.size:
            raise GantlitzError(
                f"{self.size} processes cannot share the {places} places of a step evenly.",
                f"Choose a multiple, for instance --set places={self.size * max(1, round(places / self.size))}.",
            )
        each = places // self.size
        return range(self.rank * each, (self.rank + 1) * each)

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Every process's gradients become the mean of all, in one flat message. Losses are means: it is the joined batch's."""
        if self.size == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        for gradient, piece in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(piece.view_as(gradient))

    def mean(self, values: Tensor) -> Tensor:
        """The mean over all processes."""
        if self.size > 1:
            dist.all_reduce(values)
            values = values / self.size
        return values

    def summed(self, values: Tensor) -> Tensor:
        """The sum over all processes, for what is a sum over places inside of a loss. Its gradient is right once it is averaged."""
        return values if self.size == 1 else _Sum.apply(values, self.size)

    def joined(self, values: Tensor) -> Tensor:
        """The values (N,) of all processes one after the other, detached: what statistics of a step are taken from."""
        values = values.detach()
        if self.size == 1:
            return values
        parts = [torch.empty_like(values) for _ in range(self.size)]
        dist.all_gather(parts, values.contiguous())
        return torch.cat(parts)

    def any(self, flag: bool) -> bool:
        """Whether the flag is up in one of the processes; asked on the CPU, so that no GPU is waited for."""
        if self.size == 1:
            return flag
        raised = torch.tensor(int(flag))
        dist.all_reduce(raised, op=dist.ReduceOp.MAX)
        return bool(raised)

    def spread(self, value: T) -> T:
        """The first process's value, in all of them; small things only."""
        if self.size == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box)
        return box[0]

    def spread_tensors(self, tensors: dict[str, Tensor], device: torch.device | str) -> dict[str, Tensor]:
        """The first process's tensors, in all of them."""
        if self.size == 1:
            return tensors
        found = {}
        for name, shape, dtype in self.spread([(name, t.shape, t.dtype) for name, t in tensors.items()]):
            tensor = tensors[name].to(device).contiguous() if self.first else torch.empty(shape, dtype=dtype, device=device)
            dist.broadcast(tensor, src=0)
            found[name] = tensor
        return found


def join(device: str) -> Ranks:
    """Meet the other processes that torchrun started; alone where it started none.

    device: cpu, or cuda for a GPU of each process's own. Raises GantlitzError (``no-device``) where there are fewer.
    """
    if "WORLD_SIZE" not in os.environ:
        return Ranks()
    if device == "cuda":
        local, gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if local >= gpus:
            raise GantlitzError(
                f"Process {local} of this machine has no GPU of its own: there are {gpus}.",
                "Choose --nproc-per-node no higher than that, or train with --device cpu.",
                "no-device",
            )
        torch.cuda.set_device(local)
    dist.init_process_group("cpu:gloo,cuda:nccl" if device == "cuda" else "gloo")
    return Ranks(dist.get_rank(), dist.get_world_size(), int(os.environ.get("LOCAL_WORLD_SIZE", 1)))


def leave() -> None:
    """Part from the other processes, which do so too."""
    if dist.is_initialized():
        dist.destroy_process_group()


def abandon(code: int) -> NoReturn:
    """End this process at once after a failure of its own: the others may sit in a collective, and parting would wait for them."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
