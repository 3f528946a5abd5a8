"""A whole face on the GPU: its time, and whether it is the face that the processor makes.

python -m benchmarks.sampling_devices [MODEL] [--device cuda] [--level 0] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from gantlitz_blender.runtime import FaceModel, MapSet, Recipe
from gantlitz_blender.runtime.face_model import choose_device
from trainer.doctor import device_name

RECIPE = Recipe(7)
REPEATS = 3
PRECISIONS = ("auto", "float32")
KINDS = ("albedo", "normal", "specular", "displacement")


def levels_apart(one: MapSet, other: MapSet) -> dict[str, tuple[float, float]]:
    """For each map (largest difference, share of texels that are further apart than 1) in 8-bit levels.

    A level is 1/255 of what a map can hold: 1 for tones, 2 for normals; for a displacement, of the range it has.
    """
    found = {}
    for kind in KINDS:
        a, b = getattr(one, kind), getattr(other, kind)
        reach = {"normal": 2.0, "displacement": float(np.ptp(b))}.get(kind, 1.0)
        apart = np.abs(a - b) * (255 / reach)
        found[kind] = (float(apart.max()), float((apart > 1).mean()))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--level", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    device = choose_device(options.device)
    begun = time.perf_counter()
    reference = FaceModel.load(options.model, device="cpu", precision="float32").render(RECIPE, level=options.level)
    figures = {"processor": time.perf_counter() - begun, "width": reference.width, "height": reference.height}
    print(f"four {reference.width} x {reference.height} maps, float32 on the processor: {figures['processor']:.2f} s")
    for precision in PRECISIONS:
        model = FaceModel.load(options.model, device=device, precision=precision)
        times = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            maps = model.render(RECIPE, level=options.level)
            times.append(time.perf_counter() - begun)
        apart = levels_apart(maps, reference)
        figures[precision] = {"seconds": times, "apart": apart}
        print(f"{device_name(device)}, {model.dtype}: {', '.join(f'{t:.2f}' for t in times)} s (the first one warms up)")
        for kind, (most, share) in apart.items():
            print(f"  {kind:13} {most:8.4f} 8-bit levels apart at most, {share:.3%} of the values by more than one")
        if device != "cpu":
            figures[precision]["memory"] = torch.cuda.max_memory_allocated()
            print(f"  {figures[precision]['memory'] / 1e9:.2f} GB of GPU memory at most")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
