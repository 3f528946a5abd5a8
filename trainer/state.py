"""The training state on disk: a folder of safetensors and one JSON, written aside and renamed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from gantlitz_blender.runtime.errors import GantlitzError


def save_state(
    folder: Path, modules: dict[str, nn.Module], optimisers: dict[str, torch.optim.Adam], counters: dict
) -> None:
    """Replace ``folder`` by the state of now; the old one stays whole until the new one is."""
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, module in modules.items():
        save_file({k: v.contiguous() for k, v in module.state_dict().items()}, aside / f"{name}.safetensors")
    for name, optimiser in optimisers.items():
        tensors: dict[str, torch.Tensor] = {}
        for i, values in optimiser.state_dict()["state"].items():
            tensors |= {f"{i}.{k}": v.contiguous() for k, v in values.items()}
        save_file(tensors, aside / f"{name}.safetensors")
    (aside / "counters.json").write_text(json.dumps(counters))
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def recover(folder: Path) -> bool:
    """Whether there is a state; one that a crash between two renames left under its old name is put back first."""
    old = folder.with_name(f".{folder.name}.old")
    if not folder.exists() and old.exists():
        old.rename(folder)
    return folder.exists()


def load_state(folder: Path, modules: dict[str, nn.Module], optimisers: dict[str, torch.optim.Adam]) -> dict:
    """Fill modules and optimisers from ``folder`` and return the counters."""
    for name, module in modules.items():
        module.load_state_dict(load_file(folder / f"{name}.safetensors"))
    for name, optimiser in optimisers.items():
        state: dict[int, dict[str, torch.Tensor]] = {}
        for key, tensor in load_file(folder / f"{name}.safetensors").items():
            i, field = key.split(".")
            state.setdefault(int(i), {})[field] = tensor
        optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
    return json.loads((folder / "counters.json").read_text())


def load_learnt(run: Path, network: str, module: nn.Module, fitted: Callable[[str], bool]) -> None:
    """Fill a module from a network of another run, but for what ``fitted(name)`` says belongs to that run's stores.

    Raises GantlitzError (``bad-run``) where there is no such state or it is of another model.
    """
    path = run / "state" / f"{network}.safetensors"
    try:
        learnt = {name: tensor for name, tensor in load_file(path).items() if not fitted(name)}
        rest = {name: tensor for name, tensor in module.state_dict().items() if fitted(name)}
        module.load_state_dict(learnt | rest)
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        fix = "Name the folder of a run of the same preset that has a state."
        raise GantlitzError(f"Training cannot start from {path}: {reason}", fix, "bad-run") from error
