"""Model cards, read in a thread and kept, so that a panel can draw them without touching a file. Knows no bpy."""

from __future__ import annotations

import threading
from pathlib import Path

from .runtime.errors import GantlitzError
from .runtime.model_card import BUNDLED, ModelCard, read_card

Stamp = tuple[int, int] | None

_kept: dict[Path, tuple[Stamp, ModelCard | GantlitzError]] = {}
_wanted: Path | None = None
_reader: threading.Thread | None = None
_news = False


def card(model: str | None) -> ModelCard | GantlitzError | None:
    """What is known of a model (None: the bundled one), why nothing can be, or None as long as it is being read. No file access."""
    global _wanted
    _wanted = Path(model) if model else BUNDLED
    found = _kept.get(_wanted)
    return found[1] if found else None


def step() -> bool:
    """Have the card that was asked for last read, where its file is new or another; whether a card has come since."""
    global _reader, _news
    news, _news = _news, False
    if _wanted is not None and (_reader is None or not _reader.is_alive()):
        _reader = threading.Thread(target=_read, args=(_wanted,), name="gantlitz model card", daemon=True)
        _reader.start()
    return news


def read_now(model: str | None) -> ModelCard:
    """The card of a model, read in this thread where it is not known yet. Raises as read_card does."""
    path = Path(model) if model else BUNDLED
    _read(path)
    found = _kept[path][1]
    if isinstance(found, GantlitzError):
        raise found
    return found


def _read(path: Path) -> None:
    global _news
    stamp = _stamp(path)
    if path in _kept and _kept[path][0] == stamp:
        return
    try:
        found: ModelCard | GantlitzError = read_card(path)
    except GantlitzError as error:
        found = error
    _kept[path] = (stamp, found)
    _news = True


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
