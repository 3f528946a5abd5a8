"""A face's maps: arrays with units, to files and back, and smaller."""

import dataclasses
import os
import struct
import zlib

import numpy as np
import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.maps import MapSet, normalise, read_recipe
from gantlitz_blender.runtime.recipe import Recipe
from tests.made_maps import MAPS, RECIPE, made_up_maps


@pytest.fixture
def maps():
    return made_up_maps()


@pytest.fixture
def written(maps, tmp_path):
    return maps.write(tmp_path, "anna", RECIPE)


# What a MapSet is


def test_a_mapset_knows_its_size(maps):
    assert (maps.width, maps.height) == (37, 23)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("albedo", np.zeros((4, 6), np.float32)),
        ("albedo", np.zeros((4, 6, 4), np.float32)),
        ("normal", np.zeros((6, 4, 3), np.float32)),
        ("specular", np.zeros((4, 6, 1), np.float32)),
        ("displacement", np.zeros((4, 6), np.float64)),
        ("displacement", [[0.0] * 6] * 4),
    ],
)
def test_an_array_of_another_shape_or_type_is_refused_by_name(name, array):
    arrays = {"albedo": (4, 6, 3), "normal": (4, 6, 3), "specular": (4, 6), "displacement": (4, 6)}
    good = {key: np.zeros(shape, np.float32) for key, shape in arrays.items()}
    assert MapSet(**good)
    with pytest.raises(GantlitzError, match=name) as caught:
        MapSet(**{**good, name: array})
    assert caught.value.code == "bad-maps"


def test_stacked_maps_come_apart_again_without_a_copy(maps):
    stacked = maps.stacked()
    assert stacked.shape == (23, 37, 8)
    again = MapSet.from_stacked(stacked)
    for name in MAPS:
        np.testing.assert_array_equal(getattr(again, name), getattr(maps, name))
        assert np.shares_memory(getattr(again, name), stacked)


def test_maps_with_one_exchanged_stack_as_they_are():
    maps = MapSet.from_stacked(np.zeros((4, 6, 8), np.float32))
    other = dataclasses.replace(maps, specular=np.ones((4, 6), np.float32))
    assert (other.stacked()[..., 6] == 1).all() and (maps.stacked()[..., 6] == 0).all()


# Files and back


def test_five_files_are_written_and_nothing_else(written, tmp_path):
    names = ["anna_albedo.png", "anna_normal.png", "anna_specular.png", "anna_displacement.exr", "anna_recipe.json"]
    assert [path.name for path in written.values()] == names
    assert list(written) == [*MAPS, "recipe"]
    assert sorted(os.listdir(tmp_path)) == sorted(names)


def test_maps_come_back_as_finely_as_their_files_hold_them(maps, written, tmp_path):
    again = MapSet.read(tmp_path, "anna")
    np.testing.assert_allclose(again.albedo, maps.albedo, rtol=0, atol=0.5001 / 255)
    np.testing.assert_allclose(again.normal, maps.normal, rtol=0, atol=2 / 65535)
    np.testing.assert_allclose(again.specular, maps.specular, rtol=0, atol=0.5001 / 65535)


def test_displacement_comes_back_bit_for_bit(maps, written, tmp_path):
    np.testing.assert_array_equal(MapSet.read(tmp_path, "anna").displacement, maps.displacement)


def test_a_second_round_through_files_costs_nothing_more(written, tmp_path):
    once = MapSet.read(tmp_path, "anna")
    once.write(tmp_path, "again", RECIPE)
    twice = MapSet.read(tmp_path, "again")
    np.testing.assert_array_equal(twice.albedo, once.albedo)
    np.testing.assert_array_equal(twice.specular, once.specular)
    # Read normals are made unit vectors again, which may move them to the next of 65536 steps.
    np.testing.assert_allclose(twice.normal, once.normal, rtol=0, atol=1.001 * 2 / 65535)


def test_values_out_of_range_are_clipped_not_wrapped(tmp_path):
    maps = made_up_maps(4, 2)
    maps.albedo[0, 0] = (-0.5, 1.5, 0.5)
    maps.specular[0, 0] = 1.001
    maps.write(tmp_path, "n", RECIPE)
    again = MapSet.read(tmp_path, "n")
    np.testing.assert_allclose(again.albedo[0, 0], (0, 1, 128 / 255), atol=1e-6)
    assert again.specular[0, 0] == 1


def test_maps_taller_than_one_strip_are_quantised_to_the_last_row(tmp_path):
    maps = made_up_maps(5, 700)
    maps.write(tmp_path, "tall", RECIPE)
    np.testing.assert_allclose(MapSet.read(tmp_path, "tall").albedo, maps.albedo, rtol=0, atol=0.5001 / 255)


def test_views_are_written_like_arrays_of_their_own(maps, tmp_path):
    MapSet.from_stacked(maps.stacked()).write(tmp_path, "view", RECIPE)
    np.testing.assert_array_equal(MapSet.read(tmp_path, "view").displacement, maps.displacement)


def test_other_programs_see_red_first_and_the_depth_promised(maps, written):
    image = pytest.importorskip("PIL.Image")
    with image.open(written["albedo"]) as albedo:
        assert albedo.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(albedo), np.rint(maps.albedo * 255))
    with image.open(written["specular"]) as specular:
        assert specular.mode.startswith("I;16")
    # Bit depth and colour type stand in the IHDR chunk; 2 is RGB.
    assert struct.unpack(">IIBB", written["normal"].read_bytes()[16:26]) == (37, 23, 16, 2)


def test_every_png_chunk_has_a_right_checksum(written):
    for kind in ("albedo", "normal", "specular"):
        data = written[kind].read_bytes()
        at, kinds = 8, []
        while at < len(data):
            (length,) = struct.unpack(">I", data[at : at + 4])
            body = data[at + 4 : at + 8 + length]
            assert zlib.crc32(body) == struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0]
            kinds.append(body[:4])
            at += 12 + length
        assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND" and kinds.count(b"iTXt") == 1


def test_files_of_the_same_name_are_replaced(maps, written, tmp_path):
    other = made_up_maps(seed=1)
    other.write(tmp_path, "anna", Recipe(8))
    np.testing.assert_array_equal(MapSet.read(tmp_path, "anna").displacement, other.displacement)
    assert read_recipe(written["normal"]) == Recipe(8)


def test_folders_are_made_and_names_may_hold_any_letter(maps, tmp_path):
    paths = maps.write(tmp_path / "a" / "Büro 顔", "Zoë-01 顔", RECIPE)
    assert all(path.is_file() for path in paths.values())
    np.testing.assert_array_equal(MapSet.read(tmp_path / "a" / "Büro 顔", "Zoë-01 顔").displacement, maps.displacement)


def test_progress_ends_at_one_and_never_falls(maps, tmp_path):
    fractions = []
    maps.write(tmp_path, "n", RECIPE, progress=fractions.append)
    assert fractions == sorted(fractions) and fractions[-1] == 1


# Smaller sizes


def test_halving_averages_two_by_two():
    maps = made_up_maps(12, 8)
    half = maps.resized(6, 4)
    np.testing.assert_allclose(half.specular, maps.specular.reshape(4, 2, 6, 2).mean((1, 3)), rtol=1e-5)
    np.testing.assert_allclose(half.albedo, maps.albedo.reshape(4, 2, 6, 2, 3).mean((1, 3)), rtol=1e-5)


def test_an_odd_reduction_keeps_the_mean_and_unit_normals():
    maps = made_up_maps(96, 64)
    small = maps.resized(75, 50)
    assert (small.width, small.height) == (75, 50)
    np.testing.assert_allclose(small.displacement.mean(), maps.displacement.mean(), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(small.normal, axis=2), 1, atol=1e-6)


@pytest.mark.parametrize("size", [(0, 1), (-3, 2), (38, 23), (37, 24)])
def test_maps_are_only_ever_reduced(maps, size):
    with pytest.raises(GantlitzError, match="37 x 23"):
        maps.resized(*size)


def test_a_vector_without_length_becomes_straight_up():
    normal = np.zeros((2, 2, 3), np.float32)
    normalise(normal)
    np.testing.assert_array_equal(normal, np.broadcast_to(np.float32([0, 0, 1]), (2, 2, 3)))
