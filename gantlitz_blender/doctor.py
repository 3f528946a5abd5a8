"""The doctor: is everything there that a face needs? A list of findings, each good or with its fix. Needs no bpy.

    from gantlitz_blender.doctor import Subject, examine, report
    print(report(examine(Subject())))
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .client import RuntimeClient
from .graphics import amd_driver, apple_silicon, nvidia_card
from .installer import free_disk
from .installer_place import is_ours, runtime_folder
from .python_finder import locate_python
from .runtime.errors import GantlitzError
from .runtime.failures import as_gantlitz_error
from .runtime.protocol import PROTOCOL_VERSION
from .runtime.recipe import Recipe
from .runtime_check import Checked, check

GB = 1e9
MEMORY_NEEDED = 2.0 * GB  # the worker at full size takes 1.3 GB beside torch itself (docs/results.md)
CARD_NEEDED = 2.0 * GB
MAPS_NEEDED = 0.5 * GB  # four full maps take about 0.2 GB
PREVIEW_WIDTH = 96
PATIENCE = 120  # seconds for one answer of the worker


@dataclass(frozen=True)
class Finding:
    """One line: about what, whether it is good (None: to know, neither good nor bad), what was found, and what to do."""

    about: str
    good: bool | None
    text: str
    fix: str = ""


@dataclass(frozen=True)
class Subject:
    """What is to be examined. python, model: the preferences', empty for the usual ones; maps: the folder for maps.

    online: whether network use is allowed, None where nobody asks; versions: (name, version) of what it runs in.
    """

    python: str = ""
    model: str = ""
    maps: str = ""
    online: bool | None = None
    versions: tuple[tuple[str, str], ...] = field(default_factory=tuple)


def examine(
    subject: Subject, on_finding: Callable[[Finding], None] | None = None, cancelled: threading.Event | None = None
) -> list[Finding]:
    """Look at everything, in about ten seconds: a worker is started and asked for a small face. Not for the UI thread.

    on_finding: called with each finding at once. Stops early when it is cancelled.
    """
    findings = []
    for finding in _look(subject, cancelled or threading.Event()):
        findings.append(finding)
        if on_finding is not None:
            on_finding(finding)
        if cancelled is not None and cancelled.is_set():
            break
    return findings


def report(findings: list[Finding]) -> str:
    """The findings as text to send to somebody: the home folder is shortened, passwords in addresses are left out."""
    marks = {True: "ok  ", False: "FIX ", None: "    "}
    lines = [f"{marks[f.good]} {f.about}: {f.text}" + (f"\n      -> {f.fix}" if f.fix else "") for f in findings]
    return without_private("\n".join(lines))


def addon_version() -> str:
    """The version in the manifest, which lies in the installed extension and, in a checkout, beside the package."""
    package = Path(__file__).parent
    for place in (package, package.parent):
        with contextlib.suppress(OSError, ValueError, KeyError):
            return str(tomllib.loads((place / "blender_manifest.toml").read_text("utf-8"))["version"])
    return "unknown"


def without_private(text: str) -> str:
    """The text with ~ for the home folder and without user:password in addresses."""
    home = str(Path.home())
    if len(home) > 1:
        for spelled in (home, home.replace("\\", "/")):
            text = re.sub(re.escape(spelled) + r"(?![\w.-])", "~", text)
    return re.sub(r"(\w+://)[^\s/@]+@", r"\1", text)


def _look(subject: Subject, cancelled: threading.Event) -> Iterator[Finding]:
    yield _versions(subject)
    yield _driver()
    yield _online(subject.online)
    python = None
    try:
        python = locate_python(subject.python)
        ours = "the installed runtime" if is_ours(python) else "chosen"
        yield Finding("Python", True, f"{python} ({ours})")
    except GantlitzError as error:
        yield _bad("Python", error)
    checked = None
    if python is not None:
        try:
            checked = check(python, cancelled=cancelled)
            yield Finding("torch", True, f"{checked.torch}; a convolution on {_device(checked)} is right")
        except GantlitzError as error:
            yield _bad("torch", _with_own_fix(error, python))
    if checked is not None and checked.free is not None and checked.total is not None:
        text = f"{checked.free / GB:.1f} of {checked.total / GB:.1f} GB free"
        low = checked.free < CARD_NEEDED
        fix = "Close programs that use the card, or set Device to Processor." if low else ""
        yield Finding("Graphics memory", not low, text, fix)
    yield from _disks(subject)
    yield _model_file(subject.model)
    if checked is not None and python is not None and not cancelled.is_set():
        yield from _worker(python, subject.model, cancelled)


def _versions(subject: Subject) -> Finding:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    parts = [f"{name} {version}" for name, version in subject.versions]
    parts += [f"protocol {PROTOCOL_VERSION}", system, f"Python here {sys.version.split()[0]}"]
    return Finding("Versions", None, ", ".join(parts))


def _driver() -> Finding:
    card = nvidia_card()
    if card is not None:
        return Finding("Graphics driver", True, f"{card.name}, NVIDIA driver {card.driver}")
    if apple_silicon():
        return Finding("Graphics driver", None, "Apple GPU found, not used: sampling runs on the processor")
    if amd_driver():
        return Finding("Graphics driver", True, "AMD's driver for computing is there")
    return Finding("Graphics driver", None, "none that torch could use; the processor will do")


def _online(allowed: bool | None) -> Finding:
    if allowed is False:
        fix = "Only Install needs it: Preferences > System > Network > Allow Online Access."
        return Finding("Online access", None, "not allowed", fix)
    return Finding("Online access", allowed, "allowed" if allowed else "nobody to ask")


def _disks(subject: Subject) -> Iterator[Finding]:
    places = (("Disk for the maps", subject.maps), ("Disk of the runtime", str(runtime_folder())))
    for about, place in (*places, ("Temporary files", tempfile.gettempdir())):
        if not place:
            continue
        free = free_disk(Path(place))
        if free is None:
            yield Finding(about, False, f"{place} cannot be looked at", "Choose another folder.")
        elif free < MAPS_NEEDED:
            yield Finding(about, False, f"{free / GB:.1f} GB free in {place}", "Make room, or choose another folder.")
        else:
            yield Finding(about, True, f"{free / GB:.1f} GB free in {place}")


def _model_file(model: str) -> Finding:
    path = Path(model) if model else Path(__file__).parent / "runtime" / "bundled"
    if not model:
        files = sorted(path.glob("*.safetensors"))
        if not files:
            return Finding("Model file", False, f"the bundled model is missing in {path}", "Install the extension again.")
        return Finding("Model file", True, f"the bundled one, {sum(f.stat().st_size for f in files) / 1e6:.0f} MB")
    if not os.access(path, os.R_OK) or not path.is_file():
        return Finding("Model file", False, f"{path} cannot be read", "Choose another model in the preferences, or none.")
    return Finding("Model file", True, f"{path}, {path.stat().st_size / 1e6:.0f} MB")


def _worker(python: Path, model: str, cancelled: threading.Event) -> Iterator[Finding]:
    """A worker of its own, so that the one in use is not disturbed: started, asked, given the model, ended."""
    client = RuntimeClient(python)
    begun = time.monotonic()
    try:
        loaded = _ask(client, cancelled, "load", model=model or None, device="auto")
        started = time.monotonic() - begun
        begun = time.monotonic()
        _ask(client, cancelled, "ping")
        trip = time.monotonic() - begun
        text = f"ready in {started:.1f} s, the model with it; answers in {trip * 1e3:.1f} ms"
        yield Finding("Worker", True, text)
        memory = (client.hello or {}).get("memory")  # of the computer, whatever the device
        begun = time.monotonic()
        _ask(client, cancelled, "preview", recipe=Recipe(1), width=PREVIEW_WIDTH)
        text = f"{loaded['name']}, {loaded['width']} x {loaded['height']}, on {loaded['device']}"
        yield Finding("Model", True, f"{text}: a small face in {time.monotonic() - begun:.1f} s")
        if memory is not None:
            low = memory < MEMORY_NEEDED
            fix = "Close other programs, or choose a smaller resolution." if low else ""
            yield Finding("Memory", not low, f"{memory / GB:.1f} GB free", fix)
    except GantlitzError as error:
        if error.code != "cancelled":
            yield _bad("Worker", _with_own_fix(error, python))
    finally:
        client.stop()


def _ask(client: RuntimeClient, cancelled: threading.Event, kind: str, **fields) -> dict:
    request = client.request(kind, **fields)
    for _ in range(PATIENCE * 5):
        if cancelled.is_set():
            client.stop()
        try:
            return client.wait(request, timeout=0.2)
        except GantlitzError as error:
            if error.code != "timeout":
                raise
    raise GantlitzError(f"The worker did not answer within {PATIENCE} seconds.", "Try again.", "timeout")


def _device(checked: Checked) -> str:
    return "the processor" if checked.device == "cpu" else checked.name


def _with_own_fix(error: GantlitzError, python: Path) -> GantlitzError:
    """A chosen Python is not ours to repair."""
    if error.code != "no-runtime" or is_ours(python) or "Repair" not in error.fix or "pip install" in error.fix:
        return error
    return GantlitzError(error.sentence, "Choose another Python in the add-on's preferences, or press Install there.", error.code)


def _bad(about: str, error: Exception) -> Finding:
    said = as_gantlitz_error(error)
    return Finding(about, False, said.sentence, said.fix)
