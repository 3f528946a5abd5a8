"""Items made by several processes, each with a model of its own; one that dies is replaced, and what it held is made anew."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import IO, Any

from .. import map_files
from .child import settings_to_dict
from .items import Item
from .making import News, Tell
from .planning import Settings

START = Path(__file__).parents[1] / "start_command.py"
AS_CHILD = "--batch-process"
TRIES = 2  # of an item whose process died


def make_in_processes(items: Sequence[Item], settings: Settings, tell: Tell, stop: Event) -> None:
    """Like Maker.make, in settings.processes of them. ``begun`` also names the process: pid."""
    _Pool(items, settings, tell, stop).run()


class _Pool:
    def __init__(self, items: Sequence[Item], settings: Settings, tell: Tell, stop: Event):
        self._waiting = deque(items)
        self._settings, self._tell, self._stop = settings, tell, stop
        self._tries: Counter[str] = Counter()
        self._changing = threading.Lock()
        threads = settings.threads or max(1, (os.cpu_count() or 1) // settings.processes)
        self._first_line = {**settings_to_dict(settings), "threads": threads}

    def run(self) -> None:
        while self._waiting and not self._stop.is_set():  # again for what the last process to die held
            count = min(self._settings.processes, len(self._waiting))
            threads = [threading.Thread(target=self._keep_one, name=f"process {n}") for n in range(count)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _keep_one(self) -> None:
        """A process, and another when it has died, while there is something for it to do."""
        while self._waiting and not self._stop.is_set():
            self._one()

    def _one(self) -> None:
        process = subprocess.Popen([sys.executable, str(START), AS_CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin and process.stdout
        held: dict[str, Item] = {}
        orderly = False
        _send(process.stdin, self._first_line)
        done = Event()
        stopper = threading.Thread(target=self._pass_stop_on, args=(process.stdin, done), daemon=True)
        stopper.start()
        try:
            for line in process.stdout:
                try:
                    news: News = json.loads(line)
                except ValueError:  # cut by its death
                    break
                if news["news"] == "ready":
                    item = self._next()
                    if item:
                        held[item.name] = item
                    _send(process.stdin, item.to_dict() if item else None)
                elif news["news"] == "end":
                    orderly = True
                else:
                    if news["news"] in ("done", "failed"):
                        held.pop(news["name"])
                    self._tell({**news, "pid": process.pid} if news["news"] == "begun" else news)
        finally:
            done.set()
            with contextlib.suppress(OSError):
                process.stdin.close()
            code = process.wait()
            process.stdout.close()
            stopper.join()
        for item in held.values():
            map_files.remove_unfinished(self._settings.outdir, item.name, process.pid)
            if not orderly:
                self._again(item, code)

    def _next(self) -> Item | None:
        with self._changing:
            return self._waiting.popleft() if self._waiting and not self._stop.is_set() else None

    def _again(self, item: Item, code: int) -> None:
        with self._changing:
            self._tries[item.name] += 1
            if self._tries[item.name] < TRIES:
                self._waiting.appendleft(item)
                return
        said = {
            "code": "worker-died",
            "sentence": f"The process that made it ended with exit code {code}, and so did the next.",
            "fix": "If the memory was full, ask for fewer --jobs or a smaller size.",
        }
        self._tell({"news": "failed", "name": item.name, "kind": item.kind, "error": said})

    def _pass_stop_on(self, pipe: IO[bytes], done: Event) -> None:
        while not done.wait(0.1):
            if self._stop.is_set():
                _send(pipe, "stop")
                return


def _send(pipe: IO[bytes], message: Any) -> None:
    with contextlib.suppress(OSError, ValueError):  # it is gone: its silence tells
        pipe.write(json.dumps(message).encode() + b"\n")
        pipe.flush()
