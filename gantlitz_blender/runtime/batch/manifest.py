"""The record of a batch: JSON lines in its folder, one manifest for each shard, read together as one."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from ..errors import GantlitzError

STEM = "gantlitz_manifest"
VERSION = 1
Entry = dict[str, Any]


def manifest_path(folder: Path, shard: tuple[int, int] = (1, 1)) -> Path:
    """Of the shard (i, n), i from 1."""
    return folder / (f"{STEM}.jsonl" if shard[1] == 1 else f"{STEM}-{shard[0]}of{shard[1]}.jsonl")


def manifests(folder: Path) -> list[Path]:
    """All manifests in a folder."""
    return sorted(path for path in folder.glob(f"{STEM}*.jsonl") if path.is_file())


def read_manifest(folder: str | os.PathLike[str]) -> dict[str, Entry]:
    """{name: its newest entry that is done or failed} of all manifests in a folder, whatever shards made it.

    An entry: name, kind, key, state; when done also recipe or request, width, height, files {kind: {file, bytes, sha256}},
    seconds {sampling, writing}, finished; when failed, error {code, sentence, fix}. Raises GantlitzError (``bad-manifest``).
    """
    entries: dict[str, Entry] = {}
    for path in manifests(Path(folder)):
        for name, entry in Record.of(path).entries.items():
            if name not in entries or entry["finished"] >= entries[name]["finished"]:
                entries[name] = entry
    return entries


class Record:
    """What one manifest says. entries: done or failed, by name. begun: {name: pid} of what has no end."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.begun: dict[str, int] = {}
        self.whole_bytes = 0  # after which a torn line follows, or nothing

    @classmethod
    def of(cls, path: Path) -> Record:
        """Read a manifest; one that is not there is empty. A last line that was torn by a kill does not count."""
        record = cls()
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return record
        except OSError as error:
            raise GantlitzError(
                f"{path} cannot be read: {error.strerror}.", "Give yourself the right to read it.", "file-unreadable"
            ) from error
        for number, line in enumerate(data.splitlines(keepends=True)):
            if not line.endswith(b"\n"):
                break
            record._take(path, number, line)
            record.whole_bytes += len(line)
        return record

    def _take(self, path: Path, number: int, line: bytes) -> None:
        try:
            entry = json.loads(line)
            if number == 0:
                if entry[STEM] > VERSION:
                    raise GantlitzError(f"{path} was written by a newer GANtlitz.", "Update GANtlitz Face Maps.", "bad-manifest")
                return
            name, state = entry["name"], entry["state"]
            if state == "begun":
                self.begun[name] = entry["pid"]
            else:
                _ = entry["key"], entry["finished"]
                self.entries[name] = entry
                self.begun.pop(name, None)
        except (ValueError, LookupError, TypeError) as error:
            raise GantlitzError(
                f"Line {number + 1} of {path} is not of a manifest.",
                "Put the manifest back as it was, or choose another folder.",
                "bad-manifest",
            ) from error


class Manifest:
    """A manifest open for writing, by this process alone. Raises GantlitzError (``manifest-in-use``, ``folder-unwritable``)."""

    def __init__(self, path: Path):
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("a+b")
        except OSError as error:
            raise GantlitzError(
                f"{path} cannot be written: {error.strerror}.", "Choose a folder you may write in.", "folder-unwritable"
            ) from error
        if not locked(self._file):
            self._file.close()
            raise GantlitzError(
                f"Another process is making this batch: it writes {path}.",
                "Let it end, or share the work with --shard or --jobs.",
                "manifest-in-use",
            )
        try:
            self.record = Record.of(path)
        except GantlitzError:
            self._file.close()
            raise
        self._file.truncate(self.record.whole_bytes)
        if not self.record.whole_bytes:
            self._write({STEM: VERSION})

    def begin(self, name: str, pid: int) -> None:
        """Say that files of this name come from this batch, before there is any."""
        self.record.begun[name] = pid
        self._write({"name": name, "state": "begun", "pid": pid})

    def end(self, entry: Entry) -> None:
        """Record what has come of an item."""
        entry = {**entry, "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        self.record.entries[entry["name"]] = entry
        self.record.begun.pop(entry["name"], None)
        self._write(entry)

    def close(self, order: Iterable[str] = ()) -> None:
        """Leave one line an item, in this order, those of other jobs first; what had only begun is forgotten."""
        place = {name: n for n, name in enumerate(order)}
        entries = sorted(self.record.entries.values(), key=lambda entry: place.get(entry["name"], -1))
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                for line in ({STEM: VERSION}, *entries):
                    file.write(_line(line))
            self._file.close()
            part.replace(self.path)
        except OSError as error:  # the longer one is as good
            with contextlib.suppress(OSError):
                part.unlink()
            print(f"note: {self.path} could not be put in order: {error.strerror}.", file=sys.stderr)
        finally:
            self._file.close()

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._file.write(_line(entry))
        self._file.flush()


def in_use(path: Path) -> bool:
    """Whether a process holds this manifest now."""
    try:
        with path.open("a+b") as file:
            return not locked(file)
    except OSError:
        return False


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def locked(file: IO[bytes]) -> bool:
    """Lock it until it is closed, or the process dies; False when another has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(1 << 40)  # far beyond the text, which others may go on reading
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0, os.SEEK_END)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # Windows says so; elsewhere a file system without locks: then nobody can be kept out
        return sys.platform != "win32"
    return True
