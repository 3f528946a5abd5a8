"""Integrating normals, differentiating displacement, keeping the detail: exact where it can be, honest at borders."""

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.pictures.bands import band
from gantlitz_blender.runtime.pictures.decoding import resized
from gantlitz_blender.runtime.slopes import normals_of_displacement, normals_of_slopes, slopes_of_displacement, slopes_of_normals
from tests.made_scans import noise
from trainer.prepare.relief import integrate

WIDTH, HEIGHT = 384, 256
TEXEL = layout.texel_mm(WIDTH)


@pytest.fixture(scope="module")
def relief() -> np.ndarray:
    """Waves from some ten texels to the whole picture, in mm; it does not end at the borders."""
    ramp = np.linspace(-0.2, 0.3, WIDTH, dtype=np.float32)
    return sum(a * noise(i, s, WIDTH, HEIGHT) for i, (s, a) in enumerate(((2, 0.02), (8, 0.1), (40, 0.3)))) + ramp


@pytest.fixture(scope="module")
def mask() -> np.ndarray:
    return layout.mask(WIDTH, HEIGHT)


def relative_error(found: np.ndarray, true: np.ndarray, where: np.ndarray) -> float:
    """Root of the mean square, of the deviation of the truth; a constant between the two does not count."""
    error = (found - true)[where]
    return float((error - error.mean()).std() / true[where].std())


def test_slopes_and_normals_are_two_names_of_one_thing(relief):
    normal = normals_of_displacement(relief, TEXEL)
    dx, dy = slopes_of_displacement(relief, TEXEL)
    np.testing.assert_allclose(slopes_of_normals(normal), (dx, dy), atol=1e-5)
    np.testing.assert_allclose(normals_of_slopes(dx, dy), normal, atol=1e-6)


def test_a_displacement_comes_back_from_its_normals(relief):
    whole = np.ones_like(relief)
    found = integrate(*slopes_of_normals(normals_of_displacement(relief, TEXEL)), TEXEL, whole)
    assert relative_error(found, relief, whole > 0) < 1e-3
    assert found.std() == pytest.approx(relief.std(), rel=1e-3)  # millimetres, not any unit
    assert abs(found.mean()) < 1e-4


def test_what_lies_outside_the_mask_does_not_matter(relief, mask):
    """A scan has garbage there: the relief must not be bent towards it, nor end at 0 on the border."""
    dx, dy = slopes_of_normals(normals_of_displacement(relief, TEXEL))
    garbage = np.where(mask > 0, 0, 3 * noise(7, 3, WIDTH, HEIGHT)).astype(np.float32)
    known = np.where(mask > 0, 1, 0)
    found = integrate(dx * known + garbage, dy * known - garbage, TEXEL, mask)
    inner = cv2.erode((mask > 0).astype(np.uint8), np.ones((3, 3))) > 0
    assert relative_error(found, relief, inner) < 2e-3
    assert (found[mask == 0] == 0).all()
    naive = integrate(dx * known, dy * known, TEXEL, np.ones_like(mask))  # as if the skin ended in a plane
    assert relative_error(naive, relief, inner) > 0.02


def test_a_masked_displacement_comes_back(relief, mask):
    """With hairs and pores of a few texels, too, as captured maps have them."""
    masked = (relief + 0.03 * noise(9, 1, WIDTH, HEIGHT)) * mask
    found = integrate(*slopes_of_normals(normals_of_displacement(masked, TEXEL)), TEXEL, mask)
    assert relative_error(found, masked, mask > 0) < 1e-3


@pytest.mark.parametrize("size", [(97, 64), (64, 97), (33, 33)])
def test_odd_sizes_integrate(size):
    h = noise(1, 4, *size)
    assert relative_error(integrate(*slopes_of_displacement(h, 0.5), 0.5, np.ones_like(h)), h, h == h) < 1e-3


def test_slopes_do_not_change_with_the_size(relief):
    """Twice as coarse, a wave is as steep as before, in millimetres per millimetre."""
    smooth = cv2.GaussianBlur(relief, (0, 0), 6)
    half = (WIDTH // 2, HEIGHT // 2)
    coarse = slopes_of_displacement(resized(smooth, half), 2 * TEXEL)
    fine = [resized(s, half) for s in slopes_of_displacement(smooth, TEXEL)]
    inner = np.s_[2:-2, 2:-2]
    for a, b in zip(coarse, fine, strict=True):
        assert np.abs(a - b)[inner].max() < 0.05 * b.std() + 0.02 * np.abs(b).max()


def test_a_band_keeps_half_at_its_ends():
    x = np.arange(1024, dtype=np.float32)
    whole = np.ones((64, 1024), np.float32)

    def kept(wavelength: float) -> float:
        wave = np.broadcast_to(np.sin(2 * np.pi * x / wavelength), whole.shape).astype(np.float32)
        inner = np.s_[:, 200:-200]
        return float(band(wave, whole, 0.5, longest=50 / 2)[inner].std() / wave[inner].std())

    assert kept(50) == pytest.approx(0.5, abs=0.03)
    assert kept(12) > 0.99 and kept(400) < 0.05


def test_a_high_pass_does_not_see_over_the_mask(relief, mask):
    beyond = np.where(mask > 0, relief, 1000).astype(np.float32)
    inner = mask > 0.5
    kept, undisturbed = (band(h, (mask > 0).astype(np.float32), TEXEL, longest=10) for h in (beyond, relief))
    np.testing.assert_allclose(kept[inner], undisturbed[inner], atol=1e-3)
