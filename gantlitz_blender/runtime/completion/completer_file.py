"""A completer in one safetensors file: weights as halves, the mask in 256 steps, so that it can travel with the program."""

from __future__ import annotations

from pathlib import Path

import torch

from ..errors import GantlitzError
from ..model.weights_file import FileKind
from .network import CompleterConfig, CompletionNet

BUNDLED = Path(__file__).parents[1] / "bundled" / "gantlitz-completer.safetensors"
MASK_STEPS = 255
FILE = FileKind("gantlitz-completer", 1, "completer", "python -m trainer train-completer")


def save(path: Path, net: CompletionNet, provenance: dict, licence: str) -> None:
    """Write a completer beside ``path``, then rename. provenance: what it was trained on, how, for how long; JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: t.detach().cpu().contiguous() for name, t in net.named_buffers()}
    tensors["mask"] = (tensors["mask"] * MASK_STEPS).round().to(torch.uint8)
    tensors |= {name: p.detach().cpu().half().contiguous() for name, p in net.named_parameters()}
    FILE.save(path, tensors, net.config.to_dict(), provenance, licence)


def load(path: Path) -> tuple[CompletionNet, dict[str, str]]:
    """-> the network on the CPU, without gradients, and the header. Raises GantlitzError for anything but a completer."""
    tensors, fields, header = FILE.load(path)
    try:
        net = CompletionNet(CompleterConfig.from_dict(fields))
        tensors["mask"] = tensors["mask"].float() / MASK_STEPS
        net.load_state_dict(tensors)
    except GantlitzError as error:
        if error.code == "bad-config":
            raise _broken(path, error.sentence) from error
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise _broken(path, str(error).splitlines()[0]) from error
    return net.eval().requires_grad_(False), header


def _broken(path: Path, why: str) -> GantlitzError:
    return GantlitzError(f"{path} cannot be read as a completer ({why}).", "Copy or export it again.", "model-broken")
