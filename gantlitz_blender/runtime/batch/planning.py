"""What is to be made: what is whole already is left, what is another's is refused, and the disk is asked for room."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import map_files, sizing
from ..embedded_recipe import PNG_SIGNATURE
from ..errors import GantlitzError
from ..model_facts import ModelFacts, sha256_of
from .items import USUAL, AnyItem, BlenderItem, FaceItem, ScanItem, key_of
from .manifest import Entry, Record, manifest_path, manifests, read_manifest

# Of all files of a face, by profile: a little more than `python -m benchmarks.batch --only disk` measures with the bundled model.
BYTES_PER_TEXEL = {"NODE_WRANGLER": 9.0, "METAHUMAN": 5.8, "CHARACTER_CREATOR": 5.1, "TEXTURING_XYZ": 18.2, "UDIM": 9.0}
LEAST_TILE = 16  # texels a side, as tiling has it
RAW_TEXEL, JPEG_TEXEL = 3, 0.3  # bytes of a scan's file whose header is not read


@dataclass(frozen=True)
class Settings:
    """Where and how a batch is made. resume: what is whole stays; add: beside what another job has made in the folder."""

    outdir: Path
    model: Path | None = None
    completer: Path | None = None
    device: str = "auto"
    threads: int | None = None
    tile: int = 512
    shard: tuple[int, int] = (1, 1)
    processes: int = 1
    dask: str | None = None  # a scheduler's address, or local:N
    resume: bool = True
    add: bool = False


@dataclass(frozen=True)
class Plan:
    """items: this shard's, in order. whole: names of those that need not be made. needed, free: bytes of disk."""

    items: list[AnyItem]
    whole: set[str] = field(default_factory=set)
    needed: int = 0
    free: int = 0

    @property
    def missing(self) -> list[AnyItem]:
        """What is left to make."""
        return [item for item in self.items if item.name not in self.whole]


def plan(items: Sequence[AnyItem], settings: Settings, facts: ModelFacts) -> Plan:
    """Look at the folder, and change nothing there.

    Raises GantlitzError: ``bad-request`` (two items of one name, a size the model has not), ``other-job``, ``file-in-the-way``,
    ``disk-full``, ``folder-unwritable``, ``bad-manifest``.
    """
    items = [_of_model(item, facts) for item in items]
    if settings.tile < LEAST_TILE:  # every face would be refused for it
        raise GantlitzError(f"A tile of {settings.tile} texels is too small.", f"Choose {LEAST_TILE} or more; 512 is usual.")
    if not items:
        raise GantlitzError("There is nothing to make.", "Ask for a seed, a recipe or a scan.")
    by_name: dict[str, AnyItem] = {}
    for item in items:
        if item.name in by_name and by_name[item.name] != item:
            raise GantlitzError(f"Two different items would be called {item.name}.", "Give one of them a prefix of its own.")
        by_name[item.name] = item
    own = _of_shard(list(by_name.values()), settings.shard)
    entries = read_manifest(settings.outdir)
    _refuse_others(entries, by_name, settings)
    with ThreadPoolExecutor() as pool:
        flags = pool.map(lambda item: settings.resume and is_whole(settings.outdir, item, entries.get(item.name)), own)
        whole = {item.name for item, good in zip(own, flags, strict=True) if good}
    missing = [item for item in own if item.name not in whole]
    if settings.resume:
        begun = set[str]().union(*(Record.of(path).begun for path in manifests(settings.outdir)))
        _refuse_unknown_files(settings.outdir, [item for item in missing if item.name not in begun | entries.keys()])
    result = Plan(own, whole, *_room(missing, entries, settings, facts))
    if missing:
        map_files.check(settings.outdir, missing[0].name, 1, 1)
    refuse_full_disk([result], settings.outdir)
    return result


def refuse_full_disk(plans: Sequence[Plan], folder: Path) -> None:
    """Raises GantlitzError (``disk-full``) where there is no room for all of them, which are made in `folder` or below it."""
    needed, free = sum(each.needed for each in plans), min(each.free for each in plans)
    if needed > free:
        raise GantlitzError(
            f"What is left to make needs about {amount(needed)}, and {folder} has {amount(free)} free.",
            "Free some space, choose another folder, or a smaller size.",
            "disk-full",
        )


def _of_shard(items: Sequence[AnyItem], shard: tuple[int, int]) -> list[AnyItem]:
    """Each nth group from the ith on: all pictures of a face are made where its maps are."""
    groups = [(isinstance(item, BlenderItem) and item.group) or item.name for item in items]
    own = set(list(dict.fromkeys(groups))[shard[0] - 1 :: shard[1]])
    return [item for item, group in zip(items, groups, strict=True) if group in own]


def is_whole(folder: Path, item: AnyItem, entry: Entry | None) -> bool:
    """Whether an item's files are there, each with the hash that was recorded when it was made from the same files."""
    if entry is None or entry["state"] != "done" or entry["key"] != key_of(item):
        return False
    inputs = item.inputs() if isinstance(item, ScanItem) else {}
    try:
        for made in entry["files"].values():
            path = folder / made["file"]
            if path.stat().st_size != made["bytes"] or sha256_of(path) != made["sha256"]:
                return False
        return entry.get("inputs", {}) == {kind: sha256_of(path) for kind, path in inputs.items()}
    except OSError:
        return False


def _of_model(item: AnyItem, facts: ModelFacts) -> AnyItem:
    if isinstance(item, ScanItem):
        return item
    if isinstance(item, FaceItem):
        sizing.size_of(facts, item.output.level, item.output.size)
    recipe = item.recipe
    if recipe is None or recipe.model_sha256:  # another model's: refused when its turn comes
        return item
    return replace(item, recipe=replace(recipe, model=facts.name, model_sha256=facts.sha256))


def _refuse_others(entries: dict[str, Entry], by_name: dict[str, AnyItem], settings: Settings) -> None:
    if settings.resume:
        for name, entry in entries.items():
            if name in by_name and entry["key"] != key_of(by_name[name]) and not _is_derived(by_name[name], entry):
                raise GantlitzError(
                    f"{settings.outdir} holds a {name} that was made by another job, from another recipe or at another size.",
                    "Choose another folder or a prefix; or have it made anew with --no-resume.",
                    "other-job",
                )
    others = [name for name, entry in entries.items() if name not in by_name and not entry.get("derived")]
    if others and not settings.add:
        raise GantlitzError(
            f"{settings.outdir} holds the manifest of another job: {len(others)} of its items are not of this one, as {others[0]}.",
            "Choose another folder, ask for those too, or put this job beside it with --add.",
            "other-job",
        )


def _is_derived(item: AnyItem, entry: Entry) -> bool:
    return isinstance(item, BlenderItem) and item.derived and item.kind == entry.get("kind")


def _refuse_unknown_files(folder: Path, items: Sequence[AnyItem]) -> None:
    """A file that no manifest tells of is somebody's."""
    if not folder.is_dir():
        return
    there = set(os.listdir(folder))
    for item in items:
        ends = (item.end,) if isinstance(item, BlenderItem) else (map_files.SUFFIXES | item.files.ends()).values()
        for suffix in ends:
            if f"{item.name}{suffix}" in there:
                raise GantlitzError(
                    f"{folder / f'{item.name}{suffix}'} is there already, and no manifest tells of it.",
                    "Choose another folder or a prefix; or replace it with --no-resume.",
                    "file-in-the-way",
                )


def _room(missing: Sequence[AnyItem], entries: dict[str, Entry], settings: Settings, facts: ModelFacts) -> tuple[int, int]:
    """(bytes that it needs, bytes that are free): a little is better refused than much begun in vain."""
    each = {profile: _bytes_per_texel(entries, profile) for profile in BYTES_PER_TEXEL}
    needed = 0.0
    for item in missing:
        if isinstance(item, FaceItem):
            width, height = sizing.size_of(facts, item.output.level, item.output.size)
            needed += (height if item.output.square else width) * height * each[item.output.profile]
        elif isinstance(item, BlenderItem):
            needed += item.room
        elif item.request:
            needed += _texels(item) * BYTES_PER_TEXEL[item.profile]
    existing = next(path for path in (settings.outdir.absolute(), *settings.outdir.absolute().parents) if path.exists())
    return int(needed), shutil.disk_usage(existing).free


def _bytes_per_texel(entries: dict[str, Entry], profile: str) -> float:
    """Of faces in this folder, where there are some."""
    made = [entry for entry in entries.values() if entry["state"] == "done" and entry["kind"] == FaceItem.kind]
    made = [entry for entry in made if entry.get("profile", USUAL) == profile]
    texels = sum(entry["width"] * entry["height"] for entry in made)
    return sum(file["bytes"] for entry in made for file in entry["files"].values()) / texels if texels else BYTES_PER_TEXEL[profile]


def _texels(item: ScanItem) -> float:
    """About how many the answer has: the asked width's square, or the largest of the scan's maps."""
    assert item.request is not None
    if item.request.width:
        return float(item.request.width**2)
    found = 0.0
    for path in (Path(path) for path in item.request.maps.values()):
        try:
            with path.open("rb") as file:
                head = file.read(24)
            if head.startswith(PNG_SIGNATURE) and len(head) == 24:
                width, height = struct.unpack(">II", head[16:])
                found = max(found, width * height)
            else:
                found = max(found, path.stat().st_size / (JPEG_TEXEL if path.suffix.lower() in (".jpg", ".jpeg") else RAW_TEXEL))
        except OSError:  # said when its turn comes
            continue
    return found


def amount(count: float) -> str:
    """Bytes for a person to read."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def clear_away(settings: Settings, own: Record) -> None:
    """Remove the hidden files of processes that were killed: this manifest's, which we hold, and of others that nobody holds."""
    from .manifest import in_use

    mine = manifest_path(settings.outdir, settings.shard)
    records = [own] + [Record.of(path) for path in manifests(settings.outdir) if path != mine and not in_use(path)]
    for record in records:
        for name, pid in record.begun.items():
            map_files.remove_unfinished(settings.outdir, name, pid or None)  # 0: somewhere on a cluster
