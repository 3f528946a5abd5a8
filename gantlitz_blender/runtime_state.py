"""What Blender shows of the runtime: what is installed, what an installation would do, what runs now, what the doctor found.

Everything slow is done in threads; what is drawn is only read. No bpy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import installer_place, python_finder, session
from .doctor import Finding, Subject, examine
from .installer import Installation, Plan, make_plan, state_of
from .installer_pip import Sources
from .installer_place import Marker, read_marker, runtime_folder
from .runtime.errors import Cancelled, GantlitzError
from .runtime.failures import as_gantlitz_error


@dataclass(frozen=True)
class Wishes:
    """The artist's, from the preferences."""

    folder: str = ""
    build: str = "AUTO"
    sources: Sources = Sources()  # noqa: RUF009 (frozen)


@dataclass(frozen=True)
class Survey:
    """What was found for these wishes: what is in the folder, and what Install would do, or why it cannot."""

    wishes: Wishes
    folder: Path
    state: str  # see installer.state_of
    marker: Marker | None
    plan: Plan | None
    error: GantlitzError | None


class Removal:
    """The runtime deleted, in a thread; shown like an Installation."""

    def __init__(self, folder: Path, around: Callable[[], None] = lambda: None):
        self._folder, self._around = folder, around
        self.text, self.fraction = "Deleting the runtime", 0.0
        self.error: GantlitzError | None = None
        self.finished = False

    def start(self) -> None:
        threading.Thread(target=self._run, name="runtime removal", daemon=True).start()

    def run(self) -> None:
        self._run()
        if self.error is not None:
            raise self.error

    def cancel(self) -> None:
        """A half-deleted runtime would help nobody: it goes on."""

    def _run(self) -> None:
        try:
            self._around()
            installer_place.remove(self._folder)
            python_finder.forget()
        except Exception as error:
            self.error = as_gantlitz_error(error)
        finally:
            self.finished = True


class Examination:
    """The doctor at work in a thread; its findings come one by one."""

    def __init__(self, subject: Subject):
        self._subject = subject
        self.findings: list[Finding] = []
        self.finished = False
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="doctor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def cancel(self) -> None:
        self._cancelled.set()

    def _run(self) -> None:
        try:
            examine(self._subject, self.findings.append, self._cancelled)
        except Exception as error:
            said = as_gantlitz_error(error)
            self.findings.append(Finding("Doctor", False, said.sentence, said.fix))
        finally:
            self.finished = True


work: Installation | Removal | None = None  # what changes the runtime now
began = 0.0
outcome: tuple[str, GantlitzError | None] = ("", None)  # how the last work ended: a sentence, or an error
examination: Examination | None = None
survey: Survey | None = None
_surveying: Wishes | None = None


def busy() -> bool:
    """Whether anything goes on that a window should follow."""
    examining = examination is not None and not examination.finished
    return work is not None or examining or _surveying is not None


def look(wishes: Wishes) -> bool:
    """Begin to look at the computer for these wishes, unless that is done or going on; True when it was begun."""
    global _surveying
    if work is not None or _surveying is not None or (survey is not None and survey.wishes == wishes):
        return False
    _surveying = wishes
    threading.Thread(target=_look, args=(wishes,), name="runtime survey", daemon=True).start()
    return True


def begin(job: Installation | Removal) -> None:
    """Start what changes the runtime."""
    global work, began, outcome
    work, began, outcome = job, time.monotonic(), ("", None)
    job.start()


def settle() -> None:
    """Take note of what has ended. Called from Blender's thread, now and then."""
    global work, outcome, survey
    if work is not None and work.finished:
        outcome = ended(work)
        work, survey = None, None


def ended(job: Installation | Removal) -> tuple[str, GantlitzError | None]:
    """How a finished work ended, in words."""
    if isinstance(job.error, Cancelled):
        return "Cancelled. What was downloaded is kept: press Install again to go on.", None
    if job.error is not None:
        return "", job.error
    if isinstance(job, Removal):
        return "The runtime is removed.", None
    assert job.checked is not None
    return f"Ready: torch {job.checked.torch}, tried out on {job.checked.device}.", None


def diagnose(subject: Subject) -> Examination:
    """Start the doctor; one that is still at work is ended."""
    global examination
    if examination is not None:
        examination.cancel()
    examination = Examination(subject)
    examination.start()
    return examination


def stop() -> None:
    """The add-on goes: end what runs."""
    global work, examination, survey, outcome
    if work is not None:
        work.cancel()
    if isinstance(work, Installation):
        work.join(2)
    if examination is not None:
        examination.cancel()
    work = examination = survey = None
    outcome = ("", None)


def release() -> None:
    """End the worker, whose files are about to change or have changed."""
    session.stop()


def _look(wishes: Wishes) -> None:
    global survey, _surveying
    folder = runtime_folder(wishes.folder)
    plan = error = None
    try:
        plan = make_plan(wishes.folder, wishes.build, wishes.sources)
    except Exception as caught:
        error = as_gantlitz_error(caught)
    try:
        survey = Survey(wishes, folder, state_of(folder), read_marker(folder), plan, error)
    finally:
        _surveying = None
