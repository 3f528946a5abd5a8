"""A batch against the slower of its halves, and its memory over many faces (Linux). On a machine that does nothing else.

python -m benchmarks.batch [--faces 20] [--level 0] [--many 200] [--many-level 2] [--model MODEL]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from gantlitz_blender.runtime.batch.items import FaceItem, Output
from gantlitz_blender.runtime.batch.making import Maker
from gantlitz_blender.runtime.batch.planning import Settings
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.recipe import Recipe


def throughput(path: Path | None, faces: int, level: int, folder: Path) -> None:
    """Sampling alone, writing alone (the last face's maps again and again), and both in a batch; seconds a face."""
    from threading import Event

    model = FaceModel.load(path, "cpu")
    model.preview(Recipe(0), 96)
    start = time.perf_counter()
    for seed in range(faces):
        maps = model.render(Recipe(seed), level=level)
    sampling = (time.perf_counter() - start) / faces
    start = time.perf_counter()
    for seed in range(faces):
        maps.write(folder / "alone", f"face{seed}", model.stamped(Recipe(seed)))
        shutil.rmtree(folder / "alone")
    writing = (time.perf_counter() - start) / faces
    del maps
    maker = Maker(Settings(folder / "batch", path, device="cpu"))
    maker._loaded().preview(Recipe(0), 96)
    start = time.perf_counter()
    maker.make((FaceItem(f"seed{n:04d}", Recipe(n), Output(level)) for n in range(faces)), lambda _: None, Event())
    batch = (time.perf_counter() - start) / faces
    slower = max(sampling, writing)
    print(f"{faces} faces at level {level}, seconds a face: sampling {sampling:.2f}, writing {writing:.2f}, batch {batch:.2f}")
    print(f"  the batch takes {batch / slower - 1:+.1%} of the slower alone (bar: +15 %); one after the other would be "
          f"{(sampling + writing) / slower - 1:+.1%}")  # fmt: skip


def memory(path: Path | None, faces: int, level: int, folder: Path) -> None:
    """Resident memory while a batch runs: at a tenth of the faces and at the end."""
    command = [sys.executable, "-m", "gantlitz_blender.runtime", "sample", "--seeds", f"0-{faces - 1}", "--level", str(level)]
    command += ["--outdir", str(folder / "many"), "--device", "cpu", *(["--model", str(path)] if path else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    peaks: list[int] = []
    for line in process.stdout:
        if "sampling" in line:
            peaks.append(psutil.Process(process.pid).memory_info().rss)
    if process.wait() != 0:
        sys.exit("the batch failed")
    tenth = max(1, len(peaks) // 10)
    first, last = max(peaks[tenth : 2 * tenth] or peaks) / 1e6, max(peaks[-tenth:]) / 1e6
    print(f"{faces} faces at level {level}: {first:.0f} MB after a tenth, {last:.0f} MB at the end ({last / first - 1:+.1%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("faces", 20), ("level", 0), ("many", 200), ("many-level", 2)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        throughput(options.model, options.faces, options.level, Path(folder))
        memory(options.model, options.many, options.many_level, Path(folder))


if __name__ == "__main__":
    main()
