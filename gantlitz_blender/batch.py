"""For habits and farms that know ``blender -b --python gantlitz_blender/batch.py -- sample --seeds 0-3 --outdir maps``.

The same command line as ``blender --command gantlitz``. The Python with torch is the one in the preferences of the installed
extension, or $GANTLITZ_PYTHON.
"""

import importlib
import importlib.util
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

PACKAGE = "gantlitz_batch"
PROGRAM = "blender -b --python batch.py --"


def main() -> int:
    """Returns the exit code of the command that follows ``--``."""
    if os.environ.pop("GANTLITZ_ENDS_WITH_STDIN", ""):  # as start_command.py has it
        threading.Thread(target=_wait_for_the_end, daemon=True).start()
    arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    _open_package()
    python, model = _preferred()
    verbs = importlib.import_module(f"{PACKAGE}.blender_commands").verbs(PROGRAM, python)
    return int(importlib.import_module(f"{PACKAGE}.command_process").run(arguments, python, PROGRAM, verbs, model))


def _wait_for_the_end() -> None:
    while os.read(0, 4096):
        pass
    signal.raise_signal(signal.SIGTERM)


def _open_package() -> None:
    """This file's package, which has no name when a script is run by its path."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec and spec.loader
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


def _preferred() -> tuple[str, str]:
    """Python and model of the installed extension's preferences, empty where there are none."""
    import bpy

    for name, addon in bpy.context.preferences.addons.items():
        if name.rpartition(".")[2] == "gantlitz_face_maps" and addon.preferences is not None:
            return bpy.path.abspath(addon.preferences.python), bpy.path.abspath(addon.preferences.model)
    return "", ""


def _end(code: int) -> NoReturn:
    """Blender 4.2 as a Python module crashes at an orderly exit once classes have been registered: it is ended here instead."""
    import bpy

    if bpy.app.binary_path or bpy.app.version >= (4, 3, 0):
        sys.exit(code)
    sys.stdout.flush()
    sys.stderr.flush()
    shutil.rmtree(bpy.app.tempdir, ignore_errors=True)
    os._exit(code)


if __name__ == "__main__":
    _end(main())
