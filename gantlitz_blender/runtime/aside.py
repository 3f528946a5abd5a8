"""Small files that several processes, on several machines, may write at once: whole, or not there. Standard library only."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path


def write_aside(path: Path, data: bytes) -> None:
    """Write a file under a hidden name of this process's own, then rename it. Raises OSError, and leaves nothing then."""
    host = re.sub(r"[^\w-]", "_", socket.gethostname())
    part = path.with_name(f".{path.name}.{os.getpid()}-{host}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
