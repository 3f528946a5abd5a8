"""How far a batch is: a bar on a terminal, otherwise one line an item."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

from .making import News


class Progress:
    """count: of items to make. listing: a folder whose files are named when they are made, None not.

    A bar is drawn on stderr; lines and notes go to stdout, failures to stderr.
    """

    def __init__(self, count: int, listing: Path | None = None):
        self._count, self._listing = count, listing
        self._shares: dict[str, float] = {}
        self._ended = 0
        self._bar: Any = None
        if count and sys.stderr.isatty():
            with contextlib.suppress(ImportError):  # recommended, not required
                from tqdm import tqdm

                self._bar = tqdm(total=count, bar_format="{desc}{percentage:3.0f}%|{bar}| {n:.1f}/{total} [{elapsed}<{remaining}]")

    def take(self, news: News) -> None:
        """Show one piece of news."""
        name = news["name"]
        if news["news"] in ("begun", "progress"):
            self._shares[name] = news.get("fraction", 0.0)
            if self._bar is not None:
                self._bar.set_description(f"{name}: {news['text']}" if news.get("text") else name, refresh=False)
                self._draw()
            return
        self._ended += 1
        self._shares.pop(name, None)
        where = f"{name} ({self._ended} of {self._count})"
        if news["news"] == "failed":
            if self._count > 1:  # else it is the call that failed, and says so
                self._say(f"{where} failed: {news['error']['sentence']} {news['error']['fix']}".rstrip(), sys.stderr)
        else:
            took = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in news["seconds"].items())
            if self._bar is None:
                size = f"{news['width']} x {news['height']}, " if "width" in news else ""
                self._say(f"{where}: {size}{took}")
            for warning in news.get("warnings", ()):
                self._say(f"note: {name}: {warning}")
            for kind, decibels in news.get("decibels", {}).items():
                self._say(f"{kind} made small again: {decibels:.1f} dB beside the scan's")
            if self._listing is not None:
                for file in news["files"].values():
                    self._say(str(self._listing / file["file"]))
        self._draw()

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()

    def _draw(self) -> None:
        if self._bar is not None:
            self._bar.update(self._ended + sum(self._shares.values()) - self._bar.n)

    def _say(self, text: str, file: Any = None) -> None:
        if self._bar is not None:
            self._bar.write(text, file=file or sys.stdout)
        else:
            print(text, file=file or sys.stdout, flush=True)
