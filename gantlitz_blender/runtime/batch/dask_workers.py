"""Items made by the workers of a Dask cluster, on as many machines as it has; one that dies loses nothing. Needs ``distributed``.

The driver, this process, holds the manifest; workers write the files into the folder, which all must see under the same path.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import re
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import Any

from .. import map_files
from ..errors import GantlitzError
from .child import settings_of, settings_to_dict
from .items import Item, item_of
from .making import Maker, News, Tell
from .planning import Settings

PATIENCE = 30  # seconds for the scheduler to answer, and for a first worker to come
ANY_PID = 0  # in a manifest: a process on some machine

_makers: dict[str, Maker] = {}
_one_at_a_time = threading.Lock()


def make_on_dask(items: Sequence[Item], settings: Settings, tell: Tell, stop: Event) -> None:
    """Like Maker.make, by the workers of settings.dask: a scheduler's address, or ``local:N`` for N workers here.

    Raises GantlitzError (``no-runtime`` without the package, ``no-farm`` where nobody answers).
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise GantlitzError("--dask needs the package distributed.", "Run: pip install distributed", "no-runtime") from error
    local = re.fullmatch(r"local:([0-9]{1,4})", settings.dask or "")
    with contextlib.ExitStack() as held:
        try:
            where = settings.dask
            if local:
                where = held.enter_context(
                    LocalCluster(n_workers=int(local[1]), threads_per_worker=1, dashboard_address=None)
                )
            client = held.enter_context(Client(where, timeout=PATIENCE))
            workers = _workers(client)
        except (OSError, ValueError, TimeoutError) as error:
            said = f"There is no Dask scheduler at {settings.dask} ({error or 'no answer'})."
            raise GantlitzError(said, "Start one with: dask scheduler; and workers with: dask worker ADDRESS", "no-farm") from error
        _import_on_all(client)
        _make_all(client, workers, items, settings, tell, stop)


def _import_on_all(client: Any) -> None:
    """What a worker cannot import it would never answer."""
    for answer in client.run(importlib.import_module, __name__, on_error="return").values():
        if isinstance(answer, Exception):
            raise _cannot_import(answer) from answer


def _cannot_import(error: BaseException) -> GantlitzError:
    return GantlitzError(
        f"A worker cannot import it: {error}.",
        "Install GANtlitz Face Maps in the workers' Python, or put it on their PYTHONPATH; and call it here as "
        "python -m gantlitz_blender.runtime.",
        "no-runtime",
    )


def _make_all(
    client: Any, workers: Sequence[dict[str, Any]], items: Sequence[Item], settings: Settings, tell: Tell, stop: Event
) -> None:
    beside = max(Counter(worker["host"] for worker in workers).values())
    given = {**settings_to_dict(settings), "beside": beside}
    waiting, running = deque(items), dict[str, tuple[Item, Any]]()
    endings: queue.SimpleQueue[str] = queue.SimpleQueue()
    ended: set[str] = set()  # names of files
    try:
        while running or (waiting and not stop.is_set()):
            # One for each thread: what is asked for and not begun would be lost time when it is stopped.
            while waiting and not stop.is_set() and len(running) < max(1, sum(client.nthreads().values())):
                item = waiting.popleft()
                tell({"news": "begun", "name": item.name, "pid": ANY_PID})
                future = client.submit(_make, given, item.to_dict(), pure=False)
                running[item.name] = item, future
                future.add_done_callback(lambda _, name=item.name: endings.put(name))
            try:
                name = endings.get(timeout=0.2)
            except queue.Empty:
                continue
            item, future = running.pop(name)
            ended |= {f"{name}{end}" for end in (map_files.SUFFIXES | item.files.ends()).values()}
            tell(_news_of(item, future))
    finally:
        map_files.remove_parts_of(settings.outdir, ended)  # of workers that died; who made it in their place has ended too


def _workers(client: Any) -> list[dict[str, Any]]:
    client.wait_for_workers(1, timeout=PATIENCE)
    found = list(client.scheduler_info(n_workers=-1)["workers"].values())
    if not found:
        raise TimeoutError(f"it has no workers within {PATIENCE} s")
    return found


def _news_of(item: Item, future: Any) -> News:
    error = future.exception()
    if error is None:
        news: News = future.result()
        return news
    if isinstance(error, ModuleNotFoundError):
        said = _cannot_import(error)
    else:
        fix = "If the memory was full, give the cluster fewer workers, or ask for a smaller size."
        said = GantlitzError(f"The workers that made it ended: {type(error).__name__}.", fix, "worker-died")
    told = {"code": said.code, "sentence": said.sentence, "fix": said.fix}
    return {"news": "failed", "name": item.name, "kind": item.kind, "error": told}


def _make(given: dict[str, Any], item: dict[str, Any]) -> News:
    """On a worker: one item, with models that stay loaded in its process. Returns how it ended."""
    settings = settings_of(given)
    if settings.threads is None:
        settings = replace(settings, threads=max(1, (os.cpu_count() or 1) // given["beside"]))
    key = json.dumps(given, sort_keys=True)
    heard: list[News] = []
    with _one_at_a_time:
        if key not in _makers:
            _makers.clear()
            _makers[key] = Maker(settings)
        _makers[key].make([item_of(item)], heard.append, Event())
    return next(news for news in heard if news["news"] in ("done", "failed"))
