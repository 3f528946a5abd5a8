"""Pictures made tile by tile, on threads, so that memory does not grow with their size."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import numpy as np
import torch

from . import memory
from .errors import Cancelled, GantlitzError
from .failures import is_out_of_memory
from .maps import MapSet
from .memory_need import SMALLEST_TILE
from .model.rects import Rect

Progress = Callable[[float], None] | None
Cancel = Callable[[], bool] | None
Notice = Callable[[str], None] | None  # a sentence for a person
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


def threads_on(device: str, wanted: int | None = None) -> int:
    """How many tiles are in the making at once: on a CPU what is wanted, by default as many as torch has threads."""
    return 1 if device != "cpu" else wanted or torch.get_num_threads()


def in_tiles(
    request: Rect,
    side: int,
    device: str,
    threads: int | None,
    begin: Callable[[], Tile],
    progress: Progress = None,
    cancelled: Cancel = None,
    notice: Notice = None,
) -> MapSet:
    """The maps of a rectangle, in squares of ``side`` texels; of half that, and so on, where the memory is too full for them.

    begin: makes what all tiles share and returns what makes one; called with torch on one thread, as are the tiles. threads:
    as for threads_on. progress(fraction) and cancelled() are called between tiles, notice(sentence)
    when smaller tiles had to be taken: what is done by then is kept.
    Raises GantlitzError for a tile too small, ``out-of-memory`` where not even the smallest tiles fit, and Cancelled.
    """
    if side < 16:
        raise GantlitzError(f"A tile of {side} texels is too small.", "Choose 16 or more; 512 is usual.")
    workers = threads_on(device, threads)
    stacked = np.empty((request.height, request.width, 8), np.float32)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    finished: set[Rect] = set()
    try:
        try:
            tile = begin()
        except Exception as error:
            if is_out_of_memory(error):
                raise _too_full(device, side) from None
            raise

        def work(part: Rect) -> None:
            stacked[request.slices_of(part)] = tile(part).permute(1, 2, 0).cpu().numpy()
            finished.add(part)

        def so_far() -> None:
            if progress:
                progress(sum(part.height * part.width for part in finished.copy()) / (request.height * request.width))

        waiting, fitting = _tiles(request, side), side
        while not _fits(work, waiting, workers, so_far, cancelled):
            if fitting <= SMALLEST_TILE:
                raise _too_full(device, fitting)
            memory.give_back()
            fitting = max(SMALLEST_TILE, fitting // 2)
            waiting = [smaller for part in waiting if part not in finished for smaller in _tiles(part, fitting)]
    finally:
        torch.set_num_threads(before)
    if notice and fitting < side:
        whose = "The memory" if device == "cpu" else "The graphics card's memory"
        notice(f"{whose} was too full for tiles of {side} texels: the maps were made in tiles of {fitting}.")
    return MapSet.from_stacked(stacked)


def _too_full(device: str, side: int) -> GantlitzError:
    memory.give_back()
    if device == "cpu":
        sentence, fix = "There is not enough free memory for this size", "Close other programs, or choose a smaller size."
    else:
        sentence = "The graphics card has too little free memory"
        fix = "Close other programs that use it, or set the device to the processor (cpu)."
    return GantlitzError(f"{sentence}, not even for tiles of {side} texels.", fix, "out-of-memory")


def _fits(work: Callable[[Rect], None], tiles: list[Rect], workers: int, so_far: Callable[[], None], cancelled: Cancel) -> bool:
    """Work through the tiles; False when the memory was too full for one of them."""
    try:
        _run(work, tiles, workers, so_far, cancelled)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)  # they hold what was made of the tile
        return False
    return True


def _tiles(request: Rect, side: int) -> list[Rect]:
    rows, cols = range(request.top, request.bottom, side), range(request.left, request.right, side)
    return [Rect(t, x, min(t + side, request.bottom), min(x + side, request.right)) for t in rows for x in cols]


def _run(work: Callable[[Rect], None], tiles: list[Rect], workers: int, so_far: Callable[[], None], cancelled: Cancel) -> None:
    """Work through the tiles on threads; ask ``cancelled`` and call ``so_far`` from the calling thread."""
    with ThreadPoolExecutor(workers) as pool:
        pending = {pool.submit(work, t) for t in tiles}
        try:
            while pending:
                done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                if cancelled and cancelled():
                    raise Cancelled
                if done:
                    so_far()
        finally:
            pool.shutdown(cancel_futures=True)
