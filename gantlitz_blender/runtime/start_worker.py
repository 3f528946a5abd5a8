"""Starts the worker by path: ``python .../runtime/start_worker.py``, whatever the extension's folder is called.

Blender installs extensions under names such as bl_ext.user_default.gantlitz_face_maps, which another Python cannot
import. This file stands outside the package that it opens.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

PACKAGE = "gantlitz_runtime"


def open_package() -> None:
    """Make the folder of this file importable as the package `gantlitz_runtime`."""
    folder = Path(__file__).resolve().parent
    # Python put the script's folder on the path: there our maps.py or errors.py could pass for somebody else's.
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != folder]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is not a package")
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


def main() -> None:
    """Run the worker, or say on the wire why this Python cannot."""
    open_package()
    try:
        worker = importlib.import_module(f"{PACKAGE}.worker")
    except ImportError as error:
        failures = importlib.import_module(f"{PACKAGE}.failures")
        protocol = importlib.import_module(f"{PACKAGE}.protocol")
        answer = protocol.error_answer(None, failures.as_gantlitz_error(error))
        sys.stdout.buffer.write(protocol.encode(answer))
        sys.exit(1)
    worker.main()


if __name__ == "__main__":
    main()
