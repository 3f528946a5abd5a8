"""What completing a scan costs: seconds, seconds of all cores, and the most memory of the process, from an albedo of 1536 x 1024.

python -m benchmarks.completion_cost [COMPLETER] [--widths 768 3072 6144] [--threads N]
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

from gantlitz_blender.runtime.completion.completer import Completer
from trainer.capture import draw_subject

KNOWN = 1536
MEMORY_UNIT = 1 << 20  # Linux counts kilobytes: gigabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("completer", nargs="?", type=Path, help="default: the bundled one")
    parser.add_argument("--widths", nargs="+", type=int, default=[768, 3072, 6144])
    parser.add_argument("--threads", type=int, help="default: as many as there are cores")
    options = parser.parse_args()
    albedo = draw_subject(90_000, KNOWN, KNOWN * 2 // 3).albedo
    completer = Completer.load(options.completer)
    print("| width | seconds | seconds of all cores | GB at most |\n|---|---|---|---|")
    for width in options.widths:
        wall, cpu = time.perf_counter(), time.process_time()
        completer.complete({"albedo": albedo}, width, threads=options.threads)
        spent, busy = time.perf_counter() - wall, time.process_time() - cpu
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEMORY_UNIT
        print(f"| {width} | {spent:.1f} | {busy:.1f} | {most:.2f} |")


if __name__ == "__main__":
    main()
