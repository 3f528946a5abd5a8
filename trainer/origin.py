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
from gantlitz_blender.runtime.model_card import read_card

from .history import SHAPING, History, brief, changes
from .state import last_state, read_counters
from .train_config import FAULT, TrainConfig

FITTED_SIZES = ("model.components", "model.component_level", "model.mean_level", "model.mask_level")  # of what is fitted anew


def is_fitted(name: str) -> bool:
    """Whether a tensor of a network is fitted to the stores before training: canvas, noise strengths, constants, mask."""
    return name.startswith(("canvas.", "std_", "mask")) or ".noise_map." in name


class Origin:
    """Another run's newest whole state, or an exported model, which has no state and no discriminator.

    start: the folder of the run, or the model's file. Raises GantlitzError (``bad-run``) where there is neither.
    """

    def __init__(self, start: Path):
        self.start = start
        is_model = start.suffix == ".safetensors" or start.is_file()
        if is_model and not start.is_file():
            raise GantlitzError(f"There is no model at {start}.", "Name a .safetensors model, or the folder of a run.", "bad-run")
        self.state = None if is_model else _state_of(start)  # found once: its files are compared with their checksums

    def describe(self) -> dict:
        """What a run says of its beginning: a model's name and sha256; or another run's, how far it went, and its own history."""
        if self.state is None:
            card = read_card(self.start)
            return {"model": self.start.name, "sha256": card.sha256, "consent": card.consent}
        entries = [brief(entry) for entry in History(self.start / "history.json").entries]
        return {"run": self.start.name, "step": read_counters(self.state)["step"], "history": entries}

    def load_generator(self, generator: Generator, config: TrainConfig) -> None:
        """Begin with another run's averaged generator, or with a model's, but for what is fitted to stores.

        Raises GantlitzError (``other-model``) naming the fields that shape the networks and differ, or what cannot be read.
        """
        if self.state is None:
            with torch.random.fork_rng(devices=[]):  # what is drawn after it is what a run without it draws
                other = checkpoint.load(self.start)[0]
            _compare(self.start, {"model": other.config.to_dict()}, config, ("model.",))
            _fill(self.start, other.state_dict(), generator)
            return
        if entries := History(self.start / "history.json").entries:
            _compare(self.start, entries[-1]["config"], config, SHAPING)
        _fill(self.state, _read(self.state, "ema"), generator)

    def load_discriminator(self, discriminator: nn.Module) -> None:
        """Begin with another run's discriminator; a model has none, and leaves it as it is."""
        if self.state is not None:
            _fill(self.state, _read(self.state, "discriminator"), discriminator)


def check_freezing(config: TrainConfig, origin: Origin | None) -> None:
    """Raises GantlitzError where a fresh run would keep stages of a discriminator that has learnt nothing yet."""
    if config.freeze_d and (origin is None or origin.state is None):
        there = "without --init it" if origin is None else f"the model {origin.start} has none, so that it"
        raise GantlitzError(
            f"freeze_d {config.freeze_d} keeps stages of a discriminator that has learnt; {there} begins with random ones.",
            "Begin with --init RUN, the folder of a run, or with --set freeze_d=0.",
            FAULT,
        )


def _state_of(run: Path) -> Path:
    folder = last_state(run)
    if folder is None:
        fix = "Name the folder of a run that has been trained, or a .safetensors model."
        raise GantlitzError(f"Training cannot start from {run}: it holds no training state.", fix, "bad-run")
    return folder


def _compare(start: Path, was: dict, config: TrainConfig, fields: tuple[str, ...]) -> None:
    """Whether the fields that begin with one of these names are the same, but for sizes of what a fresh run fits.

    A plan is a name of what its sizes say.
    """
    changed = {name: pair for name, pair in changes(was, asdict(config)).items() if name.startswith(fields)}
    for name in ("model.plan", *FITTED_SIZES):
        changed.pop(name, None)
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
