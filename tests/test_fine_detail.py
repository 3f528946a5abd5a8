"""The finest octaves of a sample, and nothing else of it."""

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.fine_detail import add_detail
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.slopes import normals_of_displacement
from tests.tiny_completer import tiny_maps
from trainer.capture import draw_subject

WIDTH, HEIGHT = 384, 256
ALL = dict.fromkeys(("albedo", "normal", "specular", "displacement"), 2)
INSIDE = layout.mask(WIDTH, HEIGHT) > 0.99


def smooth(face: MapSet) -> MapSet:
    """Four times smaller and enlarged again, with the normals of what is left."""
    albedo, specular, displacement = (
        cv2.resize(cv2.resize(p, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), (WIDTH, HEIGHT))
        for p in (face.albedo, face.specular, face.displacement)
    )
    return MapSet(albedo, normals_of_displacement(displacement, layout.texel_mm(WIDTH)), specular, displacement)


@pytest.fixture(scope="module")
def face() -> MapSet:
    return draw_subject(4, WIDTH, HEIGHT)


def test_a_face_gets_its_own_detail_back(face: MapSet) -> None:
    found = smooth(face)
    before = np.abs(found.stacked() - face.stacked())[INSIDE].mean(axis=0)
    add_detail(found, face, ALL)
    after = np.abs(found.stacked() - face.stacked())[INSIDE].mean(axis=0)
    assert (after < 0.5 * before + 1e-4).all()


def test_what_is_coarser_stays(face: MapSet) -> None:
    found, other = smooth(face), tiny_maps(3, WIDTH, HEIGHT)
    kept = found.displacement.copy()
    add_detail(found, other, ALL)
    change = cv2.resize(found.displacement - kept, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    assert (
        np.abs(found.displacement - kept).mean() > 0.02 and np.abs(change).mean() < 0.15 * np.abs(found.displacement - kept).mean()
    )


def test_normals_stay_those_of_the_displacement(face: MapSet) -> None:
    found = smooth(face)
    add_detail(found, face, ALL)
    slopes = normals_of_displacement(found.displacement, layout.texel_mm(WIDTH))
    assert np.abs(np.linalg.norm(found.normal, axis=2) - 1).max() < 1e-5
    for axis in range(2):
        assert np.corrcoef(slopes[INSIDE][:, axis], found.normal[INSIDE][:, axis])[0, 1] > 0.95


def test_maps_that_are_not_named_stay(face: MapSet) -> None:
    found = smooth(face)
    albedo, normal = found.albedo.copy(), found.normal.copy()
    add_detail(found, face, {"displacement": 1, "normal": 0})
    assert np.array_equal(found.albedo, albedo) and np.array_equal(found.normal, normal)


def test_colours_stay_in_range_and_dark_skin_gets_less(face: MapSet) -> None:
    light, dark = smooth(face), smooth(face)
    dark.albedo[:] *= 0.3
    before = light.albedo.copy()
    for maps in (light, dark):
        add_detail(maps, tiny_maps(3, WIDTH, HEIGHT), {"albedo": 2})
    assert light.albedo.min() >= 0 and light.albedo.max() <= 1
    assert np.abs(dark.albedo - 0.3 * before).mean() < 0.4 * np.abs(light.albedo - before).mean()


def test_a_sample_of_another_size_is_refused(face: MapSet) -> None:
    with pytest.raises(GantlitzError, match="192 x 128"):
        add_detail(smooth(face), tiny_maps(0, 192, 128), ALL)
