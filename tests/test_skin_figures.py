"""Figures of skin beside the data's: on faces that differ in one known way."""

import numpy as np
import pytest

from gantlitz_blender.runtime.slopes import normals_of_slopes, slopes_of_displacement
from trainer.figures import WINDOWS
from trainer.metrics.skin import beside, figures_of, names, shares_met, windows_at

WIDTH, HEIGHT = 384, 256
WINDOWS_AT = windows_at(WIDTH, HEIGHT)


def face(seed: int, blur: bool = False, agree: bool = True) -> np.ndarray:
    """(7, H, W) of rough noise; blurred by two texels; with normals of its own relief, or of another."""
    import cv2

    rng = np.random.default_rng(seed)
    planes = 0.5 + 0.05 * rng.normal(size=(7, HEIGHT, WIDTH)).astype(np.float32)
    if blur:
        planes = np.stack([cv2.GaussianBlur(p, (0, 0), 2) for p in planes])
    relief = planes[6] if agree else planes[5]
    planes[3:5] = normals_of_slopes(*slopes_of_displacement(np.ascontiguousarray(relief), 1.0))[..., :2].transpose(2, 0, 1)
    return planes


def seen(**how) -> np.ndarray:
    return np.stack([figures_of(face(seed, **how), WINDOWS_AT) for seed in range(6)])


def test_a_window_is_a_twelfth_of_the_width_and_lies_where_the_published_ones_do():
    for name, rect in windows_at(6144, 4096).items():
        assert (rect.width, rect.height) == (512, 512)
        assert ((rect.left + 256) / 6144, (rect.top + 256) / 4096) == pytest.approx(WINDOWS[name], abs=1e-3)
    assert {r.width for r in windows_at(768, 512).values()} == {64}


def test_faces_of_one_kind_have_the_same_figures():
    rows = beside(seen(), seen(), published=False)
    assert all(row["real"] == row["fake"] for row in rows.values())
    met, of = shares_met(rows)
    assert met == of > 0


def test_octaves_that_a_small_window_cannot_hold_are_left_out():
    rows = beside(seen(), seen(), published=False)
    assert "albedo 4-2 px" in rows and "albedo 128-64 px" not in rows


def test_blur_is_missed_in_the_finest_octaves_and_said_by_the_interval():
    rows = beside(seen(), seen(blur=True), published=False)
    finest = rows["specular 4-2 px"]
    assert not finest["met"] and finest["ratio_interval"][1] < 0.5
    met, of = shares_met(rows)
    assert met < of


def test_normals_of_another_relief_are_seen_in_their_correlation_alone():
    rows = beside(seen(), seen(agree=False), published=False)
    assert rows["n_x ~ -dd/dx"]["real"] > 0.8 > 0.3 > abs(rows["n_x ~ -dd/dx"]["fake"])
    assert rows["specular mean"]["real"] == rows["specular mean"]["fake"]


def test_every_figure_is_told_for_every_region_and_the_published_bands_at_full_size_only():
    rows = beside(seen(), seen(), published=True)
    assert all(list(row["regions"]) == list(WINDOWS) and "published" in row for row in rows.values())
    assert set(rows) <= set(names())
