"""The store: time of a training patch in a fresh process, beside a memory-mapped .npy; bytes a subject. Draws one subject.

python -m benchmarks.store [STORE]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from trainer.capture import capture_dataset
from trainer.store import Store

PROCESSES = 7
READS = 8
PATCH = 512
SUBJECTS = 97  # of the paper
READER = """
import sys, time
import numpy as np
from gantlitz_blender.runtime.model.rects import Rect
from trainer.store import Store

folder, plain, seed, reads, side = sys.argv[1], sys.argv[2], *(int(n) for n in sys.argv[3:])
store = Store(folder, canvas_width=None)
rng = np.random.default_rng(seed)
places = rng.integers(0, (store.height - side, store.width - side), (reads, 2)).tolist()
if plain:
    array = np.load(plain, mmap_mode="r")
    read = lambda t, l: array[:, t : t + side, l : l + side].astype(np.float32)
else:
    read = lambda t, l: store.read(0, store.level, Rect(t, l, t + side, l + side))
for top, left in places:
    start = time.perf_counter()
    read(top, left)
    print(1e3 * (time.perf_counter() - start))
"""


def milliseconds(folder: Path, plain: str = "") -> np.ndarray:
    """(processes, reads): the first column is each process's first read. ``plain``: of this .npy, at the same places."""
    rows = []
    for seed in range(PROCESSES):
        command = [sys.executable, "-c", READER, str(folder), plain, *map(str, (seed, READS, PATCH))]
        rows.append([float(line) for line in subprocess.check_output(command, text=True).split()])
    return np.array(rows)


def row(name: str, times: np.ndarray) -> None:
    print(f"{name:44s} median {np.median(times):6.1f} ms   95 % within {np.percentile(times, 95):6.1f} ms")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else capture_dataset(Path(scratch) / "store", 1, 6144, 4096, workers=1)
        store = Store(folder, canvas_width=None)
        plain = Path(scratch) / "plain.npy"
        np.save(plain, store.subject(0, 0).astype(np.float16))
        print(f"patches of {PATCH} texels, 7 channels, at random places of {store.width} x {store.height}, {PROCESSES} processes")
        zarr, mapped = milliseconds(folder), milliseconds(folder, str(plain))
        row("zarr, first read of a process", zarr[:, 0])
        row(f"zarr, its first {READS} reads", zarr)
        row("float16 .npy, memory-mapped, first read", mapped[:, 0])
        row(f"float16 .npy, memory-mapped, first {READS} reads", mapped)
        first, all_of_them = (np.median(z) / np.median(m) for z, m in ((zarr[:, 0], mapped[:, 0]), (zarr, mapped)))
        print(f"zarr over .npy: first read x {first:.1f}, all x {all_of_them:.1f}")
        files = [[p.stat().st_size for p in (folder / "subjects" / n).rglob("*") if p.is_file()] for n in store.names]
        size = sum(map(sum, files)) / len(files)
        print(f"a subject with its levels: {size / 1e6:.0f} MB; {SUBJECTS} of them: {SUBJECTS * size / 1e9:.1f} GB")


if __name__ == "__main__":
    main()
