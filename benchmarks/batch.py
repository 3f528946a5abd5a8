"""A batch against the slower of its halves, its memory over many faces (Linux), and what faces take on disk.

On a machine that does nothing else:  python -m benchmarks.batch [--only throughput|memory|disk] [--json FILE]
                                      [--faces 20] [--level 0] [--many 200] [--many-level 2] [--model MODEL] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import psutil

from gantlitz_blender.runtime.batch.items import FaceItem, Output
from gantlitz_blender.runtime.batch.making import Maker, News, files_of
from gantlitz_blender.runtime.batch.planning import BYTES_PER_TEXEL, Settings
from gantlitz_blender.runtime.export_profiles import PROFILES
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.recipe import Recipe

BAR = 0.15  # how much longer a batch may take than the slower half alone
BUSY = 0.3  # of a core, used by others: figures beside that are no figures


def throughput(path: Path | None, faces: int, level: int, folder: Path) -> dict[str, Any]:
    """Sampling alone, writing alone (encoding, files, hashes: the last face's maps again and again), and both in a batch."""
    model = FaceModel.load(path, "cpu")
    model.preview(Recipe(0), 96)
    maps = model.render(Recipe(faces), level=level)  # warm
    sampling, writing = [], []
    for seed in range(faces):
        start = time.perf_counter()
        maps = model.render(Recipe(seed), level=level)
        sampling.append(time.perf_counter() - start)
    for seed in range(faces):
        start = time.perf_counter()
        files_of(maps.write(folder / "alone", f"face{seed}", model.stamped(Recipe(seed))))
        writing.append(time.perf_counter() - start)
        shutil.rmtree(folder / "alone")
    del maps, model
    maker = Maker(Settings(folder / "batch", path, device="cpu"))
    failed: list[News] = []
    items = [FaceItem(f"seed{n:04d}", Recipe(n), Output(level)) for n in (faces, *range(faces))]
    began: list[float] = []

    def hear(news: News) -> None:
        if news["news"] == "begun":
            began.append(time.perf_counter())
        elif news["news"] == "failed":
            failed.append(news)

    maker.make(items, hear, Event())
    batch = (time.perf_counter() - began[1]) / faces  # the first is to load the model; its writing is beside the second
    if failed:
        sys.exit(f"{len(failed)} faces failed: {failed[0]['error']['sentence']}")
    alone = {"sampling": statistics.mean(sampling), "writing": statistics.mean(writing)}
    slower = max(alone.values())
    more = batch / slower - 1
    said = [f"{name} {alone[name]:.2f} (median {statistics.median(times):.2f})" for name, times in
            (("sampling", sampling), ("writing", writing))]  # fmt: skip
    print(f"{faces} faces at level {level}, seconds a face: {', '.join(said)}, batch {batch:.2f}")
    print(f"  the batch takes {more:+.1%} of the slower alone (bar: {BAR:+.0%}, {'met' if more <= BAR else 'MISSED'}); "
          f"one after the other would be {sum(alone.values()) / slower - 1:+.1%}")  # fmt: skip
    return {"faces": faces, "level": level, **alone, "batch": batch, "more": more}


def memory(path: Path | None, faces: int, level: int, folder: Path) -> dict[str, Any]:
    """Resident memory when each face ends: its largest over the second tenth of the faces and over the last, and its slope."""
    command = [sys.executable, "-m", "gantlitz_blender.runtime", "sample", "--seeds", f"0-{faces - 1}", "--level", str(level)]
    command += ["--outdir", str(folder / "many"), "--device", "cpu", *(["--model", str(path)] if path else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    watched = psutil.Process(process.pid)
    held: list[float] = []
    for line in process.stdout:
        if ", sampling " in line:
            try:
                held.append(watched.memory_info().rss / 1e6)
            except psutil.Error:  # it has ended with the last face
                break
    if process.wait() != 0:
        sys.exit("the batch failed")
    tenth = max(1, len(held) // 10)
    first, last = max(held[tenth : 2 * tenth] or held), max(held[-tenth:])
    slope = statistics.linear_regression(range(len(held) - tenth), held[tenth:]).slope if len(held) > tenth + 1 else 0.0
    bounds = [len(held) * i // 4 for i in range(5)]
    medians = [statistics.median(held[a:b] or held) for a, b in pairwise(bounds)]
    print(f"{faces} faces at level {level}: {first:.0f} MB after a tenth, {last:.0f} MB at the end ({last / first - 1:+.1%}); "
          f"{slope * 100:+.2f} MB in 100 faces; least {min(held):.0f}, most {max(held):.0f}; "
          f"median of each quarter {', '.join(f'{m:.0f}' for m in medians)}")  # fmt: skip
    return {"faces": faces, "level": level, "first_mb": first, "last_mb": last, "mb_in_100_faces": slope * 100, "medians": medians}


def disk(path: Path | None, folder: Path) -> dict[str, Any]:
    """Bytes a texel of all files of a face, by profile: least and most over levels and faces, beside what a plan reckons with."""
    model = FaceModel.load(path, "cpu")
    found: dict[str, list[float]] = {name: [] for name in PROFILES}
    for level in range(model.levels, -1, -1):
        for seed, psi in ((0, 0.0), (1, 0.7), (2, 0.7), (3, 1.0), (4, 1.5))[: 5 if level else 2]:
            recipe = model.stamped(Recipe(seed, psi))
            maps = model.render(recipe, level=level)
            for name, files in PROFILES.items():
                paths = maps.write(folder / "disk", "face", recipe, output=files)
                found[name].append(sum(file.stat().st_size for file in paths.values()) / (maps.width * maps.height))
                shutil.rmtree(folder / "disk")
    for name, values in found.items():
        print(f"{name}: {min(values):.2f} to {max(values):.2f} bytes a texel; a plan reckons with {BYTES_PER_TEXEL[name]}")
    return {name: [min(values), max(values)] for name, values in found.items()}


def others() -> float:
    """How many cores other programs use now."""
    return psutil.cpu_percent(interval=2) / 100 * (os.cpu_count() or 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("faces", 20), ("level", 0), ("many", 200), ("many-level", 2)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--only", choices=("throughput", "memory", "disk"), help="disk takes minutes: only when asked for")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--folder", type=Path, help="where the files are written meanwhile: the disk that is measured")
    options = parser.parse_args()
    busy = others()
    if busy > BUSY:
        print(f"note: other programs use {busy:.1f} cores: these are no figures to keep.", file=sys.stderr)
    figures: dict[str, Any] = {"cores": os.cpu_count(), "cores_used_by_others": round(busy, 2)}
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        folder = Path(made)
        if options.only in (None, "throughput"):
            figures["throughput"] = throughput(options.model, options.faces, options.level, folder)
        if options.only in (None, "memory"):
            figures["memory"] = memory(options.model, options.many, options.many_level, folder)
        if options.only == "disk":
            figures["disk"] = disk(options.model, folder)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
