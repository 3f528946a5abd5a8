"""Runs inside a real Blender, any version: installs the extension's zip and tries it out.

    python check_extension.py --zip Z --model TINY --slow-model SLOW --python P --folder F --report R

The checks are in checks_*.py; --only checks_scan takes those of one file. Each begins with an empty scene, saved as a .blend in
a folder of its own.
Writes {check name: "ok" or a traceback} as JSON, for tests/test_extension.py.
"""

import argparse
import importlib
import json
import sys
import time
import traceback
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
from inside import CHECKS, arguments, preferences

for checks in sorted(Path(__file__).parent.glob("checks_*.py")):
    importlib.import_module(checks.stem)  # for the checks it registers


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("zip", "model", "slow-model", "python", "folder", "report"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.parse_args(namespace=arguments)
    bpy.ops.extensions.package_install_files(filepath=str(arguments.zip), repo="user_default", enable_on_install=True)
    preferences().python = str(arguments.python)
    report = {"version": bpy.app.version_string}
    chosen = {name: f for name, f in CHECKS.items() if arguments.only in ("", f.__module__)}
    for name, function in chosen.items():
        folder = arguments.folder / name
        folder.mkdir(parents=True)
        begun = time.monotonic()
        try:
            bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
            bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"))
            function(folder)
            report[name] = "ok"
        except Exception:
            report[name] = traceback.format_exc()
        print(f"{name}: {time.monotonic() - begun:.1f} s", flush=True)
        arguments.report.write_text(json.dumps(report, indent=1))  # now: a later check may take the process down
    report["finished"] = "ok"
    arguments.report.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
