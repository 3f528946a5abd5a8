"""A batch: planned, made once, gone on with after any interruption, shared, and refused before anything is begun."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gantlitz_blender.runtime.batch.faces import FaceGroup
from gantlitz_blender.runtime.batch.job_file import Job
from gantlitz_blender.runtime.batch.job_schema import SCHEMA
from gantlitz_blender.runtime.batch.manifest import Manifest, manifest_path, read_manifest
from gantlitz_blender.runtime.batch.planning import BYTES_PER_TEXEL
from gantlitz_blender.runtime.commands import BAD_CALL, FAILED, OK, main
from gantlitz_blender.runtime.recipe import Recipe

ROOT = Path(__file__).parents[1]
SMALL = ("--level", "3", "--device", "cpu")


@pytest.fixture
def sample(tiny_model_path, tmp_path):
    """Run `sample` with the tiny model; returns the exit code."""

    def run(*arguments: str, outdir: str = "maps", size=SMALL) -> int:
        return main(["sample", "--outdir", str(tmp_path / outdir), "--model", str(tiny_model_path), *size, *arguments])

    return run


def hashes(folder: Path) -> dict:
    """What a manifest says that no clock has a part in."""
    return {name: (e["key"], e["state"], e.get("recipe"), e.get("files")) for name, e in read_manifest(folder).items()}


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith("gantlitz_manifest")}


def started(folder: Path, model: Path, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "gantlitz_blender.runtime", "sample", "--outdir", str(folder), "--model", str(model)]
    return subprocess.Popen(
        [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


# Resume


def test_what_is_whole_is_not_made_again_and_what_is_damaged_is(sample, tmp_path, capsys):
    assert sample("--seeds", "0-2") == OK
    before = hashes(tmp_path / "maps")
    (tmp_path / "maps" / "seed0001_normal.png").write_bytes(b"torn")
    (tmp_path / "maps" / "seed0002_albedo.png").unlink()
    kept = (tmp_path / "maps" / "seed0000_albedo.png").stat().st_mtime_ns
    capsys.readouterr()
    assert sample("--seeds", "0-2") == OK
    assert "2 made, 1 were there" in capsys.readouterr().out
    assert hashes(tmp_path / "maps") == before
    assert (tmp_path / "maps" / "seed0000_albedo.png").stat().st_mtime_ns == kept


def test_a_torn_last_line_is_forgotten(sample, tmp_path):
    assert sample("--seeds", "0-1") == OK
    manifest = tmp_path / "maps" / "gantlitz_manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-40])
    assert set(read_manifest(tmp_path / "maps")) == {"seed0000"}
    with manifest.open("ab") as file:  # as a killed run leaves it: begun, and files of it there
        file.truncate(len(b"".join(manifest.read_bytes().splitlines(keepends=True)[:2])))
        file.write(b'{"name": "seed0001", "state": "begun", "pid": 1}\n')
    assert sample("--seeds", "0-1") == OK
    assert set(read_manifest(tmp_path / "maps")) == {"seed0000", "seed0001"}


def test_a_batch_may_grow(sample, tmp_path):
    assert sample("--seeds", "0-1") == OK and sample("--seeds", "0-3") == OK
    assert list(read_manifest(tmp_path / "maps")) == [f"seed000{n}" for n in range(4)]


def test_a_dry_run_makes_nothing(sample, tmp_path, capsys):
    assert sample("--seeds", "0-1", "--dry-run") == OK
    assert "2 of 2 would be made" in capsys.readouterr().out
    assert not (tmp_path / "maps").exists()


def same(folder: Path, other: Path) -> None:
    assert hashes(folder) == hashes(other)
    assert files(folder) == files(other)  # no hidden beginnings either
    for name in files(other):
        assert (folder / name).read_bytes() == (other / name).read_bytes()


def kills(sample, model: Path, tmp_path: Path, count: int) -> None:
    """A batch of ten, killed `count` times at random moments; one that came to its end between kills is compared and begun anew."""
    size = ("--level", "1", "--device", "cpu")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    start = time.perf_counter()
    process = started(whole, model, "--seeds", "0-9", *size)
    assert process.communicate()[1] == "" and process.returncode == OK
    longest = time.perf_counter() - start
    rng, struck = random.Random(7), 0
    while struck < count:
        process = started(killed, model, "--seeds", "0-9", *size)
        try:
            process.wait(rng.uniform(0, longest))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            struck += 1
        process.communicate()
        if process.returncode == OK:
            same(killed, whole)
            shutil.rmtree(killed)
    assert sample("--seeds", "0-9", outdir="killed", size=size) == OK
    same(killed, whole)


def test_kills_leave_no_trace_when_it_is_run_to_the_end(sample, tiny_model_path, tmp_path):
    kills(sample, tiny_model_path, tmp_path, 2)


@pytest.mark.slow
def test_twenty_kills_leave_no_trace_when_it_is_run_to_the_end(sample, tiny_model_path, tmp_path):
    kills(sample, tiny_model_path, tmp_path, 20)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_batch_ends_cleanly_and_says_how_to_go_on(slow_model_path, tmp_path, number, code):
    process = started(tmp_path / "maps", slow_model_path, "--seeds", "0-99", "--level", "2", "--device", "cpu")
    assert process.stdout is not None
    process.stdout.readline()  # the first face is whole
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == code
    assert "The same command goes on from there" in said
    made = read_manifest(tmp_path / "maps")
    assert 0 < len(made) < 100
    assert files(tmp_path / "maps") == {file["file"] for entry in made.values() for file in entry["files"].values()}


def test_handlers_that_were_not_pythons_are_no_hindrance(sample, monkeypatch):
    """In a real Blender they are C's: signal.signal answers None for them, and does not take None."""
    real, before = signal.signal, {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def signal_of_blender(number, handler):
        real(number, handler)

    monkeypatch.setattr(signal, "signal", signal_of_blender)
    try:
        assert sample("--seeds", "0") == OK
    finally:
        for number, handler in before.items():
            real(number, handler)


# Sharing


def test_two_shards_and_two_processes_make_what_one_does(sample, tmp_path):
    assert sample("--seeds", "0-4", outdir="one") == OK
    assert sample("--seeds", "0-4", "--shard", "1/2", outdir="shards") == OK
    assert set(read_manifest(tmp_path / "shards")) == {"seed0000", "seed0002", "seed0004"}
    assert sample("--seeds", "0-4", "--shard", "2/2", outdir="shards") == OK
    assert sample("--seeds", "0-4", "--jobs", "2", outdir="processes") == OK
    assert hashes(tmp_path / "one") == hashes(tmp_path / "shards") == hashes(tmp_path / "processes")
    assert files(tmp_path / "one") == files(tmp_path / "shards") == files(tmp_path / "processes")
    assert sample("--seeds", "0-4", outdir="shards") == OK  # whole, whoever made it


def test_a_folder_that_is_being_written_is_left_alone(sample, tmp_path, capsys):
    held = Manifest(manifest_path(tmp_path / "maps"))
    assert sample("--seeds", "0") == FAILED
    assert "Another process is making this batch" in capsys.readouterr().err
    held.close()
    assert sample("--seeds", "0") == OK


def test_a_killed_process_of_several_is_replaced(slow_model_path, tmp_path):
    process = started(tmp_path / "maps", slow_model_path, "--seeds", "0-5", "--level", "3", "--device", "cpu", "--jobs", "2")
    assert process.stdout is not None
    process.stdout.readline()
    children = psutil.Process(process.pid).children()
    assert len(children) == 2
    children[0].kill()
    process.communicate(timeout=180)
    assert process.returncode == OK
    made = read_manifest(tmp_path / "maps")
    assert len(made) == 6 and all(entry["state"] == "done" for entry in made.values())
    assert files(tmp_path / "maps") == {file["file"] for entry in made.values() for file in entry["files"].values()}


# What a command line can say


def test_lists_make_every_combination():
    group = FaceGroup(seeds=[range(2)], psi=[0.5, 1.0], mix={"fine": ([range(8, 10)], 0.5)})
    items = group.items()
    assert len(items) == 8 and items[0].name == "seed0000_psi0.5_fine0008x0.5"
    assert items[0].recipe.psi == 0.5 and items[0].recipe.mix["fine"].seed == 8


def test_a_walk_goes_from_seed_to_seed_and_back():
    names = [item.name for item in FaceGroup(seeds=[range(3)], walk=4, loop=True).items()]
    assert names == [f"walk{n:04d}" for n in range(12)]
    open_walk = FaceGroup(seeds=[range(2)], walk=4).items()
    assert [item.recipe.amount for item in open_walk] == [0, 0.25, 0.5, 0.75, 0]
    assert (open_walk[0].recipe.seed, open_walk[4].recipe.seed) == (0, 1)


# What is refused


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["sample", "--seeds", ""], "neither a seed nor a range"),
        (["sample", "--seeds", "1,"], "neither a seed nor a range"),
        (["sample", "--seeds", "9-3"], "'9-3' must rise"),
        (["complete", "nowhere"], "There is no file and no folder nowhere"),
        (["upscale", "nowhere"], "There is no file and no folder nowhere"),
        (["batch", "nowhere.json"], "nowhere.json cannot be read"),
        (["sample", "--recipe", "nowhere.json"], "There is no file nowhere.json"),
        (["render", "--seeds", "0"], "Render needs Blender. Run it as: blender --command gantlitz render"),
        (["sample", "--seeds", "0", "--shard", "3/2"], "no shard"),
    ],
)
def test_a_call_that_cannot_be_understood_makes_nothing(tmp_path, monkeypatch, capsys, call, said):
    monkeypatch.chdir(tmp_path)
    try:
        code = main([*call, "--outdir", "out"])
    except SystemExit as ended:
        code = ended.code
    assert code == BAD_CALL
    assert said in capsys.readouterr().err and not any(tmp_path.iterdir())


def test_an_empty_list_of_scans_is_said(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["complete", str(tmp_path / "empty"), "--outdir", str(tmp_path / "out")]) == BAD_CALL
    assert str(tmp_path / "empty") in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_another_jobs_folder_is_refused_unless_it_is_added_to(sample, tmp_path, capsys):
    assert sample("--seeds", "0-1") == OK
    assert sample("--seeds", "5") == BAD_CALL
    assert "another job" in (said := capsys.readouterr().err) and "--add" in said
    assert sample("--seeds", "0", "--trunc", "0.5", "--add") == BAD_CALL
    assert "another recipe" in capsys.readouterr().err
    assert sample("--seeds", "5", "--add") == OK
    assert set(read_manifest(tmp_path / "maps")) == {"seed0000", "seed0001", "seed0005"}


def test_a_file_that_no_manifest_tells_of_is_not_replaced(sample, tmp_path, capsys):
    (tmp_path / "maps").mkdir()
    mine = tmp_path / "maps" / "seed0000_albedo.png"
    mine.write_bytes(b"painted by hand")
    assert sample("--seeds", "0") == BAD_CALL
    assert "no manifest tells of it" in capsys.readouterr().err and mine.read_bytes() == b"painted by hand"
    assert sample("--seeds", "0", "--no-resume") == OK


def test_a_disk_without_room_is_known_before_the_start(slow_model_path, tmp_path, capsys):
    where = ["--outdir", str(tmp_path / "maps"), "--model", str(slow_model_path)]
    too_many = shutil.disk_usage(tmp_path).free // int(6144 * 4096 * BYTES_PER_TEXEL["NODE_WRANGLER"]) + 100
    assert main(["sample", "--seeds", f"0-{too_many}", *where]) == FAILED
    assert "GB free" in capsys.readouterr().err and not (tmp_path / "maps").exists()


# Job files


def job(tmp_path: Path, **content: object) -> str:
    path = tmp_path / "job.json"
    path.write_text(json.dumps(content))
    return str(path)


def test_the_published_schema_is_the_one_that_files_are_checked_by():
    assert json.loads((ROOT / "docs" / "job.schema.json").read_text()) == SCHEMA


def test_a_job_file_mixes_faces_walks_and_scans(tiny_model_path, completer_path, scans, tmp_path):
    jobs = [
        {"do": "sample", "seeds": "0-1,3", "psi": [0.5, 0.7]},
        {"do": "sample", "seeds": [7], "mix": {"fine": {"seeds": "8"}}, "prefix": "mixed_"},
        {"do": "sample", "seeds": "1-2", "walk": 2},
        {"do": "complete", "scans": "scans"},
    ]
    models = {"model": str(tiny_model_path), "completer": str(completer_path), "device": "cpu"}
    assert main(["batch", job(tmp_path, outdir="out", level=3, jobs=jobs, **models)]) == FAILED  # one scan is corrupt
    made = read_manifest(tmp_path / "out")
    assert {name for name, entry in made.items() if entry["state"] == "failed"} == {"ben"}
    assert {"seed0003_psi0.7", "mixed_seed0007_fine0008", "walk0002", "anna", "cleo"} <= set(made) and len(made) == 13


def test_a_job_file_takes_recipes_as_files_and_as_objects(sample, tiny_model_path, tmp_path):
    assert sample("--seeds", "2", "--trunc", "0.5") == OK
    recipes = ["maps/seed0002_recipe.json", {**Recipe(9).to_dict()}]
    jobs = [{"do": "sample", "recipes": recipes, "noise_seed": 4}]
    model = str(tiny_model_path)
    assert main(["batch", job(tmp_path, outdir="out", level=3, model=model, device="cpu", jobs=jobs)]) == OK
    made = {name: entry["recipe"] for name, entry in read_manifest(tmp_path / "out").items()}
    assert {name: (recipe["seed"], recipe["psi"], recipe["noise_seed"]) for name, recipe in made.items()} == {
        "seed0002": (2, 0.5, 4), "recipe0001": (9, 0.7, 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"jobs": [{"do": "sample", "recipes": 7}]}, "jobs[0].recipes must be a text or an object or a list"),
        ({"job": []}, "unknown key 'job'. Did you mean 'jobs'?"),
        ({"jobs": [{"do": "sample", "sedes": "1"}]}, "jobs[0] has an unknown key 'sedes'. Did you mean 'seeds'?"),
        ({"jobs": [{"do": "smaple"}]}, "Did you mean 'sample'?"),
        ({"jobs": [{"do": "sample", "seeds": "3-1"}]}, "'3-1' must rise"),
        ({"jobs": [{"do": "sample", "seeds": ""}]}, "jobs[0].seeds"),
        ({"jobs": [{"do": "sample", "seeds": 1, "psi": 9}]}, "jobs[0].psi must be between 0 and 1.5"),
        ({"jobs": [{"do": "sample"}]}, "either seeds or recipes"),
        ({"jobs": [{"do": "complete", "scans": "nowhere"}]}, "There is no file and no folder"),
        ({"jobs": []}, "0 entries"),
    ],
)
def test_a_bad_job_file_is_refused_with_the_place_and_the_nearest_key(tmp_path, capsys, content, said):
    assert main(["batch", job(tmp_path, **content), "--outdir", str(tmp_path / "out")]) == BAD_CALL
    assert said in capsys.readouterr().err and not (tmp_path / "out").exists()


# A folder of scans


def test_a_corrupt_scan_is_skipped_listed_and_tried_again(tiny_model_path, completer_path, scans, tmp_path, capsys):
    models = ["--model", str(tiny_model_path), "--completer", str(completer_path), "--device", "cpu"]
    call = ["complete", str(scans), "--outdir", str(tmp_path / "out"), *models]
    assert main(call) == FAILED
    said = capsys.readouterr().err
    assert "1 of 3 failed" in said and "ben" in said
    assert {name for name, entry in read_manifest(tmp_path / "out").items() if entry["state"] == "done"} == {"anna", "cleo"}
    (scans / "ben" / "albedo.png").write_bytes((scans / "anna" / "albedo.png").read_bytes())
    assert main(call) == OK
    assert "1 made, 2 were there" in capsys.readouterr().out


# The page about it


def test_the_examples_of_the_api_page_run(tmp_path):
    page = (ROOT / "docs" / "api.md").read_text()
    code = "\n".join(block.split("```")[0] for block in page.split("```python\n")[1:])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "(256, 384, 3)" in done.stdout and "cancelled" in done.stdout and "no level 9" in done.stdout
    assert (tmp_path / "maps" / "anna_normal.png").exists() and (tmp_path / "unreal" / "anna_Color_MAIN.png").exists()


def test_the_pages_job_file_is_one(tmp_path):
    page = (ROOT / "docs" / "headless.md").read_text()
    path = tmp_path / "job.json"
    path.write_text(page.split("```json\n")[1].split("```")[0])
    assert len(Job.read(path).entries) == 4
