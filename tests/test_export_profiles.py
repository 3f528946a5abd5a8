"""Each program gets the files it expects, in its conventions, and the millimetres and the recipe come back from every format."""

import json

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import map_encoding, map_files
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.export_profiles import FORMATS, KINDS, NODE_WRANGLER, PROFILES, MapFormat, Output, customised
from gantlitz_blender.runtime.maps import MapSet, read_recipe
from gantlitz_blender.runtime.recipe import Recipe
from tests.made_maps import made_up_maps

RECIPE = Recipe(7, 0.8, model="Jörg's faces")


@pytest.fixture
def maps():
    return made_up_maps(37, 23)


def stored(path, end):
    """What another program reads: RGB or grey, integers or floats."""
    if end.endswith(".exr"):
        import OpenEXR

        with OpenEXR.File(str(path)) as file:
            (channel,) = file.channels().values()
            return np.array(channel.pixels)
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return pixels if pixels.ndim == 2 else pixels[..., ::-1]


def values(path, form: MapFormat):
    return stored(path, form.end) / (1 if form.bits == 32 else 2**form.bits - 1)


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_comes_back_with_its_units_and_its_recipe(maps, tmp_path, name):
    output = PROFILES[name]
    paths = maps.write(tmp_path, "anna", RECIPE, output=output)
    assert {kind: path.name for kind, path in paths.items()} == {
        **{kind: f"anna{end}" for kind, end in output.ends().items()}, "recipe": "anna_recipe.json"
    }  # fmt: skip
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in paths.values()), "nothing aside is left"
    assert all(read_recipe(path) == RECIPE for path in paths.values())
    for kind in ("albedo", "specular"):
        form = getattr(output, kind)
        assert np.abs(values(paths[kind], form) - getattr(maps, kind)).max() <= 0.501 / (2**form.bits - 1)
    normal = 2 * values(paths["normal"], output.normal) - 1
    normal[..., 1] *= -1 if output.directx else 1
    assert np.abs(normal - maps.normal).max() < 2.1 / 65535
    relief = (values(paths["displacement"], output.displacement) - output.midlevel) * output.displacement_mm
    step = output.displacement_mm / 65535 if output.displacement.bits == 16 else 1e-5
    assert np.abs(relief - maps.displacement.clip(-5, 5)).max() < step or output.displacement.bits == 32
    if output.displacement.bits == 32:
        assert np.abs(relief - maps.displacement).max() < step


@pytest.mark.parametrize(("kind", "form"), [(kind, form) for kind in KINDS for form in FORMATS[kind]])
def test_each_format_has_the_depth_it_promises(maps, tmp_path, kind, form):
    output = customised(NODE_WRANGLER, {kind: form})
    path = maps.write(tmp_path, "anna", RECIPE, output=output)[kind]
    assert stored(path, path.name).dtype == {8: np.uint8, 16: np.uint16, 32: np.float32}[form[1]]
    assert stored(path, path.name).shape == getattr(maps, kind).shape and read_recipe(path) == RECIPE


def test_directx_turns_green_alone(maps, tmp_path):
    gl, dx = (
        stored(maps.write(tmp_path, name, RECIPE, output=customised(NODE_WRANGLER, {}, directx=directx))["normal"], ".png")
        for name, directx in (("gl", False), ("dx", True))
    )
    np.testing.assert_array_equal(gl[..., [0, 2]], dx[..., [0, 2]])
    assert np.abs(gl[..., 1].astype(int) + dx[..., 1] - 65535).max() <= 1


def test_a_tiff_of_several_strips_keeps_its_rows(tmp_path):
    maps = made_up_maps(5, 600)
    path = maps.write(tmp_path, "tall", RECIPE, output=PROFILES["TEXTURING_XYZ"])["specular"]
    assert np.abs(stored(path, ".tif") / 65535 - maps.specular).max() < 1e-5


def test_relief_that_integers_cannot_hold_is_counted(maps):
    output = customised(NODE_WRANGLER, {"displacement": ("PNG", 16)}, displacement_mm=4.0)
    assert output.midlevel == 0.5, "integers have no sign"
    assert map_encoding.clipped(maps, output) == pytest.approx((np.abs(maps.displacement) > 2).mean())
    assert map_encoding.clipped(maps, NODE_WRANGLER) == 0


def test_a_failure_leaves_the_old_files_of_a_profile_and_no_new_ones(maps, tmp_path):
    output = PROFILES["METAHUMAN"]
    maps.write(tmp_path, "anna", RECIPE, output=output)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    broken = MapSet(maps.albedo, maps.normal, maps.specular, np.full_like(maps.displacement, np.nan))
    with pytest.raises(GantlitzError) as caught:
        broken.write(tmp_path, "anna", Recipe(8), output=output)
    assert caught.value.code == "not-finite"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_a_dead_process_began_goes_whatever_the_profile(tmp_path):
    for name in (".anna_Color_MAIN.png.77-ab.part", ".anna_albedo.1001.png.77-cd.part"):
        (tmp_path / name).touch()
    for name in (".anna_Color_MAIN.png.78-ab.part", ".bert_albedo.png.77-cd.part"):
        (tmp_path / name).touch()
    map_files.remove_unfinished(tmp_path, "anna", 77)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".anna_Color_MAIN.png.78-ab.part", ".bert_albedo.png.77-cd.part"]


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_goes_through_json(name):
    assert Output.from_dict(json.loads(json.dumps(PROFILES[name].to_dict()))) == PROFILES[name]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "JSON object"),
        ({"colour": {}}, "no field 'colour'"),
        ({"albedo": "png"}, "albedo must be a JSON object"),
        ({"albedo": {"depth": 8}}, "albedo has no field 'depth'"),
        ({"normal": {"bits": 8}}, "normal map cannot be PNG with 8 bits"),
        ({"albedo": {"suffix": "../x"}}, "file name of the albedo"),
        ({"albedo": {"suffix": "_normal"}}, "same file name"),
        ({"directx": 1}, "directx"),
        ({"displacement_mm": 0}, "displacement_mm"),
        ({"midlevel": float("nan")}, "midlevel"),
    ],
)
def test_an_output_that_cannot_be_is_refused_by_name(given, sentence):
    with pytest.raises(GantlitzError, match=sentence):
        Output.from_dict(given)


def test_what_is_not_given_is_the_defaults():
    assert Output.from_dict({"albedo": {"bits": 16}, "directx": True}) == customised(
        NODE_WRANGLER, {"albedo": ("PNG", 16)}, directx=True
    )


def test_a_displacement_of_floats_again_is_in_millimetres():
    output = customised(PROFILES["METAHUMAN"], {"displacement": ("EXR", 32)})
    assert (output.displacement_mm, output.midlevel) == (1.0, 0.0)


def test_the_size_on_disk_is_known_before():
    assert NODE_WRANGLER.bytes_per_texel() == 3 + 6 + 2 + 4 and PROFILES["TEXTURING_XYZ"].bytes_per_texel() == 6 + 6 + 2 + 4
