"""From a run to a model: the averaged generator, with the story of its training in the header."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.config import ModelConfig
from gantlitz_blender.runtime.model.generator import Generator

from .history import History, brief
from .state import last_state, read_counters

LICENCE = "CC0-1.0"  # of a model trained on our own procedural capture


def export_model(run: Path, path: Path) -> Path:
    """Write the EMA generator of ``run`` to ``path``. Raises GantlitzError where the run holds no state."""
    state = last_state(run)
    if state is None:
        raise GantlitzError(f"{run} holds no training state.", "Train first: python -m trainer train.", "no-state")
    history = History(run / "history.json").entries
    counters = read_counters(state)
    generator = Generator(ModelConfig.from_dict(history[-1]["config"]["model"]))
    generator.load_state_dict(load_file(state / "ema.safetensors"))
    provenance = {"history": [brief(entry) for entry in history], **counters}
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save(path, generator, provenance, LICENCE)
    return path
