"""What augmentation adds to a step: time of 64 patches forward and backward, against copying them (ratios in one run).

python -m benchmarks.augment [--device cuda] [--sizes 64 256]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor

from trainer.augment import augment, band_filter
from trainer.discriminator import Discriminator
from trainer.presets import PRESETS

PATCHES, GROUP = 64, 4
REPEATS, ENOUGH = 5, 10.0  # runs, seconds


def milliseconds(work: Callable[[Tensor], Tensor], images: Tensor, wait: Callable[[], None]) -> float:
    """The best of a few runs of ``work`` and its gradient: the least disturbed one. Slow work is run once."""
    best, begun = float("inf"), time.perf_counter()
    for _ in range(REPEATS):
        if time.perf_counter() - begun > ENOUGH:
            break
        leaf = images.clone().requires_grad_(True)
        wait()
        start = time.perf_counter()
        work(leaf).sum().backward()
        wait()
        best = min(best, time.perf_counter() - start)
    return 1e3 * best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 256])
    options = parser.parse_args()
    device = torch.device(options.device)
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    present, box = torch.ones(PATCHES, 4, device=device), torch.tensor([[0.3, 0.4, 0.1, 0.1]], device=device).repeat(PATCHES, 1)
    channels = PRESETS["XS"].d_channels
    for size in options.sizes:
        images = torch.randn(PATCHES, 7, size, size, device=device)
        judge = Discriminator(channels, size, GROUP, 6).to(device)

        def seeded() -> list[torch.Generator]:
            return [torch.Generator().manual_seed(place) for place in range(PATCHES // GROUP)]

        works: dict[str, Callable[[Tensor], Tensor]] = {
            "copy": torch.clone,
            "filter, p = 0.85": lambda x: band_filter(x, 0.85, seeded()),
            **{f"transforms, p = {p}": lambda x, p=p: augment(x, p, seeded()) for p in (0.1, 0.4, 0.85)},
            f"discriminator {channels}": lambda x, judge=judge: judge(x, present, box, torch.bfloat16),
        }
        print(f"{PATCHES} patches of {size} texels, {device}, {torch.get_num_threads()} threads")
        works["copy"](images)  # warm
        took: dict[str, float] = {}
        for name, work in works.items():
            took[name] = milliseconds(work, images, wait)
            print(f"  {name:48} {took[name]:9.1f} ms   x {took[name] / took['copy']:.1f}", flush=True)


if __name__ == "__main__":
    main()
