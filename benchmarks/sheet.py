"""Contact sheets: seconds for 16 and 64 thumbnails, flat and on the head, and what of it is the model's and the light's.

python -m benchmarks.sheet [MODEL] > benchmarks/results/sheet-cpu.md

The seconds of a sheet are those of a warm worker asked through the client, as the panel asks it, from the first request to the
last answer read; the first portrait of a session also draws the head, which is measured apart.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path

import torch

from gantlitz_blender.client import RuntimeClient
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.portrait.shading import shade
from gantlitz_blender.runtime.portrait.thumbnail import HEAD, Thumbnails, maps_of
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.sheet_run import SheetRun

WIDTH = 192
POLL_SECONDS = 0.02


def sheet_seconds(client: RuntimeClient, model: str | None, shape: str, count: int, first: int) -> tuple[float, float]:
    """Seconds of the whole sheet, and the median between two answers."""
    run = SheetRun(lambda: client, [Recipe(seed) for seed in range(first, first + count)], shape, WIDTH, model, "cpu")
    start, came = time.perf_counter(), []
    while not run.finished:
        came += [time.perf_counter()] * len(run.step())
        time.sleep(POLL_SECONDS / 5)
    if run.error:
        raise run.error
    return came[-1] - start, statistics.median(b - a for a, b in pairwise(came))


def main() -> None:
    path = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else None
    model, thumbnails = FaceModel.load(path, device="cpu"), Thumbnails()
    cores = torch.get_num_threads()
    print(f"# Contact sheets\n\n{model.name}, {model.dtype}, {cores} threads, {platform.processor() or platform.machine()}, "
          f"thumbnails of {WIDTH} pixels. Written by `python -m benchmarks.sheet`.\n")  # fmt: skip
    start = time.perf_counter()
    view = thumbnails.view(HEAD, WIDTH)
    drawn = time.perf_counter() - start
    maps_of(model, Recipe(0), WIDTH, None)
    making, lighting = [], []
    for seed in range(16):
        start = time.perf_counter()
        maps = maps_of(model, Recipe(seed), WIDTH, None)
        made = time.perf_counter()
        shade(view, maps)
        making.append(made - start)
        lighting.append(time.perf_counter() - made)
    start = time.perf_counter()
    for seed in range(8):
        model.preview(Recipe(seed), WIDTH)
    one_tile = (time.perf_counter() - start) / 8
    print("| part of one thumbnail | seconds |\n|---|---|")
    print(f"| the model: four maps of {WIDTH} x {view.side // 3}, median of 16 | {statistics.median(making):.3f} |")
    print(f"| the same as one tile, as previews have it, mean of 8 | {one_tile:.3f} |")
    print(f"| light on the head, median of 16 | {statistics.median(lighting):.3f} |")
    print(f"| drawing the head and its shadows, once a session | {drawn:.2f} |\n")
    client = RuntimeClient(sys.executable)
    sheet_seconds(client, path, HEAD, 2, 0)  # a warm worker
    print("| sheet | seconds | median a thumbnail |\n|---|---|---|")
    for shape in ("flat", HEAD):
        for count in (16, 64):
            whole, each = sheet_seconds(client, path, shape, count, 100)
            print(f"| {count} {shape} | {whole:.1f} | {each:.3f} |", flush=True)
    client.stop()


if __name__ == "__main__":
    main()
