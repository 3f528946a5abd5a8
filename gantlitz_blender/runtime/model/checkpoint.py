"""A model in one safetensors file: the averaged generator and all constants that it needs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch

from ..errors import GantlitzError
from ..failures import as_gantlitz_error
from .config import FORMAT_VERSION, ModelConfig
from .generator import Generator
from .weights_file import FileKind

FILE = FileKind("gantlitz-face-model", FORMAT_VERSION, "face model", "python -m trainer export")


def save(path: Path, generator: Generator, provenance: dict, licence: str, dtype: torch.dtype = torch.float16) -> None:
    """Write a model beside ``path``, then rename. Weights are stored as ``dtype``; constants stay float32.

    provenance: what it was trained on, how, for how long; JSON.
    """
    exact = {"std_mean", "std_sigma", "w_avg", "canvas.origin", "canvas.projection"}
    tensors = {
        name: t.detach().cpu().to(torch.float32 if name in exact else dtype).contiguous()
        for name, t in generator.state_dict().items()
    }
    FILE.save(path, tensors, generator.config.to_dict(), provenance, licence)


def load(path: Path) -> tuple[Generator, dict[str, str]]:
    """-> the generator in float32 on the CPU, without gradients, and the header. Raises GantlitzError for anything but a model."""
    tensors, fields, header = FILE.load(path)
    config = _config(path, fields)
    try:
        generator = Generator(config)
        generator.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, AssertionError) as error:
        if as_gantlitz_error(error).code == "out-of-memory":
            raise
        raise GantlitzError(
            f"The weights in {path} do not fit its own config.", "Export the model again.", "model-broken"
        ) from error
    return generator.eval().requires_grad_(False), header


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
