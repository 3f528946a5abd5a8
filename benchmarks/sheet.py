"""Contact sheets: seconds for 16 and 64 thumbnails, flat and on the head, and what of it is the model's and the light's.

python -m benchmarks.sheet [MODEL] > benchmarks/results/sheet-cpu.md

The seconds of a sheet are those of a warm worker asked through the client, as the panel asks it, from the first request to the
last answer read; the first portrait of a session also draws the head, which is measured apart.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import torch

from gantlitz_blender.client import RuntimeClient
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.portrait.shading import shade
from gantlitz_blender.runtime.portrait.thumbnail import HEAD, Thumbnails, maps_of
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.sheet_run import SheetRun

WIDTH = 192
Result = TypeVar("Result")
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


def timed(work: Callable[[], Result]) -> tuple[Result, tuple[float, float]]:
    """What it makes, and the seconds it took: by the clock, and of the processors, all threads together."""
    start, spent = time.perf_counter(), time.process_time()
    made = work()
    return made, (time.perf_counter() - start, time.process_time() - spent)


def main() -> None:
    path = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else None
    model, thumbnails = FaceModel.load(path, device="cpu"), Thumbnails()
    cores = torch.get_num_threads()
    print(f"# Contact sheets\n\n{model.name}, {model.dtype}, {cores} threads, {platform.processor() or platform.machine()}, "
          f"thumbnails of {WIDTH} pixels. Load of the machine before: {os.getloadavg()[0]:.1f}. "
          f"Written by `python -m benchmarks.sheet`.\n")  # fmt: skip
    view, drawn = timed(lambda: thumbnails.view(HEAD, WIDTH))
    maps = maps_of(model, Recipe(0), WIDTH, None)
    parts = {
        f"the model: four maps of {WIDTH} x {view.side // 3}": [
            timed(lambda s=seed: maps_of(model, Recipe(s), WIDTH, None))[1] for seed in range(16)
        ],
        "the same as one tile, as previews have it": [
            timed(lambda s=seed: model.preview(Recipe(s), WIDTH))[1] for seed in range(16)
        ],
        "light on the head": [timed(lambda: shade(view, maps))[1] for _ in range(16)],
        "drawing the head and its shadows, once a session": [drawn],
    }
    print("| part (median of 16) | seconds | of the processor |\n|---|---|---|")
    for name, taken in parts.items():
        print(f"| {name} | {statistics.median(t for t, _ in taken):.3f} | {statistics.median(c for _, c in taken):.3f} |")
    print()
    client = RuntimeClient(sys.executable)
    sheet_seconds(client, path, HEAD, 2, 0)  # a warm worker
    print("| sheet | seconds | median a thumbnail |\n|---|---|---|")
    for shape in ("flat", HEAD):
        for count in (16, 64):
            whole, each = sheet_seconds(client, path, shape, count, 100)
            print(f"| {count} {shape} | {whole:.1f} | {each:.3f} |", flush=True)
    client.stop()
    print(f"\nLoad of the machine after: {os.getloadavg()[0]:.1f}; this alone makes about {cores}.")


if __name__ == "__main__":
    main()
