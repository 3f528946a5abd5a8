"""Whether maps agree, and whether detail lies where it belongs."""

import numpy as np

from gantlitz_blender.runtime.slopes import normals_of_slopes, slopes_of_displacement
from trainer.metrics.agreement import detail_map, position_correlation, slope_agreement

TEXEL = 0.3  # mm
MASK = np.ones((64, 96), np.float32)


def relief(seed: int = 0) -> np.ndarray:
    """(7, H, W) of a random relief with its own normals."""
    planes = np.zeros((7, *MASK.shape), np.float32)
    planes[6] = np.random.default_rng(seed).normal(0, 0.05, MASK.shape)
    normals = normals_of_slopes(*slopes_of_displacement(planes[6], TEXEL))
    planes[3:5] = normals[..., :2].transpose(2, 0, 1)
    return planes


def test_normals_of_the_same_relief_agree():
    assert slope_agreement(relief(), TEXEL, MASK) > 0.98


def test_normals_of_another_relief_do_not():
    planes = relief()
    planes[3:5] = relief(1)[3:5]
    assert abs(slope_agreement(planes, TEXEL, MASK)) < 0.1


def test_a_flipped_green_channel_is_half_wrong():
    planes = relief()
    planes[4] *= -1
    assert abs(slope_agreement(planes, TEXEL, MASK)) < 0.05


def grainy(side: slice) -> np.ndarray:
    planes = np.random.default_rng(2).normal(0, 0.01, (7, *MASK.shape)).astype(np.float32)
    planes[:, :, side] *= 10
    return planes


def test_detail_at_the_same_side_is_in_its_place_and_at_the_other_side_is_not():
    left, also_left, right = (detail_map(grainy(s)) for s in (slice(0, 48), slice(0, 48), slice(48, 96)))
    assert position_correlation(left, also_left, MASK) > 0.9
    assert position_correlation(left, right, MASK) < -0.9


def test_ten_times_the_grain_is_a_hundred_times_the_energy():
    cells = detail_map(grainy(slice(0, 48)))
    assert abs((cells[:, :, 1:5].mean() - cells[:, :, 7:11].mean()) - np.log(100)) < 0.3
