"""What a run was really made of: every setting and every store, from which step on."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.config import ModelConfig

from .presets import TrainConfig
from .state import write_aside

SHAPING = ("model.", "d_", "patch")  # settings that give the networks their shapes: a run cannot change them


class History:
    """``history.json``: a list of ``{"from_step", "config", "data"}``; a new entry where a resumed run was told something new."""

    def __init__(self, path: Path):
        self.path = path
        try:
            self.entries: list[dict] = json.loads(path.read_text()) if path.exists() else []
        except ValueError as error:
            fix = "Choose another --outdir folder and train anew."
            raise GantlitzError(f"{path} is damaged ({error}).", fix, "bad-run") from error

    def check(self, entry: dict) -> list[str]:
        """Which settings differ from what the run had last, a line each.

        Raises GantlitzError (``other-model``) where one of them would change the networks.
        """
        if not self.entries:
            return []
        changed = changes(self.entries[-1]["config"], _plain(entry["config"]))
        # Nor can it begin or end to be paired: its people are part of its state.
        shaping = [name for name, pair in changed.items() if name.startswith(SHAPING) or (name == "paired" and 0 in pair)]
        if shaping:
            said = ", ".join(f"{name} was {changed[name][0]} and is {changed[name][1]}" for name in shaping)
            raise GantlitzError(
                f"{self.path.parent} holds a run of another model: {said}.",
                "Choose another --outdir folder, or the settings that run was started with.",
                "other-model",
            )
        lines = [f"{name}: {json.dumps(was)} -> {json.dumps(now)}" for name, (was, now) in changed.items()]
        return lines + (["the stores are others, or hold others"] if self.entries[-1]["data"] != _plain(entry)["data"] else [])

    def add(self, step: int, entry: dict) -> None:
        """Note what holds from ``step`` on, unless it held before; what was noted of later steps will be made again."""
        entry = {"from_step": step, **_plain(entry)}
        before = [e for e in self.entries if e["from_step"] <= step]
        if not before or entry | {"from_step": 0} != before[-1] | {"from_step": 0}:
            before = [e for e in before if e["from_step"] < step] + [entry]
        if before != self.entries:
            self.entries = before
            write_aside(self.path, json.dumps(self.entries, indent=1))

    @property
    def origin(self) -> dict | None:
        """What this run started from, as ``origin.Origin`` describes it, or None."""
        return self.entries[-1].get("start") if self.entries else None


def changes(was: dict, now: dict) -> dict[str, tuple[Any, Any]]:
    """(before, after) of every setting that differs, a model's as ``model.field``. What a run did not know yet had its default."""
    before, after = _flat(_plain(_defaults(TrainConfig))) | _flat(_plain(was)), _flat(_plain(now))
    return {name: (before[name], value) for name, value in after.items() if before[name] != value}


def brief(entry: dict) -> dict:
    """An entry without the model's sizes, which the checkpoint's own config holds."""
    return entry | {"config": {k: v for k, v in entry["config"].items() if k != "model"}}


def cut_log(path: Path, step: int) -> None:
    """Drop the rows of steps that will be made again, and what a kill left of a row."""
    if path.exists():
        lines = path.read_text().splitlines()
        kept = [line for line, row in zip(lines, map(_row, lines), strict=True) if row and row["step"] <= step]
        write_aside(path, "".join(line + "\n" for line in kept))


def _row(line: str) -> dict | None:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _flat(config: dict) -> dict[str, Any]:
    flat = {k: v for k, v in config.items() if k != "model"} | {f"model.{k}": v for k, v in config.get("model", {}).items()}
    widths = flat.get("d_channels", [])
    while len(widths) > 1 and widths[-1] == widths[-2]:  # the last one repeats, written out or not
        widths = widths[:-1]
    return flat | {"d_channels": widths}


def _defaults(kind: type) -> dict[str, Any]:
    """A TrainConfig's defaults, its model's within."""
    values = {f.name: f.default for f in dataclasses.fields(kind) if f.default is not dataclasses.MISSING}
    return values if kind is ModelConfig else values | {"model": _defaults(ModelConfig)}


def _plain(value: dict) -> dict:
    """As it reads back from JSON: tuples are lists there."""
    return json.loads(json.dumps(value))
