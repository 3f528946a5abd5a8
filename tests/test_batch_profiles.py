"""Export profiles in a batch: a program's own files from each verb, and from a job file."""

import json
from pathlib import Path

import cv2
import pytest

from gantlitz_blender.runtime.batch.items import FaceItem, Output, key_of
from gantlitz_blender.runtime.batch.manifest import read_manifest
from gantlitz_blender.runtime.batch.profiles import profile_named, spoken
from gantlitz_blender.runtime.commands import BAD_CALL, FAILED, OK, main
from gantlitz_blender.runtime.embedded_recipe import read_recipe
from gantlitz_blender.runtime.export_profiles import PROFILES
from gantlitz_blender.runtime.recipe import Recipe

METAHUMAN = ["_Color_MAIN.png", "_Displacement_MAIN.png", "_Normal_MAIN.png", "_Specular_MAIN.png"]


def made(folder: Path, name: str) -> list[str]:
    """What follows the name in its files, but for the recipe."""
    entry = read_manifest(folder)[name]
    assert all((folder / file["file"]).is_file() for file in entry["files"].values())
    return sorted(file["file"].removeprefix(name) for kind, file in entry["files"].items() if kind != "recipe")


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_named_as_it_is_spoken(name):
    assert profile_named(spoken(name)) == profile_named(name) == name


def test_the_usual_profile_leaves_the_keys_of_older_manifests():
    assert FaceItem("x", Recipe(1), Output(3)).describe() == {"kind": "sample", "recipe": Recipe(1).to_dict(), "level": 3}
    keys = {key_of(FaceItem("x", Recipe(1), Output(3, profile=profile))) for profile in PROFILES}
    assert len(keys | {key_of(FaceItem("x", Recipe(1), Output(3, square=True)))}) == len(PROFILES) + 1


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_sample_has_the_files_of_its_profile(tiny_model_path, tmp_path, processes):
    call = ["sample", "--seeds", "0-1", "--model", str(tiny_model_path), "--device", "cpu", "--level", "3", "--jobs", processes]
    out = tmp_path / "out"
    assert main([*call, "--profile", "MetaHuman", "--square", "--outdir", str(out)]) == OK
    assert made(out, "seed0001") == METAHUMAN
    assert cv2.imread(str(out / "seed0001_Color_MAIN.png")).shape == (64, 64, 3), "level 3 is 96 x 64"
    assert read_recipe(out / "seed0001_Normal_MAIN.png").seed == 1
    before = (out / "seed0000_Color_MAIN.png").stat().st_mtime_ns
    assert main([*call, "--profile", "metahuman", "--square", "--outdir", str(out)]) == OK
    assert (out / "seed0000_Color_MAIN.png").stat().st_mtime_ns == before, "whole, so not made again"


def test_another_profile_is_another_job(tiny_model_path, tmp_path, capsys):
    call = ["sample", "--seeds", "0", "--model", str(tiny_model_path), "--device", "cpu", "--level", "3"]
    assert main([*call, "--outdir", str(tmp_path / "out")]) == OK
    assert main([*call, "--profile", "udim", "--outdir", str(tmp_path / "out")]) == BAD_CALL
    assert "made by another job" in capsys.readouterr().err


def test_a_file_of_the_profile_that_no_manifest_tells_of_is_not_replaced(tiny_model_path, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "seed0000_Diffuse.png").write_bytes(b"painted by hand")
    call = ["sample", "--seeds", "0", "--model", str(tiny_model_path), "--device", "cpu", "--level", "3"]
    assert main([*call, "--profile", "character-creator", "--outdir", str(tmp_path / "out")]) == BAD_CALL
    assert "no manifest tells of it" in capsys.readouterr().err


def test_relief_beyond_the_range_is_a_warning(tiny_model_path, tmp_path, capsys):
    out, model = str(tmp_path / "out"), str(tiny_model_path)
    assert main(["sample", "--seeds", "0", "--trunc", "1.5", "--level", "3", "--model", model, "--device", "cpu", "--outdir", out,
                 "--profile", "metahuman"]) == OK  # fmt: skip
    warned = read_manifest(out)["seed0000"].get("warnings", [])
    relief = cv2.imread(str(tmp_path / "out" / "seed0000_Displacement_MAIN.png"), cv2.IMREAD_UNCHANGED)
    assert bool(warned) == bool(((relief == 0) | (relief == 65535)).any())
    assert all("beyond the displacement's range" in text and text in capsys.readouterr().out for text in warned)


@pytest.mark.parametrize(("verb", "expected"), [("complete", METAHUMAN), ("upscale", METAHUMAN[:1])])
def test_scans_have_the_files_of_the_profile(tiny_model_path, completer_path, scans, tmp_path, verb, expected):
    models = ["--model", str(tiny_model_path), "--completer", str(completer_path), "--device", "cpu"]
    call = [verb, str(scans), "--profile", "metahuman", "--outdir", str(tmp_path / "out"), "--width", "384", *models]
    assert main(call) == FAILED  # ben is corrupt
    assert made(tmp_path / "out", "anna") == made(tmp_path / "out", "cleo") == expected


def test_a_job_file_has_a_profile_for_all_and_others_for_some(tiny_model_path, completer_path, scans, tmp_path, capsys):
    jobs = [
        {"do": "sample", "seeds": 1},
        {"do": "sample", "seeds": 1, "profile": "udim", "prefix": "tile_", "square": False},
        {"do": "upscale", "scans": "scans/anna", "profile": "texturing-xyz"},
    ]
    content = {"outdir": "out", "level": 3, "profile": "character-creator", "square": True, "device": "cpu", "jobs": jobs}
    content |= {"model": str(tiny_model_path), "completer": str(completer_path)}
    path = tmp_path / "job.json"
    path.write_text(json.dumps(content))
    assert main(["batch", str(path)]) == OK
    assert made(tmp_path / "out", "seed0001")[0] == "_Diffuse.png" and made(tmp_path / "out", "anna") == ["_Albedo.tif"]
    assert made(tmp_path / "out", "tile_seed0001")[0] == "_albedo.1001.png"
    sizes = {name: (entry["width"], entry["height"]) for name, entry in read_manifest(tmp_path / "out").items()}
    assert sizes["seed0001"] == (64, 64) and sizes["tile_seed0001"] == (96, 64)
    path.write_text(json.dumps(content | {"profile": "metahumen"}))
    assert main(["batch", str(path)]) == BAD_CALL
    assert "Did you mean 'metahuman'?" in capsys.readouterr().err


def test_an_unknown_profile_is_refused_with_those_there_are(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["sample", "--seeds", "0", "--outdir", str(tmp_path), "--profile", "unity"])
    assert caught.value.code == BAD_CALL and "texturing-xyz" in capsys.readouterr().err
