"""What a face model says of itself: on whom it was trained, for how long, under which terms. Standard library only.

Only the header of the safetensors file is read, and the file's hash taken: no weights, no torch.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import GantlitzError

BUNDLED = Path(__file__).parent / "bundled" / "gantlitz-xs.safetensors"
HEADER_MAX = 1 << 26  # bytes; more is another file's business
KIND = "gantlitz-face-model"
NOBODY = "No real person: procedural faces"
UNKNOWN = "Not recorded"


@dataclass(frozen=True)
class ModelCard:
    """name, sha256: as recipes name the model. width, height: its canvas in texels. licence, consent: for a person to read.

    subjects: how many people it has learnt from, in all its runs; 0: not recorded. sources: where they come from ("capture" are
    drawn, procedural people). steps: of training, earlier runs' too. seconds: of the last run; None: not recorded.
    """

    name: str
    sha256: str
    width: int
    height: int
    licence: str
    consent: str
    subjects: int
    sources: tuple[str, ...]
    steps: int
    seconds: float | None


def read_card(path: Path | None) -> ModelCard:
    """The card of a model; None is the bundled one. Takes as long as reading the file once.

    Raises GantlitzError (``model-not-found``, ``model-wrong``, ``model-broken``).
    """
    path = path or BUNDLED
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > HEADER_MAX:
                raise ValueError("its header is too long")
            header = json.loads(file.read(length)).get("__metadata__") or {}
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if header.get("kind") != KIND:
            raise GantlitzError(
                f"{path} is a safetensors file but not a GANtlitz face model.",
                "Choose one that was written by: python -m trainer export.",
                "model-wrong",
            )
        config, told = json.loads(header["config"]), json.loads(header.get("provenance", "{}"))
        return _card(path.stem, digest, header, config, told if isinstance(told, dict) else {})
    except FileNotFoundError as error:
        raise GantlitzError(f"There is no face model at {path}.", "Choose a .safetensors file.", "model-not-found") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise GantlitzError(
            f"{path} cannot be read as a face model ({error}).", "Copy, download or export it again.", "model-broken"
        ) from error


def _card(name: str, digest: str, header: Mapping[str, str], config: Mapping[str, Any], told: Mapping[str, Any]) -> ModelCard:
    history = told.get("history", [])
    stores = list(_stores(history))
    seconds = told.get("seconds")
    return ModelCard(
        name=name,
        sha256=digest,
        width=int(config["width"]),
        height=int(config["height"]),
        licence=header.get("licence", "") or UNKNOWN,
        consent=told.get("consent") or consent_of(history),
        subjects=_people(stores),
        sources=tuple(sorted({_maker(store) or "unknown" for store in stores})),
        steps=int(told.get("step", 0)) + _earlier_steps(history),
        seconds=float(seconds) if seconds is not None else None,
    )


def consent_of(history: Iterable[Mapping[str, Any]]) -> str:
    """What a training history tells of the consent of the people in it: that there are none, what ``prepare`` recorded, or that
    nothing was recorded of some of them. A history that begins with another model counts with what that one said."""
    said: set[str] = set()
    for entry in history:
        said |= {NOBODY if _maker(store) == "capture" else store.get("consent") or UNKNOWN for store in entry.get("data", [])}
        start = entry.get("start") or {}
        if "model" in start:
            said.add(start.get("consent") or UNKNOWN)
        if start.get("history"):
            said.add(consent_of(start["history"]))
    if not said or UNKNOWN in said:
        return UNKNOWN
    return "; ".join(sorted(said))


def _stores(history: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for entry in history:
        yield from entry.get("data", [])
        yield from _stores((entry.get("start") or {}).get("history", []))


def _maker(store: Mapping[str, Any]) -> str:
    """Old stores of the capture name its version only."""
    return store.get("maker") or ("capture" if "capture_version" in store else "")


def _people(stores: Iterable[Mapping[str, Any]]) -> int:
    """Drawn people are told apart by version and number, for one may lie in several stores; others by their store's name."""
    drawn: set[tuple[Any, int]] = set()
    scanned: dict[str, int] = {}
    for store in stores:
        count = int(store.get("subjects", 0))
        if _maker(store) == "capture":
            first = int(store.get("first_seed", store.get("first", 0)))
            drawn |= {(store.get("capture_version"), number) for number in range(first, first + count)}
        else:
            name = str(store.get("name", ""))
            scanned[name] = max(count, scanned.get(name, 0))
    return len(drawn) + sum(scanned.values())


def _earlier_steps(history: Iterable[Mapping[str, Any]]) -> int:
    """Of the runs that this one began with. Entries of one run share its beginning, so one of them tells."""
    for entry in history:
        start = entry.get("start") or {}
        if start:
            return int(start.get("step", 0)) + _earlier_steps(start.get("history", []))
    return 0
