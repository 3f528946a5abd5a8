"""Pictures made tile by tile, on threads, so that memory does not grow with their size."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import numpy as np
import torch

from .errors import Cancelled, GantlitzError
from .maps import MapSet
from .model.rects import Rect

Progress = Callable[[float], None] | None
Cancel = Callable[[], bool] | None
Tile = Callable[[Rect], torch.Tensor]  # a rectangle -> (8, h, w) in physical units, as of ``MapSet.stacked``


def requested(size: tuple[int, int], region: tuple[int, int, int, int] | None, level: int) -> Rect:
    """(x0, y0, x1, y1), or None for all, of a level of ``size`` (H, W). Raises GantlitzError where it sticks out."""
    height, width = size
    if region is None:
        return Rect(0, 0, height, width)
    x0, y0, x1, y1 = region
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise GantlitzError(
            f"The region {tuple(region)} does not lie in the {width} x {height} texels of level {level}.",
            "Give (x0, y0, x1, y1) with x0 < x1 and y0 < y1 inside it.",
        )
    return Rect(y0, x0, y1, x1)


def in_tiles(
    request: Rect, side: int, device: str, threads: int | None, begin: Callable[[], Tile], progress: Progress, cancelled: Cancel
) -> MapSet:
    """The maps of a rectangle, in squares of ``side`` texels.

    begin: makes what all tiles share and returns what makes one; called with torch on one thread, as are the tiles. threads:
    Python threads on a CPU; None takes one a core. progress(fraction) and cancelled() are called between tiles.
    Raises GantlitzError for a tile too small, ``out-of-memory`` on a full GPU, and Cancelled.
    """
    if side < 16:
        raise GantlitzError(f"A tile of {side} texels is too small.", "Choose 16 or more; 512 is usual.")
    workers = 1 if device != "cpu" else threads or torch.get_num_threads()
    stacked = np.empty((request.height, request.width, 8), np.float32)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        tile = begin()

        def work(part: Rect) -> None:
            stacked[request.slices_of(part)] = tile(part).permute(1, 2, 0).cpu().numpy()

        _run(work, _tiles(request, side), workers, progress, cancelled)
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise GantlitzError(
            f"The GPU has too little free memory for tiles of {side} texels.",
            "Close other programs that use it, or set the device to the processor (cpu).",
            "out-of-memory",
        ) from error
    finally:
        torch.set_num_threads(before)
    return MapSet.from_stacked(stacked)


def _tiles(request: Rect, side: int) -> list[Rect]:
    rows, cols = range(request.top, request.bottom, side), range(request.left, request.right, side)
    return [Rect(t, x, min(t + side, request.bottom), min(x + side, request.right)) for t in rows for x in cols]


def _run(work: Callable[[Rect], None], tiles: list[Rect], workers: int, progress: Progress, cancelled: Cancel) -> None:
    """Work through the tiles on threads; ask ``cancelled`` and tell ``progress`` from the calling thread."""
    with ThreadPoolExecutor(workers) as pool:
        pending = {pool.submit(work, t) for t in tiles}
        try:
            while pending:
                done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                if cancelled and cancelled():
                    raise Cancelled
                if progress and done:
                    progress(1 - len(pending) / len(tiles))
        finally:
            pool.shutdown(cancel_futures=True)
