"""What a layer needs of the coarser level, in half-open rectangles."""

import random

from gantlitz_blender.runtime.model.rects import Rect, needed, up_in


def rows_read(row: int) -> set[int]:
    """The coarse rows that bilinear x2 mixes into a fine row (half-texel centres)."""
    return {row // 2, row // 2 - 1} if row % 2 == 0 else {row // 2, row // 2 + 1}


def test_upsampling_reads_exactly_the_rows_it_names() -> None:
    for a in range(-9, 9):
        for b in range(a + 1, 12):
            need = up_in(Rect(a, a, b, b))
            read = set().union(*(rows_read(r) for r in range(a, b)))
            assert (need.top, need.bottom) == (min(read), max(read) + 1)


def test_every_level_covers_what_the_finer_one_reads() -> None:
    rng = random.Random(0)
    for _ in range(50):
        top, left = rng.randrange(-3, 4000), rng.randrange(-3, 6000)
        request = Rect(top, left, top + rng.randrange(1, 300), left + rng.randrange(1, 300))
        rects = needed(request, 0, 6)
        assert rects[0].features == rects[0].skip == request
        for level in range(6):
            assert rects[level].before == rects[level].features.grown(1)
            assert rects[level + 1].features.grown(-1) == up_in(rects[level].before)
            rects[level + 1].features.slices_of(rects[level + 1].skip)  # raises if the skip sum sticks out


def test_the_whole_canvas_with_its_rim_fits_a_margin_of_four_cells() -> None:
    for level in range(7):
        whole = Rect(0, 0, 4096 >> level, 6144 >> level).grown(1)
        assert Rect(-4, -4, 64 + 4, 96 + 4).slices_of(needed(whole, level, 6)[6].features)


def test_aligned_patches_need_rectangles_of_one_size() -> None:
    shapes = {
        tuple((r.features.height, r.features.width) for r in needed(Rect(y, x, y + 64, x + 64), 0, 6).values())
        for y, x in ((0, 0), (64, 640), (1984, 3008))
    }
    assert len(shapes) == 1
