"""From a run to a model: the averaged generator, with the story of its training in the header."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import load_file

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.config import ModelConfig
from gantlitz_blender.runtime.model.generator import Generator

LICENCE = "CC0-1.0"  # of a model trained on our own procedural capture


def export_model(run: Path, path: Path) -> Path:
    """Write the EMA generator of ``run`` to ``path``. Raises GantlitzError where the run holds no state."""
    if not (run / "state" / "counters.json").exists():
        raise GantlitzError(f"{run} holds no training state.", "Train first: python -m trainer train.", "no-state")
    config = json.loads((run / "config.json").read_text())
    counters = json.loads((run / "state" / "counters.json").read_text())
    generator = Generator(ModelConfig.from_dict(config.pop("model")))
    generator.load_state_dict(load_file(run / "state" / "ema.safetensors"))
    provenance = {"training": config, "data": json.loads((run / "data.json").read_text()), **counters}
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save(path, generator, provenance, LICENCE)
    return path
