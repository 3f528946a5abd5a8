"""Items made one after another by one process: one is sampled or completed while the one before is encoded, written and hashed."""

from __future__ import annotations

import contextlib
import functools
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from ..errors import Cancelled, GantlitzError
from ..failures import as_gantlitz_error
from ..memory import trim_heap
from ..model_facts import sha256_of
from .items import AnyItem, FaceItem, Item, ScanItem
from .planning import Settings

if TYPE_CHECKING:
    from ..completion.completer import Completer
    from ..face_model import FaceModel
    from ..maps import MapSet

SAMPLING_SHARE = 0.75  # of the progress of a face; the rest is writing
News = dict[str, Any]
Tell = Callable[[News], None]
"""Called from either of two threads with {news, name, ...}: ``begun``; ``progress`` {fraction}; ``done``, the entry of the
manifest without its key; ``failed`` {error: {code, sentence, fix}}."""


class Maker:
    """Models that stay loaded, and what is made with them. Both are loaded when first needed."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._model: FaceModel | None = None
        self._completer: Completer | None = None

    def make(self, items: Iterable[Item], tell: Tell, stop: Event) -> None:
        """Make all of them, or as many as there are until `stop`; the face that is being written then is finished.

        A failure is told and the next item begun. At most two items' maps are in memory: those made and those written.
        """
        written: Future[None] | None = None
        with ThreadPoolExecutor(1, "write") as writer:
            for item in items:
                if stop.is_set():
                    break
                tell({"news": "begun", "name": item.name})
                try:
                    write = self._completed(item, tell, stop) if isinstance(item, ScanItem) else self._rendered(item, tell, stop)
                except Cancelled:
                    break
                except Exception as error:
                    tell_failure(item, error, tell)
                    continue
                if written:
                    written.result()
                    trim_heap()  # of the maps that are written: a batch of days shall not grow
                written = writer.submit(_told, item, write, tell)
                del write
        trim_heap()

    def _rendered(self, item: FaceItem, tell: Tell, stop: Event) -> Callable[[], News]:
        """What writes a face that has been sampled."""
        self._loaded()  # its seconds are no face's
        start = time.perf_counter()
        maps = self._sampled(item, tell, stop)
        return functools.partial(self._write, item, maps, time.perf_counter() - start, tell)

    def _sampled(self, item: FaceItem, tell: Tell, stop: Event) -> MapSet:
        from .. import sizing

        model = self._loaded()
        how: dict[str, Any] = {
            "tile": self._settings.tile,
            "threads": self._settings.threads,
            "progress": lambda share: tell({"news": "progress", "name": item.name, "fraction": share * SAMPLING_SHARE}),
            "cancelled": stop.is_set,
        }
        if item.output.size is None:
            maps = model.render(item.recipe, level=item.output.level, **how)
        else:
            maps = sizing.render_sized(model, item.recipe, *item.output.size, **how)
        return maps.resized(maps.height, maps.height) if item.output.square else maps

    def _write(self, item: FaceItem, maps: MapSet, sampling: float, tell: Tell) -> News:
        from ..map_encoding import clipped

        start = time.perf_counter()
        paths = maps.write(
            self._settings.outdir,
            item.name,
            self._loaded().stamped(item.recipe),
            progress=lambda share: tell(
                {"news": "progress", "name": item.name, "fraction": SAMPLING_SHARE + share * (1 - SAMPLING_SHARE)}
            ),
            output=item.files,
        )
        beyond = clipped(maps, item.files)
        return {
            "recipe": {**item.describe()["recipe"], **({"fit": paths["fit"].name} if "fit" in paths else {})},
            **item.output.describe(),
            "width": maps.width,
            "height": maps.height,
            "files": files_of(paths),
            "seconds": {"sampling": round(sampling, 3), "writing": round(time.perf_counter() - start, 3)},
            **({"warnings": [f"{beyond:.1%} of the relief is beyond the displacement's range."]} if beyond else {}),
        }

    def _completed(self, item: ScanItem, tell: Tell, stop: Event) -> Callable[[], News]:
        """What writes a scan that has been completed."""
        if item.request is None:
            raise item.problem or GantlitzError(f"{item.name} is no scan.", "")
        from ..completion.completer import Completer
        from ..scan_job import Listener, made_scan

        inputs = {kind: sha256_of(path) for kind, path in item.inputs().items() if path.is_file()}
        model = self._loaded()
        if self._completer is None:
            self._completer = Completer.load(self._settings.completer, self._settings.device)
        start = time.perf_counter()

        def progress(share: float, text: str) -> None:
            tell({"news": "progress", "name": item.name, "fraction": share, "text": text})

        made = made_scan(
            item.request,
            self._settings.outdir,
            item.name,
            model,
            self._completer,
            Listener(progress, None, stop.is_set),
            item.only_known,
            item.files,
        )
        completing = time.perf_counter() - start

        def write() -> News:
            begun = time.perf_counter()
            answer = made.write(Listener(progress))  # what is made is finished, as a face is
            return {
                "request": item.describe()["request"],
                "inputs": inputs,
                "width": answer.width,
                "height": answer.height,
                "files": files_of(answer.paths),
                "seconds": {"completing": round(completing, 3), "writing": round(time.perf_counter() - begun, 3)},
                "warnings": list(answer.warnings),
                "decibels": {kind: round(value, 2) for kind, value in answer.decibels.items()},
            }

        return write

    def _loaded(self) -> FaceModel:
        if self._model is None:
            from ..face_model import FaceModel

            self._model = FaceModel.load(self._settings.model, self._settings.device)
        return self._model


def _told(item: Item, write: Callable[[], News], tell: Tell) -> None:
    """Write an item, and say what has come of it."""
    try:
        entry = write()
    except Exception as error:
        tell_failure(item, error, tell)
        return
    tell({"news": "done", "name": item.name, "kind": item.kind, **entry})


def files_of(paths: Mapping[str, Path]) -> dict[str, Any]:
    """As a manifest lists them."""
    return {kind: {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)} for kind, path in paths.items()}


def tell_failure(item: AnyItem, error: Exception, tell: Tell) -> None:
    """Say that an item has failed, and why."""
    failure = as_gantlitz_error(error)
    if failure.code == "internal":
        with contextlib.suppress(OSError):
            traceback.print_exception(error)
    said = {"code": failure.code, "sentence": failure.sentence, "fix": failure.fix}
    tell({"news": "failed", "name": item.name, "kind": item.kind, "error": said})
