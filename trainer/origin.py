"""What a fresh run may begin with: the networks of another run, or the generator of an exported model."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.generator import Generator

from .history import SHAPING, History, brief, changes
from .state import last_state, read_counters
from .train_config import FAULT, TrainConfig


def is_fitted(name: str) -> bool:
    """Whether a tensor of a network is fitted to the stores before training: canvas, noise strengths, constants, mask."""
    return name.startswith(("canvas.", "std_", "mask")) or ".noise_map." in name


def is_model(start: Path) -> bool:
    """Whether this is an exported model, a file; else it is the folder of a run."""
    return start.suffix == ".safetensors" or start.is_file()


def origin_of(start: Path) -> dict:
    """What a run says of its beginning: a model's name and sha256; or another run's name, how far it went, and its own history."""
    if is_model(start):
        if not start.is_file():
            raise GantlitzError(f"There is no model at {start}.", "Name a .safetensors model, or the folder of a run.", "bad-run")
        return {"model": start.name, "sha256": checkpoint.sha256(start)}
    folder = _state_of(start)
    entries = [brief(entry) for entry in History(start / "history.json").entries]
    return {"run": start.name, "step": read_counters(folder)["step"], "history": entries}


def check_freezing(config: TrainConfig, start: Path | None) -> None:
    """Raises GantlitzError where a fresh run would keep stages of a discriminator that has learnt nothing yet."""
    if config.freeze_d and (start is None or is_model(start)):
        there = "without --init it" if start is None else f"the model {start} has none, so that it"
        raise GantlitzError(
            f"freeze_d {config.freeze_d} keeps stages of a discriminator that has learnt; {there} begins with random ones.",
            "Begin with --init RUN, the folder of a run, or with --set freeze_d=0.",
            FAULT,
        )


def load_generator(start: Path, generator: Generator, config: TrainConfig) -> None:
    """Begin with another run's averaged generator, or with a model's, but for what is fitted to stores.

    Raises GantlitzError (``other-model``) naming the fields that shape the networks and differ, or what cannot be read.
    """
    if is_model(start):
        with torch.random.fork_rng(devices=[]):  # what is drawn after it is what a run without it draws
            other = checkpoint.load(start)[0]
        _compare(start, {"model": other.config.to_dict()}, config, ("model.",))
        _fill(start, other.state_dict(), generator)
        return
    folder = _state_of(start)
    if entries := History(start / "history.json").entries:
        _compare(start, entries[-1]["config"], config, SHAPING)
    _fill(folder, _read(folder, "ema"), generator)


def load_discriminator(start: Path, discriminator: nn.Module) -> None:
    """Begin with another run's discriminator; a model has none, and leaves it as it is."""
    if not is_model(start):
        folder = _state_of(start)
        _fill(folder, _read(folder, "discriminator"), discriminator)


def _state_of(run: Path) -> Path:
    folder = last_state(run)
    if folder is None:
        fix = "Name the folder of a run that has been trained, or a .safetensors model."
        raise GantlitzError(f"Training cannot start from {run}: it holds no training state.", fix, "bad-run")
    return folder


def _compare(start: Path, was: dict, config: TrainConfig, fields: tuple[str, ...]) -> None:
    """Whether the fields that begin with one of these names are the same; a plan is a name of what its sizes say."""
    changed = {name: pair for name, pair in changes(was, asdict(config)).items() if name.startswith(fields)}
    changed.pop("model.plan", None)
    if changed:
        there, here = ([json.dumps(pair[i], separators=(",", ":")) for pair in changed.values()] for i in (0, 1))
        said = ", ".join(f"{name} is {a} there and {b} here" for name, a, b in zip(changed, there, here, strict=True))
        settings = " ".join(f"--set {shlex.quote(f'{name}={value}')}" for name, value in zip(changed, there, strict=True))
        raise GantlitzError(f"Training cannot start from {start}: {said}.", f"Begin with {settings}", "other-model")


def _read(folder: Path, network: str) -> dict[str, Tensor]:
    try:
        return load_file(folder / f"{network}.safetensors")
    except (OSError, SafetensorError) as error:
        sentence = f"Training cannot start from {folder}: its {network} cannot be read ({error})."
        raise GantlitzError(sentence, "Name the folder of another run.", "bad-run") from error


def _fill(start: Path, learnt: dict[str, Tensor], network: nn.Module) -> None:
    rest = {name: tensor for name, tensor in network.state_dict().items() if is_fitted(name)}
    try:
        network.load_state_dict({name: tensor for name, tensor in learnt.items() if not is_fitted(name)} | rest)
    except RuntimeError as error:  # of a run without history, or of another version
        fix = "Name a run or a model of the same preset."
        raise GantlitzError(f"Training cannot start from {start}: {str(error).splitlines()[0]}", fix, "bad-run") from error
