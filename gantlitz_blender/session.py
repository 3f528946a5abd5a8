"""The one worker of this Blender session, and the one sampling that may run on it."""

import bpy

from .client import RuntimeClient
from .job import SampleJob
from .preferences import preferences

_client: RuntimeClient | None = None
_python = ""
_job: SampleJob | None = None


def client(context: bpy.types.Context) -> RuntimeClient:
    """The client, with a worker started if there is none. Another Python in the preferences means another worker.

    Raises GantlitzError (``no-runtime``) when no Python with torch is known.
    """
    global _client, _python
    chosen = preferences(context)
    python = bpy.path.abspath(chosen.python) if chosen else ""
    if _client is None or python != _python:
        stop()
        _client, _python = RuntimeClient(python), python
    return _client


def running() -> bool:
    return _job is not None and not _job.finished


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
