"""How much memory a face needs, known before it is made. Standard library only: the panel says it too.

The figures are those of the bundled model's plan (XS) on a CPU, measured as the peak over a loaded model's; they are chosen
so that no measured peak lies above them: 0.70, 0.65, 0.75 and 1.39 GB at levels 3, 2, 1 and 0 with two threads.
"""

from __future__ import annotations

from .errors import GantlitzError

TILE = 512  # texels; what is used where there is room
SMALLEST_TILE = 64  # smaller ones would hardly take less, for what surrounds a tile has to be made with it
SHARED = 370_000_000  # bytes: the face's folded weights, its coarse pictures, and what the libraries keep
THREAD, TILE_TEXEL = 45_000_000, 480  # bytes, for each thread and for each texel of its tile
TEXEL = 30  # bytes for each texel of the finished maps: eight float32 channels, in part while the files are coded


def render_need(width: int, height: int, threads: int, tile: int = TILE) -> int:
    """Bytes that maps of that size take beyond a loaded model, in tiles of that side, files included."""
    side = min(tile, max(width, height))
    return SHARED + threads * (THREAD + TILE_TEXEL * side * side) + TEXEL * width * height


def tile_that_fits(width: int, height: int, threads: int, free: int | None) -> int:
    """The side of the largest tiles, up to the usual, with which maps of that size fit into `free` bytes (None: unknown).

    Raises GantlitzError (``out-of-memory``) where not even the smallest do: better now than when the system ends the worker.
    """
    tile = TILE
    while free is not None and render_need(width, height, threads, tile) > free:
        if tile <= SMALLEST_TILE:
            raise GantlitzError(
                f"Maps of {width} x {height} texels need about {_gb(render_need(width, height, threads, tile))} of memory, "
                f"and {_gb(free)} are free.",
                "Close other programs, or choose a smaller size.",
                "out-of-memory",
            )
        tile //= 2
    return tile


def _gb(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
