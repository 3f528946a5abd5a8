"""A job file: what is too long for a command line. docs/job.schema.json says what it may hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..embedded_recipe import read_recipe
from ..errors import GantlitzError
from ..recipe import Recipe
from ..recipe_parts import Grain
from .faces import FaceGroup, seed_ranges
from .items import FULL, MOST, Item, Output
from .job_schema import ENTRIES, SCHEMA
from .profiles import profile_named
from .scans import ScanGroup
from .schema_check import check, nearest


@dataclass(frozen=True)
class Job:
    """A job file that has been read and checked. entries: what it makes; folder: where its relative paths start.

    outdir, model, completer, device, threads, tile: None where it says nothing.
    """

    entries: list[dict[str, Any]]
    folder: Path
    outdir: Path | None
    model: Path | None
    completer: Path | None
    device: str | None
    threads: int | None
    tile: int | None
    output: Output

    @classmethod
    def read(cls, path: Path) -> Job:
        """Raises GantlitzError (``bad-request``, with the file's name and the place in it)."""
        try:
            data = json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise GantlitzError(f"The job file {path} cannot be read: {error.strerror}.", "Check the path.") from error
        except (ValueError, RecursionError) as error:
            raise GantlitzError(f"The job file {path} is not JSON: {error}.", "Correct it.") from error
        try:
            return cls._of(data, path.absolute().parent)
        except GantlitzError as error:
            raise GantlitzError(f"{path}: {error.sentence}", error.fix, error.code) from error

    @classmethod
    def _of(cls, data: Any, folder: Path) -> Job:
        jobs = {**SCHEMA["properties"]["jobs"], "items": {"type": "object"}}  # which entry each is, its "do" says
        check(data, {**SCHEMA, "properties": {**SCHEMA["properties"], "jobs": jobs}}, "the job")
        for n, entry in enumerate(data["jobs"]):
            where = f"jobs[{n}]"
            kind = entry.get("do")
            if kind not in ENTRIES:
                said = f"{where} needs the key 'do'." if kind is None else f"{where} cannot do {kind!r}."
                raise GantlitzError(said, f"{nearest(str(kind), list(ENTRIES))}Known: {', '.join(ENTRIES)}.")
            check(entry, ENTRIES[kind], where)
        path: Callable[[str], Path | None] = lambda key: folder / data[key] if key in data else None  # noqa: E731
        return cls(
            data["jobs"], folder, path("outdir"), path("model"), path("completer"), data.get("device"), data.get("threads"),
            data.get("tile"), _output(data, FULL, "the job"),
        )  # fmt: skip

    def items(self, made_by: Callable[[], tuple[str, str]]) -> list[Item]:
        """All that it makes, in its order. made_by: asked for sha256 of model and completer where there are scans."""
        made: list[Item] = []
        for n, entry in enumerate(self.entries):
            try:
                if entry["do"] == "sample":
                    made += self._faces(entry, f"jobs[{n}]").items()
                else:
                    made += self._scans(entry).items(made_by())
            except GantlitzError as error:
                raise GantlitzError(f"jobs[{n}]: {error.sentence}", error.fix, error.code) from error
        if len(made) > MOST:
            raise GantlitzError(f"That would be {len(made):,} items.", f"Ask for {MOST:,} at most, in several jobs if need be.")
        return made

    def _faces(self, entry: dict[str, Any], where: str) -> FaceGroup:
        if ("seeds" in entry) == ("recipes" in entry):
            raise GantlitzError("A sample needs either seeds or recipes.", "Give one of the two.")
        return FaceGroup(
            seeds=_ranges(entry.get("seeds", [])),
            recipes=[self._recipe(value, n) for n, value in enumerate(_listed(entry.get("recipes", [])))],
            psi=_listed(entry.get("psi", [])),
            noise_seed=_ranges(entry.get("noise_seed", [])),
            noise_strength=entry.get("noise_strength"),
            mix={band: (_ranges(mix["seeds"]), mix.get("amount", 1.0)) for band, mix in entry.get("mix", {}).items()},
            grain={scale: Grain(**grain) for scale, grain in entry.get("grain", {}).items()},
            edits=entry.get("edits", {}),
            locks=entry.get("locks", []),
            walk=entry.get("walk", 0),
            loop=entry.get("loop", False),
            prefix=entry.get("prefix", ""),
            output=_output(entry, self.output, where),
        )

    def _recipe(self, value: Any, n: int) -> tuple[str, Recipe]:
        if isinstance(value, str):
            path = self.folder / value
            return path.stem.rpartition("_")[0] or path.stem, read_recipe(path)
        return f"recipe{n:04d}", Recipe.from_dict(value).beside(self.folder)

    def _scans(self, entry: dict[str, Any]) -> ScanGroup:
        same = ("method", "width", "refine", "directx", "displacement_mm")
        options: dict[str, Any] = {key: entry[key] for key in same if key in entry}
        options["keep"] = not entry.get("replace", False)
        if "mesh" in entry:
            options["mesh"] = str(self.folder / entry["mesh"])
        points = self.folder / entry["points"] if "points" in entry else None
        scans = [self.folder / path for path in _listed(entry["scans"])]
        profile = profile_named(entry["profile"]) if "profile" in entry else self.output.profile
        return ScanGroup(scans, options, entry["do"] == "upscale", points, prefix=entry.get("prefix", ""), profile=profile)


def _output(data: dict[str, Any], otherwise: Output, where: str) -> Output:
    if "level" in data and "size" in data:
        raise GantlitzError(f"{where} says both a level and a size.", "Give one of the two.")
    level, size = otherwise.level, otherwise.size
    if "level" in data or "size" in data:
        level, size = data.get("level", 0), data.get("size")
    profile = profile_named(data["profile"]) if "profile" in data else otherwise.profile
    return Output(level, (size[0], size[1]) if size else None, profile, data.get("square", otherwise.square))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _ranges(value: Any) -> list[range]:
    return [r for part in _listed(value) for r in (seed_ranges(part) if isinstance(part, str) else [range(part, part + 1)])]
