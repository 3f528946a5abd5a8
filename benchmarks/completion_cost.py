"""What completing a scan costs, files and all: seconds, seconds of all cores, and the most memory of the process.

The scan is an albedo as wide as the answer, of a face that no training has seen.

python -m benchmarks.completion_cost [--widths 768 6144] [--methods fast fit fit-from-fast]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from gantlitz_blender.runtime.scan_request import METHODS
from trainer.capture import draw_subject

MEMORY_UNIT = 1 << 20  # Linux counts kilobytes: gigabytes


def cost(albedo: Path, method: str, folder: Path) -> tuple[float, float, float]:
    """Seconds, seconds of all cores and gigabytes of one completion in a process of its own."""
    command = [sys.executable, "-m", "gantlitz_blender.runtime", "complete", str(albedo), "--method", method]
    begun = time.perf_counter()
    with subprocess.Popen([*command, "--outdir", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(said.decode()[-2000:])
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / MEMORY_UNIT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", nargs="+", type=int, default=[768, 6144])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    options = parser.parse_args()
    print("| method | width | seconds | seconds of all cores | GB at most |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        for width in options.widths:
            path = Path(temporary) / f"face{width}_albedo.png"
            albedo = draw_subject(90_000, width, width * 2 // 3).albedo
            cv2.imwrite(str(path), np.rint(albedo[..., ::-1] * 255).astype(np.uint8))
            for method in options.methods:
                seconds, busy, most = cost(path, method, Path(temporary) / "out")
                print(f"| {method} | {width} | {seconds:.0f} | {busy:.0f} | {most:.2f} |", flush=True)


if __name__ == "__main__":
    main()
