"""``complete`` and ``upscale`` without Blender: a folder or one picture in, files and notes out."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime.commands import BAD_CALL, FAILED, OK, main
from gantlitz_blender.runtime.embedded_recipe import read_recipe
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.recipe import Recipe
from tests.test_scan_job import picture


@pytest.fixture
def call(tiny_model_path: Path, completer_path: Path, tmp_path: Path):
    def run(*arguments: str) -> int:
        models = ["--model", str(tiny_model_path), "--completer", str(completer_path), "--device", "cpu"]
        return main([*arguments, "--outdir", str(tmp_path / "out"), *models])

    return run


@pytest.fixture
def scan(tiny_model_path: Path, tmp_path: Path) -> Path:
    """A folder with an albedo of 192 x 128 and a normal of 384 x 256."""
    face = FaceModel.load(tiny_model_path, "cpu", "float32").render(Recipe(5), level=1)
    folder = tmp_path / "head"
    folder.mkdir()
    picture(folder / "head_albedo.png", cv2.resize(face.albedo, (192, 128), interpolation=cv2.INTER_AREA))
    picture(folder / "head_normal.png", face.normal * 0.5 + 0.5)
    return folder


def test_a_folder_is_completed_and_its_maps_are_listed(scan: Path, call, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert call("complete", str(scan)) == OK
    out = capsys.readouterr().out
    for kind, suffix in (("albedo", "png"), ("normal", "png"), ("specular", "png"), ("displacement", "exr")):
        path = tmp_path / "out" / f"head_{kind}.{suffix}"
        assert path.exists() and str(path) in out
    assert "dB beside the scan's" in out  # the albedo was enlarged to the normal's size
    before, after = (cv2.imread(str(p)) for p in (scan / "head_normal.png", tmp_path / "out" / "head_normal.png"))
    assert np.abs(before.astype(int) - after).max() <= 1


def test_one_picture_is_what_its_name_says_and_is_enlarged_alone(scan: Path, call, tmp_path: Path) -> None:
    assert call("upscale", str(scan / "head_albedo.png"), "--width", "768") == OK
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"head_albedo.png", "gantlitz_manifest.jsonl"}
    assert cv2.imread(str(tmp_path / "out" / "head_albedo.png")).shape == (512, 768, 3)


def test_a_recipe_renders_its_face_again_and_may_be_changed(scan: Path, call, tiny_model_path: Path, tmp_path: Path) -> None:
    where = ["--model", str(tiny_model_path), "--device", "cpu", "--level", "3"]
    assert main(["sample", "--seeds", "7", "--outdir", str(tmp_path / "a"), *where]) == OK
    recipe = str(tmp_path / "a" / "seed0007_recipe.json")
    assert main(["sample", "--recipe", recipe, "--outdir", str(tmp_path / "b"), *where]) == OK
    assert main(["sample", "--recipe", recipe, "--noise-seed", "9", "--outdir", str(tmp_path / "c"), *where]) == OK
    one, same, other = ((tmp_path / x / "seed0007_albedo.png").read_bytes() for x in "abc")
    assert one == same != other
    assert read_recipe(tmp_path / "c" / "seed0007_recipe.json").noise_seed == 9


def test_what_is_wrong_is_said_in_a_sentence(scan: Path, call, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    points = tmp_path / "points.json"
    points.write_text(json.dumps({"version": 1, "image": [192, 128], "points": {"chin": [9, 9]}}))
    cases = [
        (["complete", str(empty)], BAD_CALL, "holds no albedo, normal, specular or displacement map"),
        (["complete", str(tmp_path / "gone.png")], BAD_CALL, "gone.png"),
        (["complete", str(scan), "--points", str(points)], FAILED, "These points are missing: eye_inner_left"),
        (["complete", str(scan), "--refine"], BAD_CALL, "only with points"),
        (["complete", str(scan), "--width", "-3"], BAD_CALL, "width"),
    ]
    for arguments, code, said in cases:
        assert call(*arguments) == code, arguments
        assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
