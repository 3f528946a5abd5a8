"""Builds dist/gantlitz_face_maps-<version>.zip with Blender's own builder, and validates it.

The manifest lies at the top of the repository and the code in `gantlitz_blender/`; in the zip both lie at the root,
so the files are staged first.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder for the zip (default: dist)")
    zip_path = build(parser.parse_args().output)
    print(f"extension: {zip_path} ({zip_path.stat().st_size / 2**20:.1f} MiB), built and validated")


def build(output: Path) -> Path:
    staged = stage(output.resolve() / "staged")
    manifest = tomllib.loads((staged / "blender_manifest.toml").read_text())
    zip_path = output.resolve() / f"{manifest['id']}-{manifest['version']}.zip"
    zip_path.unlink(missing_ok=True)
    builder("build", "--source-dir", str(staged), "--output-filepath", str(zip_path))
    builder("validate", str(zip_path))
    shutil.rmtree(staged)
    return zip_path


def stage(folder: Path) -> Path:
    """What Blender installs, laid out as it is in the zip."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "gantlitz_blender", folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".*"))
    for name in ("blender_manifest.toml", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def builder(*arguments: str) -> None:
    command = [sys.executable, str(find_builder()), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"extension: Blender's builder refused ({' '.join(arguments)}):\n{done.stdout}{done.stderr}")


def find_builder() -> Path:
    """`blender_ext.py` inside the bpy wheel; found without importing bpy, which would start all of Blender."""
    spec = importlib.util.find_spec("bpy")
    if spec is None or spec.origin is None:
        sys.exit("extension: bpy is not installed in this Python. Run `make setup` first.")
    found = sorted(Path(spec.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    if not found:
        sys.exit(f"extension: no extension builder beside {spec.origin}. Run `make setup` again.")
    return found[-1]


if __name__ == "__main__":
    main()
