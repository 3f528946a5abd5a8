"""Whether a run will fit this computer, before it is begun: all that there is to say, or only what speaks against it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import choose_dtype

from .distributed import Ranks
from .memory import Need, estimate, without_step
from .presets import PRESETS
from .state import KEPT
from .train_config import TrainConfig

SAMPLE_BYTES = 1.5e6  # the two pictures of a snapshot
ROW_BYTES = 500  # of the log
FALLBACKS = ("L", "S", "XS")  # the presets to name in place of one that does not fit, largest first


@dataclass(frozen=True)
class Memory:
    """Of a device, in bytes. free: what a process can still have; total: all, whoever uses it."""

    free: float
    total: float

    @classmethod
    def of(cls, device: str) -> Memory:
        """The GPU's where it trains on one."""
        if device == "cpu":
            found = psutil.virtual_memory()
            return cls(found.available, found.total)
        return cls(*torch.cuda.mem_get_info())


def examine(config: TrainConfig, name: str, device: str, folder: Path, memory: Memory | None = None) -> list[str]:
    """What there is and what a run needs, a line each. Raises GantlitzError (``out-of-memory``, ``disk-full``) where it lacks.

    memory: of the device; None asks it.
    """
    dtype = choose_dtype("auto", device)
    need, free = estimate(config, device, dtype), (memory or Memory.of(device)).free
    disk, room = disk_need(config, need), free_disk(folder)
    lines = [
        f"Python {sys.version.split()[0]}, torch {torch.__version__}, {torch.get_num_threads()} threads",
        f"device: {device_name(device)}, fine features in {str(dtype).removeprefix('torch.')}",
        f"preset {name}: {config.batch} patches of {config.patch} texels a step",
        f"memory: about {_gb(need.total)} needed (networks {_gb(need.networks)}, a step {_gb(need.step)}, "
        f"data {_gb(need.data)}, torch itself {_gb(need.base)}), {_gb(free)} free",
        f"disk: about {_gb(disk)} needed for {config.steps} steps ({KEPT} states, samples, log), {_gb(room)} free in {folder}",
    ]
    if need.total > free:
        print(*lines, sep="\n")
        raise GantlitzError(
            f"{_wants(name, config, need.total)}; {_gb(free)} are free.", advice(device, dtype, free), "out-of-memory"
        )
    if disk > room:
        print(*lines, sep="\n")
        raise GantlitzError(
            f"The run needs about {_gb(disk)} in {folder}; {_gb(room)} are free.",
            "Make room, or choose another --outdir.",
            "disk-full",
        )
    return [*lines, "It fits."]


def check_memory(
    config: TrainConfig, name: str, device: str, ranks: Ranks, memory: Memory | None = None, stores: int = 1
) -> None:
    """Says on stderr where a run may run out of memory: the estimate, which may be a tenth off, is above what is free.

    Raises GantlitzError (``out-of-memory``) where it is above all that the device has. memory: the device's; None asks it.
    """
    dtype = choose_dtype("auto", device)
    sharing = ranks.here if device == "cpu" else 1
    need = sharing * estimate(config, device, dtype, ranks.size, stores=stores).total
    memory = memory or Memory.of(device)
    if need <= memory.free:
        return
    said = _wants(name, config, need) + (f" for {sharing} processes" if sharing > 1 else "")
    if need > memory.total:
        fix = advice(device, dtype, memory.total / sharing)
        raise GantlitzError(f"{said}; there are {_gb(memory.total)}.", fix, "out-of-memory")
    if ranks.first:
        print(f"{said}; {_gb(memory.free)} are free. {advice(device, dtype, memory.free / sharing)}", file=sys.stderr)


def advice(device: str, dtype: torch.dtype, free: float) -> str:
    """The largest preset that fits instead."""
    for name in FALLBACKS:
        if without_step(PRESETS[name], device).total > free:
            continue
        need = estimate(PRESETS[name], device, dtype).total
        if need <= free:
            return f"Preset {name} fits (about {_gb(need)}); so may this one with fewer --set places or subjects."
    return "None of the presets fits; close other programs, or use a computer with more memory."


def disk_need(config: TrainConfig, need: Need) -> float:
    """Bytes that a whole run comes to: its states and the one being written, samples, log."""
    return (KEPT + 1) * need.state + config.steps * ROW_BYTES + config.steps / config.snapshot_every * SAMPLE_BYTES


def free_disk(folder: Path) -> int:
    """Bytes free where a folder is or will be."""
    there = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    return shutil.disk_usage(there).free


def device_name(device: str) -> str:
    """What a person calls it."""
    if device == "cpu":
        return f"the processor, {psutil.cpu_count(logical=False) or psutil.cpu_count()} cores"
    total = torch.cuda.get_device_properties(0).total_memory
    return f"{torch.cuda.get_device_name()} with {_gb(total)}, one of {torch.cuda.device_count()}"


def _wants(name: str, config: TrainConfig, need: float) -> str:
    return f"Preset {name} with patches of {config.patch} texels needs about {_gb(need)} of memory"


def _gb(size: float) -> str:
    return f"{size / 1e9:.2g} GB" if size < 1e10 else f"{size / 1e9:.0f} GB"
