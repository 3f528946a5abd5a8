"""What a face needs is known before it is made, and tiles are chosen so that it fits."""

import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.memory_need import SMALLEST_TILE, TILE, render_need, tile_that_fits
from gantlitz_blender.runtime.tiling import threads_on

FULL = (6144, 4096)
MEASURED = {(768, 512): 0.70e9, (1536, 1024): 0.65e9, (3072, 2048): 0.75e9, FULL: 1.39e9}  # the peak with two threads


@pytest.mark.parametrize("size", MEASURED)
def test_no_measured_peak_lies_above_what_is_stated(size):
    assert MEASURED[size] <= render_need(*size, threads=2) < 2 * MEASURED[size]


def test_more_threads_larger_tiles_and_larger_maps_need_more():
    usual = render_need(*FULL, threads=2)
    assert render_need(*FULL, threads=8) > usual > render_need(*FULL, threads=1)
    assert render_need(*FULL, threads=2, tile=256) < usual
    assert render_need(3072, 2048, threads=2) < usual
    assert render_need(192, 128, threads=2) < render_need(768, 512, threads=2), "tiles are no larger than the maps"


@pytest.mark.parametrize("free", [None, 10**11, render_need(*FULL, threads=8)])
def test_tiles_are_of_the_usual_size_where_there_is_room_or_nobody_knows(free):
    assert tile_that_fits(*FULL, 8, free) == TILE


@pytest.mark.parametrize("tile", [256, 128, SMALLEST_TILE])
def test_the_largest_tiles_that_fit_are_taken(tile):
    free = render_need(*FULL, threads=8, tile=tile)
    assert tile_that_fits(*FULL, 8, free) == tile
    if tile > SMALLEST_TILE:
        assert tile_that_fits(*FULL, 8, free - 1) == tile // 2


def test_where_nothing_fits_both_figures_and_a_way_out_are_said():
    with pytest.raises(GantlitzError, match=r"6144 x 4096 texels need about \d\.\d GB .* 0\.5 GB are free") as caught:
        tile_that_fits(*FULL, 8, 5 * 10**8)
    assert caught.value.code == "out-of-memory" and "smaller size" in caught.value.fix


def test_a_processor_makes_as_many_tiles_at_once_as_torch_has_threads_and_a_card_one():
    assert threads_on("cpu") == torch.get_num_threads()
    assert threads_on("cpu", 3) == 3
    assert threads_on("cuda", 3) == 1
