"""A model in one safetensors file: the averaged generator, all constants that it needs, and the directions of its labels.

A file without directions has format 1. With them it has format 2, the tensors ``directions.spread`` and ``directions.gram``,
and in its header's provenance ``directions``: ``labels``, and what is known of them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..directions import Directions
from ..errors import GantlitzError
from ..failures import as_gantlitz_error
from .config import FORMAT_VERSION, ModelConfig
from .generator import Generator
from .weights_file import FileKind, provenance

DIRECTIONS = "directions."  # the tensors' prefix
FILE = FileKind("gantlitz-face-model", FORMAT_VERSION, "face model", "python -m trainer export")


def save(path: Path, generator: Generator, story: dict, licence: str, dtype: torch.dtype = torch.float16) -> None:
    """Write a model beside ``path``, then rename. Weights are stored as ``dtype``; constants stay float32.

    story: its provenance, that is, what it was trained on, how, for how long; JSON.
    """
    exact = {"std_mean", "std_sigma", "w_avg", "canvas.origin", "canvas.projection"}
    tensors = {
        name: t.detach().cpu().to(torch.float32 if name in exact else dtype).contiguous()
        for name, t in generator.state_dict().items()
    }
    FILE.save(path, tensors, generator.config.to_dict(), story, licence, version=1)


def save_with_directions(source: Path, path: Path, directions: Directions, about: dict) -> None:
    """Write the model ``source`` to ``path`` with these directions in place of any that it has; all else stays as it is.

    about: what is known of them, JSON. Raises GantlitzError for anything but a model.
    """
    tensors, fields, header = FILE.load(source)
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith(DIRECTIONS)}
    found = {DIRECTIONS + "spread": directions.spread.contiguous(), DIRECTIONS + "gram": directions.gram.contiguous()}
    story = provenance(header) | {"directions": {"labels": list(directions.labels), **about}}
    FILE.save(path, kept | found, fields, story, header.get("licence", ""), version=2)


def load(path: Path) -> tuple[Generator, dict[str, str]]:
    """-> the generator in float32 on the CPU, without gradients, and the header. Raises GantlitzError for anything but a model."""
    generator, _, header = load_with_directions(path)
    return generator, header


def load_with_directions(path: Path) -> tuple[Generator, Directions, dict[str, str]]:
    """Like ``load``, and between them the directions, which have no labels where the model has none."""
    tensors, fields, header = FILE.load(path)
    config = _config(path, fields)
    directions = _directions(path, config, tensors, header)
    try:
        generator = Generator(config)
        weights = {name: tensor.float() for name, tensor in tensors.items() if not name.startswith(DIRECTIONS)}
        generator.load_state_dict(weights)
    except (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, AssertionError) as error:
        if as_gantlitz_error(error).code == "out-of-memory":
            raise
        raise GantlitzError(
            f"The weights in {path} do not fit its own config.", "Export the model again.", "model-broken"
        ) from error
    return generator.eval().requires_grad_(False), directions, header


def _directions(path: Path, config: ModelConfig, tensors: dict[str, Tensor], header: dict[str, str]) -> Directions:
    if not any(name.startswith(DIRECTIONS) for name in tensors):
        return Directions.none(config.w_dim)
    try:
        labels = provenance(header)["directions"]["labels"]
        spread, gram = (tensors[DIRECTIONS + name].float() for name in ("spread", "gram"))
        whole = spread.shape == (config.w_dim, len(labels)) and gram.shape == (len(labels), len(labels))
        if not isinstance(labels, list) or not whole or not all(isinstance(label, str) for label in labels):
            raise ValueError("they do not fit the model")
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise GantlitzError(
            f"The directions in {path} cannot be read ({error}).", "Copy, download or make it again.", "model-broken"
        ) from error
    return Directions(tuple(labels), spread, gram)


def _config(path: Path, fields: Any) -> ModelConfig:
    try:
        return ModelConfig.from_dict(fields)
    except GantlitzError as error:
        raise GantlitzError(
            f"The config in {path} cannot be used: {error.sentence}",
            error.fix if error.code == "model-newer" else "The file is damaged; copy, download or export it again.",
            error.code if error.code == "model-newer" else "model-broken",
        ) from error


def sha256(path: Path) -> str:
    """The digest that names a model in recipes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
