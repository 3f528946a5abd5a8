"""Maps as the pixels of Blender's images."""

import numpy as np
import pytest

from gantlitz_blender.runtime.image_pixels import KINDS, image_pixels
from gantlitz_blender.runtime.maps import MapSet


@pytest.fixture
def stacked():
    return np.random.default_rng(0).random((5, 7, 8), np.float32) * 2 - 1


@pytest.mark.parametrize("one_array", [True, False])
def test_the_four_images_lie_as_blender_reads_them(stacked, one_array):
    maps = MapSet.from_stacked(stacked)
    if not one_array:
        maps = MapSet(*(np.ascontiguousarray(getattr(maps, kind)) for kind in KINDS))
    albedo, normal, specular, displacement = image_pixels(maps)
    for pixels in (albedo, normal, specular, displacement):
        assert pixels.shape == (5, 7, 4) and pixels.dtype == np.float32
        assert (pixels[..., 3] == 1).all()
    np.testing.assert_array_equal(albedo[..., :3], maps.albedo[::-1])
    np.testing.assert_allclose(normal[..., :3], 0.5 + 0.5 * maps.normal[::-1], atol=1e-7)
    for channel in range(3):
        np.testing.assert_array_equal(specular[..., channel], maps.specular[::-1])
        np.testing.assert_array_equal(displacement[..., channel], maps.displacement[::-1])


def test_the_maps_stay_as_they_were(stacked):
    before = stacked.copy()
    image_pixels(MapSet.from_stacked(stacked))
    np.testing.assert_array_equal(stacked, before)
