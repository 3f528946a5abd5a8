"""What every worker process of a pool begins with."""

from __future__ import annotations

import os
from multiprocessing import parent_process
from threading import Thread


def begin_worker() -> None:
    """Keep to one core, since the pool is the parallelism, and end when the parent does, were it killed."""
    import cv2

    cv2.setNumThreads(1)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)
