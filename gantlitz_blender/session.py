"""The one worker of this Blender session, and the one sampling that may run on it."""

import threading

from .client import RuntimeClient, find_python
from .job import SampleJob

_client: RuntimeClient | None = None
_chosen: str | None = None  # the preference that `_client` was made for
_connecting = threading.Lock()
_job: SampleJob | None = None


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


def running() -> bool:
    """Whether a sampling is under way, from the click until its face is in the scene."""
    return _job is not None


def begin(job: SampleJob) -> None:
    global _job
    _job = job


def end() -> None:
    global _job
    _job = None


def stop() -> None:
    """End the worker and give its memory back; the next sampling starts a new one."""
    global _client, _job
    if _job is not None:
        _job.cancel()
        _job = None
    if _client is not None:
        _client.stop()
        _client = None
