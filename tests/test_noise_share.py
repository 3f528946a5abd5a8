"""The noise's share of a map's power, by wavelength."""

import numpy as np
import pytest

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.recipe import Recipe
from trainer.metrics.noise_share import BANDS, changed_power, noise_ownership

SIDE = 256
Y, X = np.mgrid[:SIDE, :SIDE]


def shares(one, other, texel=1.0):
    changed, everything = changed_power(one, other, texel)
    return changed / everything


def noise(seed):
    return np.random.default_rng(seed).normal(size=(SIDE, SIDE))


def test_planes_that_are_nothing_but_noise_change_in_every_band():
    found = shares(noise(0), noise(1))
    assert found[:3] == pytest.approx(1, abs=0.06)


def test_what_stays_is_not_the_noises():
    assert shares(noise(0), noise(0))[:4] == pytest.approx(0)


def test_equal_powers_of_both_share_the_band():
    fixed = noise(5)
    assert shares(fixed + noise(0), fixed + noise(1))[:2] == pytest.approx(0.5, abs=0.1)


def test_a_wave_that_stays_is_found_in_its_own_band():
    wave = 2 * np.sin(2 * np.pi * X / 20)
    found = shares(wave + noise(0), wave + noise(1))
    assert found[1] < 0.05 and found[0] > 0.9 and found[2] > 0.5


def test_wavelengths_are_in_texels_of_the_layout():
    wave = 2 * np.sin(2 * np.pi * X / 20)
    found = shares(wave + noise(0), wave + noise(1), texel=8)  # 160 of them
    assert found[4] < 0.05 and np.isnan(found[0])


def test_bands_that_the_plane_is_too_small_for_are_not_measured():
    assert np.isnan(shares(noise(0), noise(1))[4:]).all() and len(BANDS) == 7


def test_of_a_model_every_map_is_told_on_the_face_and_on_skin(tiny_model_path):
    model = FaceModel.load(tiny_model_path, "cpu", "float32")
    found = noise_ownership(model, [Recipe(1, 1.0, noise_seed=1)])
    assert set(found) == {"face", "skin"}
    for maps in found.values():
        assert set(maps) == {"albedo", "normal", "specular", "displacement"}
        assert all(v is None or 0 <= v < 1.6 for share in maps.values() for v in share)
    assert found["face"]["albedo"][0] is None, "8 texels of the layout are one of this model"
    assert found["face"]["albedo"][3] is not None


def test_without_noise_nothing_changes(tiny_model_path):
    model = FaceModel.load(tiny_model_path, "cpu", "float32")
    found = noise_ownership(model, [Recipe(1, 1.0, noise_seed=1, noise_strength=0.0)])
    told = [v for v in found["face"]["displacement"] if v is not None]
    assert told and max(told) < 1e-9
