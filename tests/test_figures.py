"""Figures of skin: on planes whose answer is known."""

import numpy as np
import pytest

from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.slopes import normals_of_displacement
from trainer import figures
from trainer.figures import SIDE, crop, mirror_difference, octave_shares, window_box, window_figures

Y, X = np.mgrid[:SIDE, :SIDE].astype(np.float32)


def flat(displacement: np.ndarray | None = None) -> MapSet:
    """Grey maps over a displacement in millimetres."""
    d = np.zeros((SIDE, SIDE), np.float32) if displacement is None else displacement.astype(np.float32)
    return MapSet(np.full((*d.shape, 3), 0.5, np.float32), normals_of_displacement(d, 1 / 18.5), np.full_like(d, 0.25), d)


@pytest.mark.parametrize(("wavelength", "octave"), [(90, 0), (45, 1), (22, 2), (11, 3), (5.6, 4), (2.8, 5)])
def test_a_wave_lies_in_its_own_octave(wavelength: float, octave: int) -> None:
    shares = octave_shares(np.sin(2 * np.pi * (X + 0.3 * Y) / wavelength / np.hypot(1, 0.3)))
    assert shares[octave] > 0.95 and sum(shares) == pytest.approx(1)


def test_white_noise_fills_octaves_by_their_area() -> None:
    shares = octave_shares(np.random.default_rng(0).normal(size=(SIDE, SIDE)))
    np.testing.assert_allclose(np.divide(shares[3:5], shares[2:4]), 4, rtol=0.1)


def test_deviations_and_means_are_those_of_the_plane() -> None:
    noise = np.random.default_rng(1).normal(0, 0.03, (SIDE, SIDE)).astype(np.float32)
    maps = flat()
    maps.specular[:] += noise
    found = window_figures(maps)
    assert found["specular mean"] == pytest.approx(0.25, abs=2e-3)
    assert found["specular detail std"] == pytest.approx(0.03, rel=0.03)
    assert found["albedo detail std"] < 1e-6


def test_detail_leaves_out_what_is_broad() -> None:
    maps = flat()
    maps.albedo[:] += (0.1 * np.sin(2 * np.pi * X / 256))[..., None]
    assert window_figures(maps)["albedo detail std"] < 0.01


def test_normals_of_a_displacement_agree_with_it_and_turned_ones_do_not() -> None:
    relief = np.random.default_rng(2).normal(0, 0.003, (SIDE, SIDE))
    agreeing = flat(relief)
    assert window_figures(agreeing)["n_x ~ -dd/dx"] > 0.99 and window_figures(agreeing)["n_y ~ +dd/dy"] > 0.99
    turned = agreeing.normal * np.array([1, -1, 1], np.float32)
    directx = MapSet(agreeing.albedo, turned, agreeing.specular, agreeing.displacement)
    assert window_figures(directx)["n_y ~ +dd/dy"] < -0.99


def test_displacement_is_rounded_as_the_published_samples_were() -> None:
    """A gentle slope becomes steps of one grey level: the finest octave then holds rounding."""
    smooth = 0.02 * np.sin(2 * np.pi * X / 90) * np.sin(2 * np.pi * Y / 70)
    assert window_figures(flat(smooth))["displacement 4-2 px"] > 0.01 > octave_shares(smooth)[5]


def test_bands_name_figures_that_are_measured() -> None:
    found = window_figures(flat(np.random.default_rng(3).normal(0, 0.02, (SIDE, SIDE))))
    assert len(figures.SHARE_BANDS) == 24
    assert {*figures.SHARE_BANDS, *figures.STD_BANDS, *figures.CORRELATION_BANDS} == found.keys()


def test_windows_lie_on_the_face_and_are_cut_from_whole_maps() -> None:
    left, top, right, bottom = window_box("cheek", 6144, 4096)
    assert (right - left, bottom - top) == (SIDE, SIDE)
    assert (left + right) / 2 / 6144 == pytest.approx(0.33, abs=1e-3)
    whole = MapSet(*(np.zeros(s, np.float32) for s in ((1024, 1536, 3), (1024, 1536, 3), (1024, 1536), (1024, 1536))))
    assert crop(whole, "nose").specular.shape == (SIDE, SIDE)


def test_a_mirror_image_of_itself_does_not_differ() -> None:
    half = np.random.default_rng(4).random((8, 16, 3), np.float32)
    assert mirror_difference(np.concatenate([half, half[:, ::-1]], 1)) == 0
    step = np.concatenate([np.zeros((8, 16, 3), np.float32), np.ones((8, 16, 3), np.float32)], 1)
    assert mirror_difference(step) == 1
