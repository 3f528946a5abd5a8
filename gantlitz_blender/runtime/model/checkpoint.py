"""A model in one safetensors file: tensors, and in its header the config, the provenance and the licence as JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ..errors import GantlitzError
from ..failures import as_gantlitz_error
from .config import FORMAT_VERSION, ModelConfig
from .generator import Generator

KIND = "gantlitz-face-model"


def save(path: Path, generator: Generator, provenance: dict, licence: str, dtype: torch.dtype = torch.float16) -> None:
    """Write a model beside ``path``, then rename. Weights are stored as ``dtype``; constants stay float32.

    provenance: what it was trained on, how, for how long; JSON.
    """
    exact = {"std_mean", "std_sigma", "w_avg", "canvas.origin", "canvas.projection"}
    tensors = {
        name: t.detach().cpu().to(torch.float32 if name in exact else dtype).contiguous()
        for name, t in generator.state_dict().items()
    }
    header = {
        "kind": KIND,
        "format": str(FORMAT_VERSION),
        "config": json.dumps(generator.config.to_dict()),
        "provenance": json.dumps(provenance),
        "licence": licence,
    }
    temporary = path.with_name(f".{path.name}.part")
    try:
        save_file(tensors, temporary, header)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path) -> tuple[Generator, dict[str, str]]:
    """-> the generator in float32 on the CPU, without gradients, and the header. Raises GantlitzError for anything but a model."""
    if not path.is_file():
        raise GantlitzError(f"There is no model at {path}.", "Choose a .safetensors model file.", "model-not-found")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("kind") != KIND:
                raise GantlitzError(
                    f"{path} is a safetensors file but not a GANtlitz face model.",
                    "Choose a model exported by: python -m trainer export.",
                    "model-wrong",
                )
            if int(header["format"]) > FORMAT_VERSION:
                raise GantlitzError(
                    f"{path} has model format {header['format']}, this version reads up to {FORMAT_VERSION}.",
                    "Update GANtlitz Face Maps.",
                    "model-newer",
                )
            config = _config(path, header["config"])
            tensors = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError, ValueError, KeyError, RecursionError) as error:
        raise GantlitzError(
            f"{path} cannot be read as a safetensors model ({error}).",
            "It is truncated or of another kind (pickles are never loaded); copy or download it again.",
            "model-broken",
        ) from error
    try:
        generator = Generator(config)
        generator.load_state_dict(tensors)
    except (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, AssertionError) as error:
        if as_gantlitz_error(error).code == "out-of-memory":
            raise
        raise GantlitzError(
            f"The weights in {path} do not fit its own config.", "Export the model again.", "model-broken"
        ) from error
    return generator.eval().requires_grad_(False), header


def _config(path: Path, text: str) -> ModelConfig:
    try:
        return ModelConfig.from_dict(json.loads(text))
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
