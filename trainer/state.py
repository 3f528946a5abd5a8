"""Training states on disk: the last few of a run, each a folder that is there whole or not at all.

``RUN/states/000300/``: a safetensors file a network and optimiser, ``counters.json``, ``config.json`` and ``checksums.json``. A run
of an older version has one ``RUN/state/`` without checksums; it counts as the state of its step.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from hashlib import file_digest
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gantlitz_blender.runtime.errors import GantlitzError

KEPT = 2  # states of a run
OLDER = ("state", ".state.old")  # where older versions kept the one they had

Tensors = dict[str, dict[str, Tensor]]  # of each file, by its name without suffix


def tensors_of(modules: dict[str, nn.Module], optimisers: dict[str, torch.optim.Adam]) -> Tensors:
    """All that a state holds in tensors; they share memory with the networks."""
    found: Tensors = {name: dict(module.state_dict()) for name, module in modules.items()}
    for name, optimiser in optimisers.items():
        state = optimiser.state_dict()["state"]
        found[name] = {f"{i}.{field}": tensor for i, values in state.items() for field, tensor in values.items()}
    return found


def fill(modules: dict[str, nn.Module], optimisers: dict[str, torch.optim.Adam], tensors: Tensors) -> None:
    """The inverse of ``tensors_of``; learning rates stay as the optimisers have them.

    Moments get the memory layout of their parameters, which files do not hold: the fused Adam of GPUs takes no other.
    """
    for name, module in modules.items():
        module.load_state_dict(tensors[name])
    for name, optimiser in optimisers.items():
        parameters = dict(enumerate(p for group in optimiser.param_groups for p in group["params"]))
        state: dict[int, dict[str, Tensor]] = {}
        for key, tensor in tensors[name].items():
            i, field = key.split(".")
            moment = field.startswith("exp_avg")
            state.setdefault(int(i), {})[field] = torch.empty_like(parameters[int(i)]).copy_(tensor) if moment else tensor
        optimiser.load_state_dict(optimiser.state_dict() | {"state": state})


def save_state(run: Path, tensors: Tensors, counters: dict, config: dict) -> Path:
    """Write the state of step ``counters["step"]`` and keep ``KEPT`` of them; states of later steps will be made again and go.

    Raises GantlitzError (``not-saved``) where it cannot be written; those that were there are whole then.
    """
    states, step = run / "states", counters["step"]
    folder, aside = states / f"{step:06d}", states / ".part"
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for name, values in tensors.items():
            save_file({k: v.contiguous() for k, v in values.items()}, aside / f"{name}.safetensors")
        (aside / "counters.json").write_text(json.dumps(counters))
        (aside / "config.json").write_text(json.dumps(config, indent=1))
        sums = {path.name: _checksum(path) for path in sorted(aside.iterdir())}
        (aside / "checksums.json").write_text(json.dumps(sums, indent=1))
        for path in [*aside.iterdir(), aside]:
            sync(path)
        if folder.exists():  # damaged, or the same again
            shutil.rmtree(folder)
        aside.rename(folder)
        sync(states)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(aside, ignore_errors=True)
        size = sum(v.numel() * v.element_size() for values in tensors.values() for v in values.values())
        last = next(iter(_found(run)), None)
        raise GantlitzError(
            f"The state of step {step} could not be written to {folder}: {error}.",
            f"It needs {size / 1e6:.0f} MB. Make room, then run the same command again: "
            + (f"it goes on from {last}." if last else "it begins anew."),
            "not-saved",
        ) from error
    for other in set(_found(run)) - set(_found(run, step)[:KEPT]):
        shutil.rmtree(other)
    return folder


def last_state(run: Path) -> Path | None:
    """The folder of the newest whole state, or None where there never was one; says on stderr which damaged ones it passes over.

    Raises GantlitzError (``bad-run``) where all are damaged.
    """
    found = _found(run)
    for folder in found:
        if not (problem := _problem(folder)):
            return folder
        print(f"{folder} is damaged ({problem}); the state before it is used.", file=sys.stderr)
    if not found:
        return None
    raise GantlitzError(
        f"{run} holds no whole state: all {len(found)} are damaged.", "Choose another --outdir folder and train anew.", "bad-run"
    )


def read_tensors(folder: Path) -> Tensors:
    """The tensors of a state."""
    return {path.stem: load_file(path) for path in folder.glob("*.safetensors")}


def read_counters(folder: Path) -> dict:
    """The counters of a state."""
    return json.loads((folder / "counters.json").read_text())


def write_aside(path: Path, text: str) -> None:
    """Replace a small file: it is there as it was, or as it is now."""
    aside = path.with_name("." + path.name)
    aside.write_text(text)
    sync(aside)
    aside.replace(path)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _found(run: Path, until: float = math.inf) -> list[Path]:
    """The folders of states, newest first."""
    steps = {path: int(path.name) for path in (run / "states").glob("*") if path.name.isdecimal()}
    for older in (run / name for name in OLDER):
        if older.exists():
            try:
                steps[older] = read_counters(older)["step"]
            except (OSError, ValueError, KeyError):
                steps[older] = 0
    return [path for path, step in sorted(steps.items(), key=lambda item: -item[1]) if step <= until]


def _problem(folder: Path) -> str:
    """What is wrong with a state, or nothing."""
    try:
        read_counters(folder)["step"]
        if folder.name in OLDER:
            for path in folder.glob("*.safetensors"):
                with safe_open(path, "pt"):  # a file that was cut short does not open
                    pass
            return ""
        sums = json.loads((folder / "checksums.json").read_text())
        wrong = [name for name, digest in sums.items() if _checksum(folder / name) != digest]
        return f"{', '.join(wrong)}: not as written" if wrong else ""
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        return str(error)


def _checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()
