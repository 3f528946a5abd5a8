"""Forms that a scan's own mesh has: taken out where they are, and nothing else."""

import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.mesh_forms import take_out
from gantlitz_blender.runtime.layout_regions import region
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.slopes import normals_of_displacement
from trainer.capture import draw_subject

WIDTH, HEIGHT = 768, 512


def copied(maps: MapSet) -> MapSet:
    return MapSet(maps.albedo.copy(), maps.normal.copy(), maps.specular.copy(), maps.displacement.copy())


@pytest.fixture(scope="module")
def face() -> MapSet:
    return draw_subject(3, WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def bare(face: MapSet) -> MapSet:
    out = copied(face)
    take_out(out)
    return out


@pytest.mark.parametrize("name", ["ear", "eye_socket", "lips"])
def test_forms_are_taken_out(face: MapSet, bare: MapSet, name: str) -> None:
    where = region(name, *layout.uv_grid(WIDTH, HEIGHT)) > 0.9
    assert bare.displacement[where].std() < 0.7 * face.displacement[where].std()
    assert bare.normal[where][:, :2].std() < 0.85 * face.normal[where][:, :2].std()


@pytest.mark.parametrize("name", ["forehead", "cheek", "nose_tip", "chin", "brow"])
def test_the_rest_stays(face: MapSet, bare: MapSet, name: str) -> None:
    where = region(name, *layout.uv_grid(WIDTH, HEIGHT)) > 0.9
    assert np.array_equal(bare.displacement[where], face.displacement[where])
    assert np.array_equal(bare.normal[where], face.normal[where])


def test_other_maps_are_left_alone(face: MapSet, bare: MapSet) -> None:
    assert np.array_equal(bare.albedo, face.albedo) and np.array_equal(bare.specular, face.specular)


def test_normals_stay_unit_slopes_of_the_displacement(bare: MapSet) -> None:
    assert np.abs(np.linalg.norm(bare.normal, axis=2) - 1).max() < 1e-5
    inside = layout.mask(WIDTH, HEIGHT) > 0.99
    slopes = normals_of_displacement(bare.displacement, layout.texel_mm(WIDTH))
    for axis in range(2):
        assert np.corrcoef(slopes[inside][:, axis], bare.normal[inside][:, axis])[0, 1] > 0.99


def test_sizes_agree(face: MapSet, bare: MapSet) -> None:
    small = MapSet(*(np.ascontiguousarray(p[::2, ::2]) for p in (face.albedo, face.normal, face.specular, face.displacement)))
    before = small.displacement.copy()
    take_out(small)
    taken, wanted = before - small.displacement, (face.displacement - bare.displacement)[::2, ::2]
    assert np.abs(taken - wanted).mean() < 0.1 * np.abs(wanted).mean()
