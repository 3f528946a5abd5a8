"""From a run to a model: the averaged generator, with the story of its training in the header."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.config import ModelConfig
from gantlitz_blender.runtime.model.generator import Generator
from gantlitz_blender.runtime.model_card import consent_of

from .history import History, brief
from .state import last_state, read_counters


def export_model(run: Path, path: Path, licence: str | None = None) -> Path:
    """Write the EMA generator of ``run`` to ``path``.

    licence: what its header says of it; None: the licences of all subjects that it has learnt from, also before this run.
    Raises GantlitzError where the run holds no state, or does not know those licences.
    """
    state = last_state(run)
    if state is None:
        raise GantlitzError(f"{run} holds no training state.", "Train first: python -m trainer train.", "no-state")
    history = History(run / "history.json").entries
    licence = licence or "; ".join(sorted(_licences(history)))
    if not licence:
        fix = "Give --licence TEXT, for instance --licence 'our scans, with consent'."
        raise GantlitzError(f"{run} does not say under which licences its subjects may be used.", fix, "no-licence")
    counters = read_counters(state)
    generator = Generator(ModelConfig.from_dict(history[-1]["config"]["model"]))
    generator.load_state_dict(load_file(state / "ema.safetensors"))
    provenance = {"history": [brief(entry) for entry in history], "consent": consent_of(history), **counters}
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save(path, generator, provenance, licence)
    return path


def _licences(history: list[dict]) -> set[str]:
    """Of all that the entries of a run's history, and of the runs and the model that it began with, were trained on."""
    found: set[str] = set()
    for entry in history:
        found.update(licence for store in entry["data"] for licence in store.get("licences", []))
        start = entry.get("start") or {}
        found.update(_licences(start.get("history", [])))
        if "licence" in start:
            found.add(start["licence"])
    return found
