"""The report of an evaluation: evaluation.json, evaluation.html, and a few lines for the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..state import write_aside
from .page import page
from .pictures import shuffled
from .run import Evaluation

EACH = 6  # real and fake faces in the pictures


def write_report(found: Evaluation, out: Path) -> list[Path]:
    """Write both files into ``out``, made where it is missing; returns their paths."""
    out.mkdir(parents=True, exist_ok=True)
    shown = shuffled(found.people.held_out, found.sampled, found.finest, EACH, found.figures["asked"]["seed"])
    texts = {"evaluation.json": json.dumps(found.figures, indent=1), "evaluation.html": page(found.figures, shown)}
    for name, text in texts.items():
        write_aside(out / name, text)
    return [out / name for name in texts]


def summary(figures: Mapping[str, Any]) -> str:
    """What a terminal shows."""
    kid = figures["kid"]["patches"]
    lines = [f"{b['what']}: {b['found']} ({b['bar']}: {'met' if b['met'] else 'MISSED'})" for b in figures["bars"]]
    for name, values in kid.items():
        value, (low, high) = values["joint"]["value"], values["joint"]["interval"]
        lines.append(f"kernel distance of patches, {name}: {value:.2f} ({low:.2f} .. {high:.2f})")
    return "\n".join(lines)
