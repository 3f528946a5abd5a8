"""The one worker of this Blender session, the one job that may run on it, and the completed scan that waits for a word."""

import threading
from typing import Any

from .client import RuntimeClient, find_python
from .completion_job import Completion
from .job import Job

_client: RuntimeClient | None = None
_chosen: str | None = None  # the preference that `_client` was made for
_connecting = threading.Lock()
_job: Job[Any] | None = None
_completion: tuple[Completion, str] | None = None


def connect(python: str) -> RuntimeClient:
    """The client for this preference (empty: $GANTLITZ_PYTHON). Another Python than before means another worker.

    The first call tries the Python out, which takes seconds: call it from a thread. Touches no bpy.
    Raises GantlitzError (``no-runtime``) when there is no Python with what the model needs.
    """
    global _client, _chosen
    with _connecting:
        if _client is None or python != _chosen:
            found = find_python(python)
            if _client is not None:
                _client.stop()
            _client, _chosen = RuntimeClient(found), python
        return _client


def warm_client() -> RuntimeClient | None:
    """The client, if its worker runs at this moment: for what is not worth starting one."""
    return _client if _client is not None and _client.alive else None


def current() -> RuntimeClient | None:
    """The client, if one was connected so far; it may have no worker at the moment."""
    return _client


def running() -> bool:
    """Whether a job is under way, from the click until what it made is in the scene or waits."""
    return _job is not None


def begin(job: Job[Any]) -> None:
    global _job
    _job = job


def end() -> None:
    global _job
    _job = None


def hold(completion: Completion, target_name: str) -> None:
    """Keep a completed scan until it is accepted or discarded. target_name: of the object it was made for, or empty."""
    global _completion
    _completion = (completion, target_name)


def waiting() -> tuple[Completion, str] | None:
    """The completed scan that waits to be accepted, and its object's name."""
    return _completion


def let_go() -> None:
    global _completion
    _completion = None


def stop() -> None:
    """End the worker and give its memory back; the next job starts a new one. A completed scan that waits keeps its files."""
    global _client, _job, _completion
    if _job is not None:
        _job.cancel()
        _job = None
    _completion = None
    if _client is not None:
        _client.stop()
        _client = None
