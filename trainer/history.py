"""What a run was really made of: every setting and every store, from which step on."""

from __future__ import annotations

import json
from pathlib import Path

from gantlitz_blender.runtime.errors import GantlitzError


class History:
    """``history.json``: a list of ``{"from_step", "config", "data"}``; a new entry where a resumed run was told something new."""

    def __init__(self, path: Path):
        self.path = path
        self.entries: list[dict] = json.loads(path.read_text()) if path.exists() else []

    def check(self, entry: dict) -> None:
        """Raises GantlitzError where a run of another model would be resumed."""
        if self.entries and self.entries[-1]["config"]["model"] != _plain(entry["config"]["model"]):
            raise GantlitzError(
                f"{self.path.parent} holds a run of another model config.",
                "Choose another --run folder, or the settings that run was started with.",
            )

    def add(self, step: int, entry: dict) -> None:
        """Note what holds from ``step`` on, unless it held before."""
        entry = {"from_step": step, **_plain(entry)}
        if self.entries and entry | {"from_step": 0} == self.entries[-1] | {"from_step": 0}:
            return
        self.entries = [e for e in self.entries if e["from_step"] < step] + [entry]
        aside = self.path.with_name("." + self.path.name)
        aside.write_text(json.dumps(self.entries, indent=1))
        aside.replace(self.path)


    @property
    def origin(self) -> dict | None:
        """The run that this one started from, as ``origin_of`` has it, or None."""
        return self.entries[-1].get("start") if self.entries else None


def origin_of(run: Path) -> dict:
    """What a run that starts with another one's networks says of it: its name, how far it went, and its own history."""
    try:
        step = json.loads((run / "state" / "counters.json").read_text())["step"]
    except (OSError, ValueError, KeyError) as error:
        raise GantlitzError(
            f"{run} holds no training state to start from ({error}).", "Name the folder of a run that has been trained.", "bad-run"
        ) from error
    return {"run": run.name, "step": step, "history": [brief(entry) for entry in History(run / "history.json").entries]}


def brief(entry: dict) -> dict:
    """An entry without the model's sizes, which the checkpoint's own config holds."""
    return entry | {"config": {k: v for k, v in entry["config"].items() if k != "model"}}


def cut_log(path: Path, step: int) -> None:
    """Drop the rows of steps that will be made again."""
    if not path.exists():
        return
    rows = [line for line in path.read_text().splitlines() if line and json.loads(line)["step"] <= step]
    path.write_text("".join(row + "\n" for row in rows))


def _plain(value: dict) -> dict:
    """As it reads back from JSON: tuples are lists there."""
    return json.loads(json.dumps(value))
