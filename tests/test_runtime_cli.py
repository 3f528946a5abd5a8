"""``python -m gantlitz_blender.runtime``: faces without Blender, and exit codes that tell."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender.runtime.commands import main
from gantlitz_blender.runtime.maps import MapSet, read_recipe

ROOT = Path(__file__).parents[1]


@pytest.fixture
def render(tiny_model_path, tmp_path):
    """Run `sample` with the tiny model into tmp_path/maps; returns the exit code."""

    def run(*arguments: str) -> int:
        where = ["--outdir", str(tmp_path / "maps"), "--model", str(tiny_model_path), "--device", "cpu"]
        return main(["sample", *where, *arguments])

    return run


def refused(capsys, *arguments: str) -> str:
    """The last line on stderr of a call that argparse refuses with exit code 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_each_seed_becomes_five_files(render, tmp_path):
    assert render("--seeds", "0-2,12345", "--level", "3") == 0
    names = {path.name for path in (tmp_path / "maps").iterdir()} - {"gantlitz_manifest.jsonl"}
    suffixes = ("albedo.png", "normal.png", "specular.png", "displacement.exr", "recipe.json")
    assert names == {f"seed{seed}_{suffix}" for seed in ("0000", "0001", "0002", "12345") for suffix in suffixes}
    assert MapSet.read(tmp_path / "maps", "seed0001").width == 96


def test_every_option_reaches_the_recipe(render, tmp_path):
    assert render("--seeds", "7", "--trunc", "1.2", "--noise-seed", "9", "--noise-strength", "0.5", "--level", "3") == 0
    recipe = read_recipe(tmp_path / "maps" / "seed0007_normal.png")
    assert (recipe.seed, recipe.psi, recipe.noise_seed, recipe.noise_strength) == (7, 1.2, 9, 0.5)
    assert recipe.model == "tiny" and len(recipe.model_sha256) == 64


def test_threads_and_tiles_change_nothing_to_be_seen(render, tmp_path):
    assert render("--seeds", "7", "--level", "1") == 0
    whole = MapSet.read(tmp_path / "maps", "seed0007")
    assert render("--seeds", "7", "--level", "1", "--tile", "96", "--threads", "2", "--no-resume") == 0
    tiled = MapSet.read(tmp_path / "maps", "seed0007")
    np.testing.assert_allclose(tiled.displacement, whole.displacement, atol=1e-3)


@pytest.mark.parametrize("size", [(768, 512), (384, 256), (300, 200), (200, 133), (3, 2)])
def test_any_size_of_the_canvass_aspect_can_be_had(render, tmp_path, size):
    assert render("--seeds", "1", "--size", f"{size[0]}x{size[1]}") == 0
    maps = MapSet.read(tmp_path / "maps", "seed0001")
    assert (maps.width, maps.height) == size


def test_a_size_between_levels_is_the_finer_one_averaged(render, tmp_path):
    render("--seeds", "1", "--level", "1")
    finer = MapSet.read(tmp_path / "maps", "seed0001")
    assert render("--seeds", "1", "--size", "288x192", "--no-resume") == 0
    between = MapSet.read(tmp_path / "maps", "seed0001")
    np.testing.assert_allclose(between.displacement, finer.resized(288, 192).displacement, atol=1e-5)


def test_without_a_terminal_each_face_is_one_line(render, capsys):
    render("--seeds", "3-4", "--level", "3")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["seed0003 (1 of 2)", "seed0004 (2 of 2)"]
    assert lines[2].startswith("2 of 2 are whole") and len(lines) == 3


def test_info_says_what_the_model_is(tiny_model_path, capsys):
    assert main(["info", str(tiny_model_path)]) == 0
    said = capsys.readouterr().out
    for fact in ("tiny", "768 x 512", "384 x 256", "albedo, normal, specular, displacement", "CC0-1.0", "never"):
        assert fact in said
    assert any(len(word) == 64 for word in said.split())


# What is refused, with exit code 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--seeds", "1", "--size", "1536x1024"], "larger than the canvas of tiny. The largest size is 768 x 512."),
        (["--seeds", "1", "--size", "0x0"], "0 x 0 has no texels. Ask for 1 x 1 to 768 x 512."),
        (["--seeds", "1", "--size=-3x-2"], "-3 x -2 has no texels. Ask for 1 x 1 to 768 x 512."),
        (["--seeds", "1", "--size", "300x300"], "aspect of the canvas, 768 x 512. For this width ask for 300 x 200."),
        (["--seeds", "1", "--level", "5"], "level 5"),
        (["--seeds", "1", "--level", "-1"], "level -1"),
        (["--seeds", "1", "--tile", "8"], "tile of 8"),
        (["--seeds", "1", "--trunc", "2"], "psi must lie between 0 and 1.5"),
        (["--seeds", "1", "--trunc", "nan"], "psi must lie between 0 and 1.5"),
        (["--seeds", "1", "--noise-strength", "9"], "noise_strength"),
    ],
)
def test_values_out_of_range_are_refused_in_one_sentence(render, tmp_path, capsys, arguments, sentence):
    assert render(*arguments) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and sentence in errors[0]
    assert not (tmp_path / "maps").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--seeds", "3-1"], "'3-1' must rise"),
        (["--seeds", "4294967296"], "stay within 0-4294967295"),
        (["--seeds", "1,,2"], "'' is neither a seed nor a range; write 7 or 0-3,7"),
        (["--seeds", "1", "--noise-seed", "-1"], "'-1' is neither a seed nor a range"),
        (["--seeds", "one"], "neither a seed nor a range"),
        (["--seeds", "1", "--size", "big"], "'big' is no size; write it like 3072x2048"),
        (["--seeds", "1", "--size", "3x2", "--level", "1"], "not allowed with"),
        (["--seeds", "1", "--tile", "0"], "whole number of 1 or more"),
        (["--seeds", "1", "--threads", "-2"], "whole number of 1 or more"),
        (["--seeds", "1", "--device", "tpu"], "invalid choice: 'tpu'"),
        ([], "one of the arguments --seeds --recipe is required"),
    ],
)
def test_what_cannot_be_understood_is_refused(capsys, tmp_path, arguments, sentence):
    assert sentence in refused(capsys, "sample", "--outdir", str(tmp_path), *arguments)


def test_a_call_without_a_command_is_refused(capsys):
    assert "required: command" in refused(capsys)


# What fails, with exit code 1


def test_a_missing_model_is_named(capsys, tmp_path):
    assert main(["info", str(tmp_path / "gone.safetensors")]) == 1
    assert str(tmp_path / "gone.safetensors") in capsys.readouterr().err


def test_a_file_in_the_folders_place_is_named(render, tmp_path, capsys):
    (tmp_path / "maps").write_text("mine")
    assert render("--seeds", "1", "--level", "3") == 1
    assert f"error: {tmp_path / 'maps'} cannot be a folder" in capsys.readouterr().err


def test_a_folder_that_will_not_do_is_named_before_anything_is_rendered(render, tmp_path, capsys, monkeypatch):
    (tmp_path / "maps").write_text("mine")
    monkeypatch.setattr("gantlitz_blender.runtime.face_model.FaceModel.render", lambda *_, **__: pytest.fail("rendered"))
    for size in (["--level", "0"], ["--size", "300x200"]):
        assert render("--seeds", "1", *size) == 1
        assert "cannot be a folder" in capsys.readouterr().err


# The command as it is typed


def run(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "gantlitz_blender.runtime", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_help_shows_an_example_of_each_form():
    result = run("sample", "--help")
    assert result.returncode == 0
    assert "0-3,7" in result.stdout and "2048x1365" in result.stdout and "seed0007_albedo.png" in result.stdout


def test_errors_are_sentences_and_never_tracebacks(tiny_model_path, tmp_path):
    assert run().returncode == 2
    result = run("sample", "--seeds", "1", "--outdir", str(tmp_path), "--model", os.devnull)
    assert result.returncode == 1
    assert result.stderr.startswith("error: ") and "Traceback" not in result.stderr


def test_the_package_offers_its_names_and_loads_torch_only_with_the_model():
    code = (
        "import sys\n"
        "import gantlitz_blender.runtime as runtime\n"
        "from gantlitz_blender.runtime import GantlitzError, MapSet, Recipe\n"
        "print(sorted({'torch', 'cv2', 'OpenEXR'} & set(sys.modules)), sorted(runtime.__all__))\n"
        "print(runtime.FaceModel.__name__, 'torch' in sys.modules, hasattr(runtime, 'Nonsense'))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == [
        "[] ['Cancelled', 'FaceModel', 'GantlitzError', 'MapSet', 'Recipe']",
        "FaceModel True False",
    ]
