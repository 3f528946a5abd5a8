"""The runtime installed: an environment with torch, in a folder of its own, tried out before it counts as ready. No bpy.

What has been downloaded stays in that folder until the runtime is ready, so that an installation that was cancelled or cut off
goes on with it. The environment itself is made anew each time: a half-unpacked one cannot be trusted.
"""

from __future__ import annotations

import re
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import installer_pip, python_finder, runtime_check
from .installer_base import BasePython, find_base
from .installer_build import Build, choose_build, from_mirror
from .installer_pip import Sources
from .installer_place import (
    CACHE,
    ENVIRONMENT,
    LOG,
    TEMPORARY,
    Marker,
    cannot_write,
    claim,
    clear,
    locked,
    python_in,
    read_marker,
    runtime_folder,
    write_marker,
)
from .installer_process import run
from .runtime.errors import Cancelled, GantlitzError
from .runtime.failures import as_gantlitz_error
from .runtime.packages import PINNED, TORCH

PIP, PIP_MIN = "pip>=25.1", (25, 1)  # takes up a download that breaks off, and counts bytes
PACKAGES_IN_ALL = 45  # that pip speaks of, about: only for the bar
ENVIRONMENT_SHARE, PACKAGES_SHARE = 0.04, 0.9  # where these two steps end on the bar


@dataclass(frozen=True)
class Contents:
    """What goes into a runtime: the packages from the usual index, torch, and the program that tries it out."""

    packages: tuple[str, ...] = PINNED
    torch: str = TORCH
    check: str = runtime_check.CHECK


@dataclass(frozen=True)
class Plan:
    """An installation before it begins. free: bytes on the disk of the folder, or None where nobody knows."""

    folder: Path
    build: Build
    base: BasePython
    sources: Sources
    free: int | None
    contents: Contents = field(default_factory=Contents)

    @property
    def needs_network(self) -> bool:
        return not self.sources.wheel_folder


def make_plan(folder: str = "", build: str = "AUTO", sources: Sources | None = None) -> Plan:
    """Look at this computer and say what would be done. Takes up to seconds: not for the UI thread.

    folder: the artist's choice, empty for the usual place; build: AUTO, CUDA, ROCM, MPS or CPU. Raises GantlitzError.
    """
    place, sources = runtime_folder(folder), sources or Sources()
    chosen = choose_build(build)
    if sources.index_url and not sources.wheel_folder:
        chosen = from_mirror(chosen, sources.index_url)
    return Plan(place, chosen, find_base(), sources, free_disk(place))


def free_disk(folder: Path) -> int | None:
    """Bytes free where a folder is or will be, or None."""
    try:
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        return shutil.disk_usage(there).free
    except (OSError, StopIteration):
        return None


def state_of(folder: Path) -> str:
    """What is in a folder: absent, unfinished, ready, or broken where its Python is gone. Quick, but reads files."""
    marker = read_marker(folder)
    if marker is None:
        return "absent"
    if not marker.ready:
        return "unfinished"
    return "ready" if python_in(folder).exists() else "broken"


class Installation:
    """One installation, in a thread of its own after start(), or here and now with run().

    text, fraction: how far it is; error, checked: how it ended, once `finished` is set.
    fresh: download everything again (a repair). around: called before it touches the folder and at the end, e.g. to end a
    worker that runs from there.
    """

    def __init__(self, plan: Plan, fresh: bool = False, around: Callable[[], None] = lambda: None):
        self.plan, self._fresh, self._around = plan, fresh, around
        self.text, self.fraction = "Beginning", 0.0
        self.error: GantlitzError | None = None
        self.checked: runtime_check.Checked | None = None
        self._cancelled = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def finished(self) -> bool:
        return self._ended.is_set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run_quietly, name="runtime installer", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """End it, with the programs that it runs, in well under a second. Returns at once; what was downloaded is kept."""
        self._cancelled.set()

    def join(self, timeout: float | None = None) -> None:
        if self._thread is not None:
            self._thread.join(timeout)

    def run(self) -> runtime_check.Checked:
        """Install, and return what the new runtime said of itself. Raises GantlitzError or Cancelled."""
        self._run_quietly()
        if self.error is not None:
            raise self.error
        assert self.checked is not None
        return self.checked

    def _run_quietly(self) -> None:
        try:
            self.checked = self._install()
        except OSError as error:
            full = getattr(error, "errno", None) == 28
            self.error = (
                GantlitzError(f"The disk of {self.plan.folder} is full.", "Make room, then press Install again.", "disk-full")
                if full
                else cannot_write(self.plan.folder, error)
            )
        except Exception as error:
            self.error = as_gantlitz_error(error)
        finally:
            self._ended.set()

    def _install(self) -> runtime_check.Checked:
        plan, folder = self.plan, self.plan.folder
        self._check_plan()
        claim(folder)
        with locked(folder) as lock:
            self._around()
            write_marker(folder, Marker(ready=False))  # what was ready is no longer, from here on
            self.text = "Clearing what was left unfinished"
            clear(folder, downloads=self._fresh)
            (folder / TEMPORARY).mkdir()
            with open(folder / LOG, "w", encoding="utf-8") as log:
                self._make_environment(lock, log)
                self._install_packages(lock, log)
            self.text, self.fraction = "Trying it out: one convolution on the device", PACKAGES_SHARE
            checked = runtime_check.check(python_in(folder), plan.build.device, self._cancelled, plan.contents.check)
            for name in (CACHE, TEMPORARY):
                shutil.rmtree(folder / name, ignore_errors=True)
            python_finder.forget()
            write_marker(
                folder,
                Marker(True, plan.build.name, checked.torch, checked.device, str(plan.base.path), plan.base.blenders),
            )
        self._around()
        self.text, self.fraction = "Ready", 1.0
        return checked

    def _check_plan(self) -> None:
        plan = self.plan
        need = plan.build.disk + (plan.build.download if plan.needs_network else 0)
        if plan.free is not None and plan.free < need * 1e9:
            raise GantlitzError(
                f"The runtime needs about {need:.1f} GB in {plan.folder}; {plan.free / 1e9:.1f} GB are free.",
                "Make room, or choose a folder on another disk.",
                "disk-full",
            )
        wheels = plan.sources.wheel_folder
        if wheels and not (Path(wheels).is_dir() and any(Path(wheels).glob("*.whl"))):
            raise GantlitzError(
                f"The wheel folder {wheels} holds no wheels.", "Choose the folder with the .whl files.", "no-package"
            )
        if plan.sources.certificate and not Path(plan.sources.certificate).is_file():
            raise GantlitzError(
                f"There is no certificate file {plan.sources.certificate}.",
                "Choose it again, or empty the field.",
                "no-certificate",
            )

    def _make_environment(self, lock: IO[bytes], log: IO[str]) -> None:
        plan = self.plan
        self.text = f"Making an environment with Python {plan.base.version[0]}.{plan.base.version[1]}"
        # Blender's Python has its libraries beside it and may have no place for links to it: a copy starts more surely.
        copies = ["--copies"] if plan.base.blenders else []
        command = [str(plan.base.path), "-m", "venv", *copies, str(plan.folder / ENVIRONMENT)]
        said = self._run(command, lock, log)
        if said is not None:
            raise GantlitzError(
                f"{plan.base.path} could not make an environment: {(said or ['it said nothing'])[-1]}.",
                "Install Python 3.11 from python.org (on Linux the packages python3 and python3-venv), then press Install again.",
                "no-runtime",
            )
        self.fraction = ENVIRONMENT_SHARE

    def _install_packages(self, lock: IO[bytes], log: IO[str]) -> None:
        """Downloaded first, each step's files kept, the small ones before torch so that trouble with the network shows early."""
        plan, sources, contents = self.plan, self.plan.sources, self.plan.contents
        progress = installer_pip.Progress(plan.build.download * 1e9, PACKAGES_IN_ALL)
        everything = (*contents.packages, contents.torch)
        if not plan.needs_network:
            self._pip(("install",), everything, progress, lock, log)
            return
        # A mirror has everything; torch's own site has torch and what torch asks for.
        for_torch = ("--index-url", sources.index_url or plan.build.index) if sources.index_url or plan.build.index else ()
        for_others = for_torch if sources.index_url and "download.pytorch.org" not in sources.index_url else ()
        downloads = str(plan.folder / CACHE)
        download, offline = ("download", "--dest", downloads), ("install", "--no-index", "--find-links", downloads)
        if self._pip_version() < PIP_MIN:
            self._pip(("install", "--upgrade", *for_others), (PIP,), progress, lock, log)
        self._pip((*download, "--no-deps", *for_others), contents.packages, progress, lock, log)
        self._pip((*download, "--no-deps", *for_torch), (contents.torch,), progress, lock, log)
        # What torch asks for besides: CUDA's libraries, where it is that build.
        self._pip((*download, "--find-links", downloads, *for_torch), everything, progress, lock, log)
        self._pip(offline, everything, progress, lock, log)

    def _pip(
        self,
        what: tuple[str, ...],
        packages: tuple[str, ...],
        progress: installer_pip.Progress,
        lock: IO[bytes],
        log: IO[str],
    ) -> None:
        plan = self.plan
        command = installer_pip.command(python_in(plan.folder), self._pip_version(), what, packages)
        progress.lines = []
        if self._run(command, lock, log, progress) is not None:
            version = f"{plan.base.version[0]}.{plan.base.version[1]}"
            raise installer_pip.explain(progress.lines, plan.sources, plan.folder, version)

    def _pip_version(self) -> tuple[int, int]:
        """The environment's pip, by the name of its folder."""
        pattern = "Lib/site-packages/pip-*.dist-info" if sys.platform == "win32" else "lib/python*/site-packages/pip-*.dist-info"
        for path in (self.plan.folder / ENVIRONMENT).glob(pattern):
            if named := re.match(r"pip-(\d+)\.(\d+)", path.name):
                return int(named[1]), int(named[2])
        return 0, 0

    def _run(
        self, command: list[str], lock: IO[bytes], log: IO[str], progress: installer_pip.Progress | None = None
    ) -> list[str] | None:
        """None when it went well, else what the program said."""
        said: list[str] = []

        def take(line: str) -> None:
            if progress is None:
                said.append(line)
            else:
                progress.take(line)
                self.text = progress.text or self.text
                share = PACKAGES_SHARE - ENVIRONMENT_SHARE
                self.fraction = max(self.fraction, ENVIRONMENT_SHARE + share * progress.fraction)
            if not line.startswith("Progress "):
                print(line, file=log, flush=True)

        environment = installer_pip.environment(self.plan.folder, self.plan.sources)
        code = run(command, environment, take, self._cancelled, lock)
        if self._cancelled.is_set():
            raise Cancelled
        return None if code == 0 else said
