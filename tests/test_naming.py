"""File names never take files away from the artist."""

from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender import naming
from gantlitz_blender.runtime.embedded_recipe import PNG_SIGNATURE, png_chunk
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.recipe import Recipe


@pytest.mark.parametrize(
    ("setting", "blend", "folder"),
    [
        ("//gantlitz/", "/work/scene.blend", "/work/gantlitz"),
        ("//../maps", "/work/a/scene.blend", "/work/maps"),
        ("//a\\b", "/work/scene.blend", "/work/a/b"),
        ("", "/work/scene.blend", "/work/gantlitz"),
        ("/maps/faces", "", "/maps/faces"),
        ("/maps/faces", "/work/scene.blend", "/maps/faces"),
    ],
)
def test_output_folder(setting, blend, folder):
    assert naming.output_folder(setting, blend) == Path(folder)


def test_an_unsaved_file_gets_a_folder_that_outlives_the_session(monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")
    assert naming.output_folder("//gantlitz/", "") == Path("/home/anna/GANtlitz")
    assert naming.output_folder("~/maps", "") == Path("/home/anna/maps")


def test_base_name_tells_the_size_unless_it_is_the_models_own():
    assert naming.base_name("face", 7, (6144, 4096), (6144, 4096)) == "face_seed0007"
    assert naming.base_name("anna", 12345, (768, 512), (6144, 4096)) == "anna_seed12345_768x512"
    assert naming.base_name(" ", 0, (1, 1), (1, 1)) == "face_seed0000"


def test_a_name_is_free_when_nothing_has_it(tmp_path):
    assert naming.free_name(tmp_path / "new", "face_seed0007", Recipe(7)) == "face_seed0007"


def test_the_same_recipe_has_the_same_name(tmp_path):
    (tmp_path / "face_seed0007_recipe.json").write_text(Recipe(7).to_json())
    (tmp_path / "face_seed0007_albedo.png").write_bytes(PNG_SIGNATURE + png_chunk(Recipe(7).to_json()))
    assert naming.free_name(tmp_path, "face_seed0007", Recipe(7)) == "face_seed0007"


@pytest.mark.parametrize("content", [b"", PNG_SIGNATURE, PNG_SIGNATURE + png_chunk(Recipe(8).to_json())])
def test_a_repainted_map_takes_the_name(tmp_path, content):
    (tmp_path / "face_seed0007_recipe.json").write_text(Recipe(7).to_json())
    (tmp_path / "face_seed0007_albedo.png").write_bytes(PNG_SIGNATURE + png_chunk(Recipe(7).to_json()))
    (tmp_path / "face_seed0007_normal.png").write_bytes(content)
    assert naming.free_name(tmp_path, "face_seed0007", Recipe(7)) == "face_seed0007_v2"


def test_what_the_runtime_wrote_is_ours_until_a_map_is_edited(tmp_path):
    grey = np.full((4, 6), 0.5, np.float32)
    maps = MapSet(np.dstack([grey] * 3), np.dstack([0 * grey, 0 * grey, 2 * grey]), grey, grey)
    maps.write(tmp_path, "face_seed0007", Recipe(7))
    assert naming.free_name(tmp_path, "face_seed0007", Recipe(7)) == "face_seed0007"
    edited = tmp_path / "face_seed0007_specular.png"
    assert naming.free_name(tmp_path, "face_seed0007", Recipe(7), edited.__eq__) == "face_seed0007_v2"


@pytest.mark.parametrize("other", [Recipe(7, psi=0.5), Recipe(7, noise_seed=1), Recipe(7, model_sha256="0" * 64)])
def test_another_recipe_gets_a_new_version(tmp_path, other):
    (tmp_path / "face_seed0007_recipe.json").write_text(Recipe(7).to_json())
    (tmp_path / "face_seed0007_v2_recipe.json").write_text(Recipe(7, psi=1.5).to_json())
    assert naming.free_name(tmp_path, "face_seed0007", other) == "face_seed0007_v3"


@pytest.mark.parametrize("content", ["", "not a recipe", '{"seed": -1}'])
def test_files_of_unknown_origin_are_never_overwritten(tmp_path, content):
    (tmp_path / "face_seed0007_normal.png").write_text("the artist's own")
    if content:
        (tmp_path / "face_seed0007_recipe.json").write_text(content)
    assert naming.free_name(tmp_path, "face_seed0007", Recipe(7)) == "face_seed0007_v2"


def test_a_completed_scan_never_meets_a_file(tmp_path):
    assert naming.scan_name(" ") == "face_scan" and naming.unused_name(tmp_path / "new", "anna_scan") == "anna_scan"
    (tmp_path / "anna_scan_fit.safetensors").touch()
    (tmp_path / "anna_scan_v2_albedo.png").touch()
    assert naming.unused_name(tmp_path, "anna_scan") == "anna_scan_v3"
