"""From a run to a model: the averaged generator, with the story of its training in the header."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import load_file

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.config import ModelConfig
from gantlitz_blender.runtime.model.generator import Generator

from .history import History, brief
from .state import recover

LICENCE = "CC0-1.0"  # of a model trained on our own procedural capture


def export_model(run: Path, path: Path) -> Path:
    """Write the EMA generator of ``run`` to ``path``. Raises GantlitzError where the run holds no state."""
    if not recover(run / "state"):
        raise GantlitzError(f"{run} holds no training state.", "Train first: python -m trainer train.", "no-state")
    history = History(run / "history.json").entries
    counters = json.loads((run / "state" / "counters.json").read_text())
    generator = Generator(ModelConfig.from_dict(history[-1]["config"]["model"]))
    generator.load_state_dict(load_file(run / "state" / "ema.safetensors"))
    provenance = {"history": [brief(entry) for entry in history], **counters}
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save(path, generator, provenance, LICENCE)
    return path
