"""The place of detail, map by map."""

import numpy as np

from trainer.metrics.agreement import detail_map
from trainer.metrics.position import cells_inside, place_of_detail

MASK = np.ones((64, 96), np.float32)


def details(strong: slice, seeds: range, only: slice = slice(0, 7)) -> np.ndarray:
    """(faces, 7, 8, 12): grain everywhere, ten times as much in some columns of some channels (else in the left half)."""
    out = []
    for seed in seeds:
        planes = np.random.default_rng(seed).normal(0, 0.01, (7, *MASK.shape)).astype(np.float32)
        for c in range(7):
            planes[c][:, strong if c in range(7)[only] else slice(0, 48)] *= 10
        out.append(detail_map(planes))
    return np.stack(out)


INSIDE = cells_inside(MASK, (8, 12))
REAL = details(slice(0, 48), range(8))


def test_detail_in_its_place_is_near_one_for_every_map_as_it_is_among_the_reals():
    found = place_of_detail(REAL, details(slice(0, 48), range(20, 28)), INSIDE, 50)
    assert all(v["value"] > 0.95 and v["reals"] > 0.95 for v in found.values())
    assert all(v["interval"][0] <= v["value"] + 1e-3 for v in found.values())


def test_one_map_in_the_wrong_place_is_told_apart_from_the_others():
    found = place_of_detail(REAL, details(slice(48, 96), range(20, 28), slice(5, 6)), INSIDE, 50)
    assert found["specular"]["value"] < -0.9 and found["specular"]["interval"][1] < 0
    assert all(found[m]["value"] > 0.95 for m in ("albedo", "normal", "displacement"))


def test_cells_at_the_edge_of_the_mask_do_not_count():
    mask = MASK.copy()
    mask[:, :44] = 0
    assert cells_inside(mask, (8, 12)).sum() == 8 * 6
