"""Makes the project's virtual environment: `make setup` runs it, with any Python 3.11 and nothing installed."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("--requirements", type=Path, default=ROOT / "requirements-dev.txt")
    parser.add_argument("--torch-index", default="", help="index to take torch from (default: by machine)")
    args = parser.parse_args()

    if sys.version_info[:2] != (3, 11):
        sys.exit(
            f"setup: Python 3.11 is needed (bpy 4.5 exists for no other); this is {sys.version.split()[0]}. "
            "Install python3.11, or run `make setup PYTHON=/path/to/python3.11`."
        )
    python = args.venv / "bin" / "python"
    if not python.exists():
        make_venv(args.venv)
    install_torch(python, pinned_torch(), args.torch_index)
    pip_install(python, "-r", str(args.requirements), check=True)


def make_venv(folder: Path) -> None:
    print(f"setup: making {folder}", flush=True)
    try:
        venv.create(folder, with_pip=True)
    except (subprocess.CalledProcessError, ImportError):
        shutil.rmtree(folder, ignore_errors=True)
        sys.exit("setup: this Python cannot make virtual environments. Run: apt-get install python3.11-venv")


def pinned_torch() -> str:
    found = re.search(r"^torch==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert found, "requirements.txt pins no torch"
    return found.group(1)


def install_torch(python: Path, version: str, index: str) -> None:
    """torch first, and on a Linux machine without an NVIDIA driver a build without its gigabytes of CUDA.

    The configured indexes are asked before PyTorch's own, so that a machine behind a mirror needs no other road.
    """
    if index:
        pip_install(python, "--index-url", index, f"torch=={version}", check=True)
        return
    if sys.platform == "linux" and not has_nvidia_driver():
        wanted = f"torch=={version}+cpu"
        if pip_install(python, wanted) or pip_install(python, "--extra-index-url", TORCH_CPU_INDEX, wanted):
            return
    pip_install(python, f"torch=={version}", check=True)


def has_nvidia_driver() -> bool:
    return os.path.exists("/proc/driver/nvidia/version") or shutil.which("nvidia-smi") is not None


def pip_install(python: Path, *what: str, check: bool = False) -> bool:
    """Runs pip. A failure that is not checked is an attempt, and its noise is kept back: the next road is tried."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    print("setup: pip install", *what, flush=True)
    done = subprocess.run(command, stderr=None if check else subprocess.DEVNULL)
    if check and done.returncode:
        sys.exit(f"setup: pip failed ({done.returncode}); its message is above. Run `make setup` again to go on.")
    return done.returncode == 0


if __name__ == "__main__":
    main()
