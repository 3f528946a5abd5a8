"""A planned batch carried out: made, recorded, shown, and stopped cleanly."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Event

from .. import map_files
from ..errors import GantlitzError
from ..model_facts import ModelFacts
from .items import AnyItem, BlenderItem, Item, key_of
from .making import Maker, News, Tell
from .manifest import Manifest, manifest_path
from .planning import Plan, Settings, amount, clear_away, plan
from .processes import make_in_processes
from .progress import Progress

OK, FAILED, BAD_CALL, INTERRUPTED = 0, 1, 2, 130
FATAL = (
    *("disk-full", "folder-unwritable", "no-device", "no-runtime"),
    *("model-not-found", "model-wrong", "model-newer", "model-broken"),
)
"""Failures that every other item would meet as well."""


Make = Callable[[Iterable[AnyItem], Tell, Event], None]


def run(
    items: Sequence[AnyItem], settings: Settings, *, dry: bool = False, listed: bool = False, make: Make | None = None
) -> int:
    """Make what is not whole; returns the exit code: 0 all is whole, 1 some failed, 130 interrupted (143 by SIGTERM).

    dry: only say what would be made. listed: name the files of each item. make: in place of the runtime's Maker, for what it
    cannot make. Raises what plan does, and ``manifest-in-use``.
    """
    planned = plan(items, settings, ModelFacts.read(settings.model))
    if dry:
        _say_plan(planned, settings)
        return OK
    manifest = Manifest(manifest_path(settings.outdir, settings.shard))
    clear_away(settings, manifest.record)
    return _Run(planned, settings, manifest, listed).carry_out(make)


class _Run:
    def __init__(self, planned: Plan, settings: Settings, manifest: Manifest, listed: bool):
        self._plan, self._settings, self._manifest = planned, settings, manifest
        self._items = {item.name: item for item in planned.items}
        self._progress = Progress(len(planned.missing), settings.outdir if listed else None)
        self._stop = Event()
        self._changing = threading.RLock()  # a signal's handler may come while it is held
        self._made = 0
        self._failed: dict[str, GantlitzError] = {}
        self._fatal: GantlitzError | None = None
        self._signal = 0

    def carry_out(self, make: Make | None) -> int:
        missing = self._plan.missing
        try:
            with self._stopped_by_signals():
                if missing and make:
                    make(missing, self._take, self._stop)
                elif missing and self._settings.dask:
                    from .dask_workers import make_on_dask

                    make_on_dask(_of_runtime(missing), self._settings, self._take, self._stop)
                elif self._settings.processes > 1 and len(missing) > 1:
                    make_in_processes(_of_runtime(missing), self._settings, self._take, self._stop)
                elif missing:
                    Maker(self._settings).make(_of_runtime(missing), self._take, self._stop)
        finally:
            self._progress.close()
            self._manifest.close(self._items)
        return self._conclude(len(missing))

    def _take(self, news: News) -> None:
        with self._changing:
            kind, name = news["news"], news["name"]
            if kind == "begun":
                self._manifest.begin(name, news.get("pid", os.getpid()))
            elif kind in ("done", "failed"):
                rest = {key: value for key, value in news.items() if key not in ("news", "name")}
                item = self._items[name]
                derived = {"derived": True} if isinstance(item, BlenderItem) and item.derived else {}
                self._manifest.end({"name": name, "key": key_of(item), "state": kind, **derived, **rest})
            if kind == "done":
                self._made += 1
            elif kind == "failed":
                error = news["error"]
                self._failed[name] = GantlitzError(error["sentence"], error["fix"], error["code"])
                if error["code"] in FATAL:
                    self._fatal = self._failed[name]
                    self._stop.set()
            self._progress.take(news)

    def _conclude(self, missing: int) -> int:
        total, whole = len(self._items), len(self._plan.whole) + self._made
        left = missing - self._made - len(self._failed)
        if self._failed and total > 1:
            print(f"{len(self._failed)} of {total} failed:", file=sys.stderr)
            for name, error in self._failed.items():
                print(f"  {name}: {error}", file=sys.stderr)
        if self._signal:
            print(
                f"Interrupted: {whole} of {total} are whole in {self._settings.outdir}, and no file was left half-written. "
                f"The same command goes on from there.",
                file=sys.stderr,
            )
            return INTERRUPTED if self._signal == signal.SIGINT else 128 + self._signal
        if self._fatal and (left or total == 1):
            print(f"error: {self._fatal}", file=sys.stderr)
            if left:
                print(f"{left} were not begun. The same command goes on with them.", file=sys.stderr)
            return FAILED
        if self._failed:
            if total == 1:
                raise next(iter(self._failed.values()))
            print("The same command tries those that failed again, and makes nothing twice.", file=sys.stderr)
            return FAILED
        if total > 1 or not self._made:
            there = len(self._plan.whole)
            print(f"{whole} of {total} are whole in {self._settings.outdir}: {self._made} made, {there} were there.")
        return OK

    @contextlib.contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the batch after what is being written; the second one at once."""

        def handle(number: int, _: object) -> None:
            if self._signal:
                map_files.abandon_unfinished()
                os._exit(128 + number)
            self._signal = number
            self._stop.set()
            with contextlib.suppress(RuntimeError, OSError):  # printing when the signal came
                os.write(2, b"\nStopping when the files that are being written are whole; once more to stop at once.\n")

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():  # None: one that is not Python's, as Blender's own, and cannot be put back
                signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _of_runtime(items: Iterable[AnyItem]) -> list[Item]:
    return [item for item in items if not isinstance(item, BlenderItem)]


def _say_plan(planned: Plan, settings: Settings) -> None:
    for item in planned.items:
        print(f"{item.name}: {'is whole' if item.name in planned.whole else f'to {item.kind}'}")
    print(
        f"{len(planned.missing)} of {len(planned.items)} would be made in {settings.outdir}: about {amount(planned.needed)}, "
        f"{amount(planned.free)} are free. Nothing was done."
    )

