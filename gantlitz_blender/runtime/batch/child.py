"""One of several processes that make a batch: items come on stdin, news go to stdout, as JSON lines (processes.py: the other end).

In: first the settings, then one item, or null for no more, for each ``ready``; "stop" at any time. It ends at once when stdin does.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from .. import map_files
from .items import Item, item_of
from .making import Maker, News
from .planning import Settings


def main() -> NoReturn:
    """Work until there is no more, or until the parent stops or dies."""
    for name in ("SIGINT", "SIGTERM"):  # meant for the whole group: the parent decides what becomes of them
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the lines
    sending = threading.Lock()
    stop = threading.Event()
    received: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def tell(news: News) -> None:
        with sending:
            wire.write(json.dumps(news).encode() + b"\n")
            wire.flush()

    def read() -> None:
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if message == "stop":
                stop.set()
                received.put(None)
            else:
                received.put(message)
        map_files.abandon_unfinished()
        os._exit(1)

    def items() -> Iterator[Item]:
        while not stop.is_set():
            tell({"news": "ready"})
            message = received.get()
            if message is None:
                return
            yield item_of(message)

    threading.Thread(target=read, daemon=True).start()
    Maker(settings_of(received.get())).make(items(), tell, stop)
    tell({"news": "end"})
    os._exit(0)  # a thread waits in stdin, which an orderly end would wait for


def settings_to_dict(settings: Settings) -> dict[str, Any]:
    """What of them a child needs."""
    return {
        "outdir": str(settings.outdir.absolute()),
        "model": str(settings.model.absolute()) if settings.model else None,
        "completer": str(settings.completer.absolute()) if settings.completer else None,
        "device": settings.device,
        "threads": settings.threads,
        "tile": settings.tile,
    }


def settings_of(data: dict[str, Any]) -> Settings:
    """Read what settings_to_dict made."""
    model, completer = (Path(data[name]) if data[name] else None for name in ("model", "completer"))
    return Settings(Path(data["outdir"]), model, completer, data["device"], data["threads"], data["tile"])
