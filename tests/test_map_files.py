"""What map files hold beside the pixels, and what happens to them when something goes wrong."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender.runtime import map_files
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.maps import MapSet, read_recipe
from gantlitz_blender.runtime.recipe import Recipe
from tests.made_maps import MAPS, RECIPE, made_up_maps


@pytest.fixture
def maps():
    return made_up_maps()


@pytest.fixture
def written(maps, tmp_path):
    return maps.write(tmp_path, "anna", RECIPE)


# The recipe inside


@pytest.mark.parametrize("kind", [*MAPS, "recipe"])
def test_every_file_holds_the_recipe(written, kind):
    assert read_recipe(written[kind]) == RECIPE


def test_the_content_decides_not_the_name(written, tmp_path):
    renamed = written["displacement"].rename(tmp_path / "whatever.png")
    assert read_recipe(renamed) == RECIPE


def test_reading_a_recipe_needs_neither_opencv_nor_openexr_nor_torch(written):
    code = (
        "import sys\n"
        "from gantlitz_blender.runtime.maps import read_recipe\n"
        "assert [read_recipe(path).seed for path in sys.argv[1:]] == [7] * 5\n"
        "print(sorted({'cv2', 'OpenEXR', 'torch'} & set(sys.modules)))"
    )
    assert run_in_the_repository(code, *written.values()) == "[]\n"


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\x76\x2f\x31\x01", b"\x76\x2f\x31\x01\x02\0\0\0channels\0chlist\0\xff\xff"],
)
def test_a_file_without_a_recipe_says_so(tmp_path, content):
    path = tmp_path / "foreign.png"
    path.write_bytes(content)
    with pytest.raises(GantlitzError, match=r"foreign\.png.*no recipe") as caught:
        read_recipe(path)
    assert caught.value.code == "no-recipe"


@pytest.mark.parametrize("kind", ["albedo", "displacement", "recipe"])
def test_a_file_cut_anywhere_in_its_header_gives_a_sentence_not_a_crash(written, tmp_path, kind):
    data = written[kind].read_bytes()
    cut = tmp_path / "cut"
    for length in range(0, min(len(data) - 2, 700), 3):
        cut.write_bytes(data[:length])
        try:
            assert read_recipe(cut) == RECIPE
        except GantlitzError as error:
            assert error.code in ("no-recipe", "bad-request")


def test_a_newer_recipe_inside_a_file_is_refused_with_the_files_name(tmp_path):
    path = tmp_path / "new_recipe.json"
    path.write_text(json.dumps({"version": 99, "seed": 1}))
    with pytest.raises(GantlitzError, match=r"new_recipe\.json.*version 99.*Update"):
        read_recipe(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(GantlitzError, match="nowhere") as caught:
        read_recipe(tmp_path / "nowhere.png")
    assert caught.value.code == "file-not-found"


# What can go wrong


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a\\b", "..", "a:b", "a\nb", "trailing.", "trailing "])
def test_a_name_that_is_no_file_name_is_refused(maps, tmp_path, name):
    with pytest.raises(GantlitzError) as caught:
        maps.write(tmp_path, name, RECIPE)
    assert caught.value.code == "bad-request"
    assert os.listdir(tmp_path) == []


def test_a_name_too_long_for_the_disk_leaves_nothing(maps, tmp_path):
    with pytest.raises(GantlitzError) as caught:
        maps.write(tmp_path, "x" * 300, RECIPE)
    assert caught.value.code == "write-failed"
    assert os.listdir(tmp_path) == []


def test_a_file_in_the_folders_place_is_named(maps, tmp_path):
    (tmp_path / "maps").write_text("mine")
    for folder in (tmp_path / "maps", tmp_path / "maps" / "deeper"):
        with pytest.raises(GantlitzError, match="maps") as caught:
            maps.write(folder, "n", RECIPE)
        assert caught.value.code == "folder-unwritable"
    assert (tmp_path / "maps").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(maps, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(GantlitzError, match="Nothing can be written") as caught:
        maps.write(tmp_path, "n", RECIPE)
    assert caught.value.code == "folder-unwritable"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder in which nobody may make files")
def test_a_folder_that_takes_no_files_is_named(maps):
    with pytest.raises(GantlitzError, match="/proc/self") as caught:
        maps.write("/proc/self", "n", RECIPE)
    assert caught.value.code in ("folder-unwritable", "write-failed", "disk-full")


def test_what_could_not_be_written_is_known_before_it_is_rendered(tmp_path):
    (tmp_path / "file").write_text("mine")
    for folder, name, width, code in (
        (tmp_path, "a/b", 30, "bad-request"),
        (tmp_path, "x" * 300, 30, "write-failed"),
        (tmp_path / "file" / "deeper", "n", 30, "folder-unwritable"),
        (tmp_path / "new" / "deeper", "n", 1 << 44, "disk-full"),
    ):
        with pytest.raises(GantlitzError) as caught:
            map_files.check(folder, name, width, 20)
        assert caught.value.code == code
    map_files.check(tmp_path / "new" / "deeper", "n", 30, 20)
    assert os.listdir(tmp_path) == ["file"]


def test_maps_larger_than_the_free_space_are_refused_before_a_byte_is_written(tmp_path):
    # Views of one texel: a size that no disk holds, and no memory either, costs nothing here.
    huge = (1 << 22, 1 << 22)
    texel = np.zeros((), np.float32)
    maps = MapSet(*(np.broadcast_to(texel, shape) for shape in ((*huge, 3), (*huge, 3), huge, huge)))
    with pytest.raises(GantlitzError, match=r"full: the maps need up to \d+ MB") as caught:
        maps.write(tmp_path, "n", RECIPE)
    assert caught.value.code == "disk-full"
    assert os.listdir(tmp_path) == []


def test_a_failure_while_writing_leaves_the_old_files_and_no_new_ones(maps, written, tmp_path):
    maps.displacement[-1, -1] = np.nan
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(GantlitzError, match="displacement map holds values that are not numbers") as caught:
        maps.write(tmp_path, "anna", Recipe(99))
    assert caught.value.code == "not-finite"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_in_a_files_place_leaves_nothing_aside(maps, tmp_path):
    (tmp_path / "n_albedo.png").mkdir()
    with pytest.raises(GantlitzError) as caught:
        maps.write(tmp_path, "n", RECIPE)
    assert caught.value.code == "write-failed"
    assert not list(tmp_path.glob(".*"))


def run_in_the_repository(code: str, *arguments: object) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files, which Windows cannot")
@pytest.mark.parametrize("limit", [100, 50_000, 380_000], ids=["the recipe", "a PNG", "the EXR"])
def test_a_write_that_the_disk_refuses_leaves_nothing(tmp_path, limit):
    code = (
        "import resource, sys\n"
        "from tests.made_maps import RECIPE, made_up_maps\n"
        "maps = made_up_maps(400, 300)\n"
        "limit = int(sys.argv[2])\n"
        "if limit > 100_000:  # make the PNGs small\n"
        "    maps.albedo[:], maps.normal[:], maps.specular[:] = 0, (0, 0, 1), 0\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, -1))\n"
        "try: maps.write(sys.argv[1], 'n', RECIPE)\n"
        "except Exception as error: print(error.code)\n"
    )
    assert run_in_the_repository(code, tmp_path, limit) == "write-failed\n"
    assert os.listdir(tmp_path) == []


def test_a_process_that_must_end_leaves_nothing_half_written(tmp_path):
    code = (
        "import os, sys, threading, time\n"
        "from tests.made_maps import RECIPE, made_up_maps\n"
        "from gantlitz_blender.runtime import map_files\n"
        "maps = made_up_maps(2400, 1600)\n"
        "threading.Thread(target=maps.write, args=(sys.argv[1], 'n', RECIPE)).start()\n"
        "begun = lambda: [n for n in os.listdir(sys.argv[1]) if any(k in n for k in ('albedo', 'normal', 'specular'))]\n"
        "while not begun(): time.sleep(0.001)\n"
        "print(*begun(), flush=True)\n"
        "map_files.abandon_unfinished()\n"
        "os._exit(0)\n"
    )
    seen = run_in_the_repository(code, tmp_path)
    assert seen.startswith(".n_") and ".part" in seen
    assert os.listdir(tmp_path) == []


def test_cancelled_writing_leaves_nothing_even_when_the_encoders_end_later(tmp_path):
    with pytest.raises(Cancelled):
        made_up_maps(900, 600).write(tmp_path, "n", RECIPE, cancelled=lambda: True)
    for thread in threading.enumerate():
        if thread.name.startswith("encode"):
            thread.join()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", ["albedo.png", "normal.png", "specular.png", "displacement.exr"])
def test_a_missing_or_damaged_map_is_named(written, tmp_path, suffix):
    path = tmp_path / f"anna_{suffix}"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(GantlitzError, match=path.name) as caught:
        MapSet.read(tmp_path, "anna")
    assert caught.value.code == "bad-maps"
    path.unlink()
    with pytest.raises(GantlitzError, match=path.name) as caught:
        MapSet.read(tmp_path, "anna")
    assert caught.value.code == "file-not-found"


def test_maps_of_different_sizes_do_not_make_a_face(written, tmp_path):
    other = made_up_maps(20, 10).write(tmp_path, "other", RECIPE)
    other["albedo"].replace(written["albedo"])
    with pytest.raises(GantlitzError, match="albedo map must be") as caught:
        MapSet.read(tmp_path, "anna")
    assert caught.value.code == "bad-maps"


def test_what_the_dead_began_is_removed_by_whole_names_and_the_livings_kept(tmp_path):
    for name in (".anna_albedo.png.7-ab.part", ".anna_2_albedo.png.7-ab.part", "anna_albedo.png", ".ben_albedo.png.7-ab.part"):
        (tmp_path / name).write_bytes(b"")
    map_files.remove_parts_of(tmp_path, {"anna_albedo.png"})
    assert {path.name for path in tmp_path.iterdir()} == {
        ".anna_2_albedo.png.7-ab.part", "anna_albedo.png", ".ben_albedo.png.7-ab.part",
    }  # fmt: skip
