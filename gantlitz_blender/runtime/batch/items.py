"""What a batch is made of: one face, or one scan, each with the name that its files begin with. Standard library only."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import GantlitzError
from ..export_profiles import PROFILES
from ..export_profiles import Output as Files
from ..recipe import Recipe
from ..scan_request import ScanRequest

MOST = 1_000_000  # items of one batch: a plan is held in memory
USUAL = "NODE_WRANGLER"  # of the export profiles


@dataclass(frozen=True)
class Output:
    """How a face's maps are written. level: the canvas at 1/2^level; size: (width, height) in its place, None without.

    profile: one of export_profiles.PROFILES. square: made as wide as they are high.
    """

    level: int = 0
    size: tuple[int, int] | None = None
    profile: str = USUAL
    square: bool = False

    @property
    def files(self) -> Files:
        """Names, formats and conventions."""
        return PROFILES[self.profile]

    def describe(self) -> dict[str, Any]:
        """As JSON: what of it tells one output from another."""
        size: dict[str, Any] = {"size": list(self.size)} if self.size else {"level": self.level}
        return {**size, **_described(self.profile), **({"square": True} if self.square else {})}


def _described(profile: str) -> dict[str, Any]:
    return {} if profile == USUAL else {"profile": profile}


FULL = Output()


@dataclass(frozen=True)
class FaceItem:
    """One face to sample. recipe: with the model's name and hash once it is planned."""

    name: str
    recipe: Recipe
    output: Output = FULL
    kind = "sample"

    @property
    def files(self) -> Files:
        """Names, formats and conventions of its maps."""
        return self.output.files

    def describe(self) -> dict[str, Any]:
        """What is made, as JSON; where it comes from and goes to is no part of it."""
        recipe = self.recipe.to_dict()
        recipe.pop("fit", None)  # its hash says which; its path may change
        return {"kind": self.kind, "recipe": recipe, **self.output.describe()}

    def to_dict(self) -> dict[str, Any]:
        """For another process."""
        return {"kind": self.kind, "name": self.name, "recipe": self.recipe.to_dict(), **self.output.describe()}


@dataclass(frozen=True)
class ScanItem:
    """One scan to complete, or (only_known) to enlarge.

    request: None for a scan that ``problem`` says why it cannot be asked for: it fails when its turn comes, and the others go on.
    """

    name: str
    request: ScanRequest | None
    only_known: bool = False
    made_by: tuple[str, str] = ("", "")  # sha256 of model and completer
    problem: GantlitzError | None = None
    profile: str = USUAL

    @property
    def kind(self) -> str:
        return "upscale" if self.only_known else "complete"

    @property
    def files(self) -> Files:
        """Names, formats and conventions of its maps."""
        return PROFILES[self.profile]

    def describe(self) -> dict[str, Any]:
        """What is made, as JSON; of the scan's files the names alone, since folders are moved and mounted elsewhere."""
        if self.request is None:
            return {"kind": self.kind}
        request = self.request.to_dict()
        request["maps"] = {kind: Path(path).name for kind, path in self.request.maps.items()}
        request["mesh"] = Path(self.request.mesh).name if self.request.mesh else None
        return {"kind": self.kind, "request": request, "made_by": list(self.made_by), **_described(self.profile)}

    def inputs(self) -> dict[str, Path]:
        """The files it is made from."""
        if self.request is None:
            return {}
        mesh = {"mesh": self.request.mesh} if self.request.mesh else {}
        return {kind: Path(path) for kind, path in (self.request.maps | mesh).items()}

    def to_dict(self) -> dict[str, Any]:
        """For another process."""
        request = self.request.to_dict() if self.request else None
        problem = [self.problem.sentence, self.problem.fix, self.problem.code] if self.problem else None
        return {"kind": self.kind, "name": self.name, "request": request, "problem": problem, "profile": self.profile}


@dataclass(frozen=True)
class BlenderItem:
    """One file that Blender makes of a face: a picture, or an asset. recipe: the face's, None for what is of several.

    of: as JSON, what else the file depends on. end: what follows the name in its file. room: bytes of disk, about.
    group: items of one group are one machine's where a batch is shared; empty for an item that is a group of its own.
    derived: it tells of the whole batch and is made anew when that has grown or changed, where others would be refused.
    """

    name: str
    kind: str
    recipe: Recipe | None
    of: dict[str, Any]
    end: str
    room: int = 0
    group: str = ""
    derived: bool = False

    def describe(self) -> dict[str, Any]:
        """What is made, as JSON."""
        recipe = self.recipe.to_dict() if self.recipe else None
        if recipe:
            recipe.pop("fit", None)
        return {"kind": self.kind, "recipe": recipe, **self.of}


Item: TypeAlias = FaceItem | ScanItem  # what the runtime makes
AnyItem: TypeAlias = Item | BlenderItem


def item_of(data: dict[str, Any]) -> Item:
    """Read what to_dict made."""
    if data["kind"] == FaceItem.kind:
        size = tuple(data["size"]) if "size" in data else None
        output = Output(data.get("level", 0), size, data.get("profile", USUAL), data.get("square", False))
        return FaceItem(data["name"], Recipe.from_dict(data["recipe"]), output)
    request = ScanRequest.from_dict(data["request"]) if data["request"] else None
    problem = GantlitzError(*data["problem"]) if data["problem"] else None
    return ScanItem(data["name"], request, data["kind"] == "upscale", problem=problem, profile=data["profile"])


def key_of(item: AnyItem) -> str:
    """16 hexadecimal digits that stand for all that its files depend on."""
    return hashlib.sha256(json.dumps(item.describe(), sort_keys=True).encode()).hexdigest()[:16]
