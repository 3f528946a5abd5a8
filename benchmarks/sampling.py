"""Sampling: each shortcut against its slow twin, and memory (on Linux) against size. Ratios in one run: machines are noisy.

python -m benchmarks.sampling [MODEL]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import torch

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.recipe import Recipe

RECIPE = Recipe(7)
REGION = (2048, 1024, 3072, 2048)
PEAK = """
import sys
from pathlib import Path
from gantlitz_blender.runtime import FaceModel, Recipe

def high_water():  # of this process alone; getrusage would start from its parent's
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) / 1e3

m = FaceModel.load(sys.argv[1] or None, device="cpu")
m.preview(Recipe(7), 96)
base = high_water()
maps = m.render(Recipe(7), level=int(sys.argv[2]))
print(base, high_water(), maps.width * maps.height * 32 / 1e6)  # eight float32 a texel
"""


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """The best of a few runs: the least disturbed one."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else None
    model = FaceModel.load(path, device="cpu")
    exact = FaceModel.load(path, device="cpu", precision="float32")
    cores = torch.get_num_threads()
    print(f"{model.name}, {cores} threads, {model.dtype}, {psutil.virtual_memory().total / 1e9:.0f} GB")

    x0, y0, x1, y1 = REGION
    with torch.no_grad():
        w = exact.w(RECIPE)
        plain = seconds(lambda: exact._generator(w, 0, [Rect(y0, x0, y1, x1)], HashNoise(0)), 1)
    fast = seconds(lambda: exact.render(RECIPE, region=REGION))
    half = seconds(lambda: model.render(RECIPE, region=REGION))
    one = seconds(lambda: model.render(RECIPE, region=REGION, threads=1))
    print(f"1024 x 1024 region, four maps: folded float32 {plain / fast:.2f} x the plain generator's speed")
    print(f"  {model.dtype} {fast / half:.2f} x float32; {cores} threads {one / half:.2f} x one")
    for tile in (128, 256, 512, 1024):
        print(f"  tiles of {tile}: {half / seconds(lambda t=tile: model.render(RECIPE, region=REGION, tile=t)):.2f} x tiles of 512")

    preview = seconds(lambda: model.preview(RECIPE, 768))
    start = time.perf_counter()
    maps = model.render(RECIPE)
    whole = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        files = maps.write(Path(folder), "face", RECIPE)
        write = time.perf_counter() - start
        megabytes = sum(f.stat().st_size for f in files.values()) / 1e6
    print(f"four {model.width} x {model.height} maps: {whole:.1f} s, and {write:.1f} s for {megabytes:.0f} MB of files")
    print(f"768 px preview: {preview:.2f} s")
    del maps

    for level in (3, 2, 1, 0):
        command = [sys.executable, "-c", PEAK, path or "", str(level)]
        out = subprocess.run(command, capture_output=True, text=True, check=True)
        base, peak, result = (float(x) for x in out.stdout.split())
        print(f"level {level}: peak {peak:.0f} MB, of which {base:.0f} before rendering and {result:.0f} the maps themselves")


if __name__ == "__main__":
    main()
