"""A completer in one safetensors file: tensors, and in its header the config, the provenance and the licence as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ..errors import GantlitzError
from .network import CompleterConfig, CompletionNet

KIND = "gantlitz-completer"
FORMAT_VERSION = 1


def save(path: Path, net: CompletionNet, provenance: dict, licence: str) -> None:
    """Write a completer beside ``path``, then rename. provenance: what it was trained on, how, for how long; JSON."""
    header = {
        "kind": KIND,
        "format": str(FORMAT_VERSION),
        "config": json.dumps(net.config.to_dict()),
        "provenance": json.dumps(provenance),
        "licence": licence,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        save_file({name: t.detach().cpu().contiguous() for name, t in net.state_dict().items()}, temporary, header)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path) -> tuple[CompletionNet, dict[str, str]]:
    """-> the network on the CPU, without gradients, and the header. Raises GantlitzError for anything but a completer."""
    if not path.is_file():
        raise GantlitzError(f"There is no completer at {path}.", "Choose a .safetensors file of a completer.", "model-not-found")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("kind") != KIND:
                raise GantlitzError(
                    f"{path} is a safetensors file but not a completer.",
                    "Choose one that was written by: python -m trainer train-completer.",
                    "model-wrong",
                )
            if int(header["format"]) > FORMAT_VERSION:
                raise GantlitzError(
                    f"{path} has completer format {header['format']}, this version reads up to {FORMAT_VERSION}.",
                    "Update GANtlitz Face Maps.",
                    "model-newer",
                )
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
        net = CompletionNet(CompleterConfig.from_dict(json.loads(header["config"])))
        net.load_state_dict(tensors)
    except GantlitzError as error:
        if error.code == "bad-config":
            raise _broken(path, error.sentence) from error
        raise
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, RecursionError) as error:
        raise _broken(path, str(error).splitlines()[0]) from error
    return net.eval().requires_grad_(False), header


def _broken(path: Path, why: str) -> GantlitzError:
    return GantlitzError(
        f"{path} cannot be read as a completer ({why}).",
        "It is truncated or of another kind (pickles are never loaded); copy or export it again.",
        "model-broken",
    )
