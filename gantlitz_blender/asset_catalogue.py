"""The catalogues of an asset library: blender_assets.cats.txt, in which others may have lines of their own. Knows no bpy."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

from .runtime.batch.manifest import locked
from .runtime.errors import GantlitzError

FILE = "blender_assets.cats.txt"
PATIENCE = 10  # seconds for others to add theirs
HEAD = """# This is an Asset Catalog Definition file for Blender.
#
# Empty lines and lines starting with `#` will be ignored.
# The first non-ignored line should be the version indicator.
# Other lines are of the format "UUID:catalog/path/for/assets:simple catalog name"

VERSION 1

"""


def add_catalogue(folder: Path, path: str) -> str:
    """The UUID of a catalogue, such as ``People`` or ``Skin/People``, which is added where there is none of that path.

    Raises GantlitzError (``bad-request``) for a path that cannot be one, and OSError.
    """
    path = "/".join(part.strip() for part in path.split("/") if part.strip())
    if not path or any(c in path for c in ":\n\r\\"):
        raise GantlitzError(f"{path!r} cannot be a catalogue.", "Name it such as People, or Skin/People.")
    with (folder / FILE).open("a+b") as file:
        # Added at the end, by one at a time: several machines may make a library, and each line is somebody's.
        deadline = time.monotonic() + PATIENCE
        while not locked(file) and time.monotonic() < deadline:
            time.sleep(0.02)
        file.seek(0)
        text = file.read().decode()
        for line in text.splitlines():
            found = line.split(":")
            if len(found) >= 2 and not line.startswith("#") and found[1] == path:
                return found[0]
        catalogue = str(uuid.uuid5(uuid.NAMESPACE_URL, f"gantlitz/{path}"))  # the same in every library
        gap = "" if text.endswith("\n") else "\n" if text else HEAD
        file.write(f"{gap}{catalogue}:{path}:{path.replace('/', '-')}\n".encode())
    return catalogue
