"""One completion, played with a worker made of lists."""

import pytest

from gantlitz_blender.completion_job import CompletionJob, CompletionOrder
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.scan_request import ScanRequest
from tests.test_job import MODEL, FakeClient, paths, step_until

REQUEST = ScanRequest({"albedo": "/scan/albedo.png"}, method="fit")


@pytest.fixture
def client():
    return FakeClient()


def begun(client, folder, **order):
    job = CompletionJob(lambda: client, CompletionOrder(REQUEST, folder, "anna", {"albedo": "albedo.png"}, "xs", "cpu", **order))
    step_until(job, lambda: client.asked)
    client.say(**MODEL)
    job.step()
    return job


def finish(job, client, folder, **answer):
    written = {**paths(folder, "anna_scan"), "error": f"{folder}/anna_scan_error.png", "fit": f"{folder}/anna_scan_fit.safetensors"}
    client.say(
        **{"kind": "done", "paths": written, "width": 768, "height": 512, "recipe": None, "warnings": ["Grey albedo."], **answer}
    )
    job.step()
    return job.take()


def test_loads_then_completes_under_a_name_of_its_own(client, tmp_path):
    (tmp_path / "anna_scan_normal.png").touch()
    begun(client, tmp_path)
    assert client.asked == [
        ("load", {"model": "xs", "device": "cpu"}),
        ("complete", {"request": REQUEST, "folder": str(tmp_path), "name": "anna_scan_v2"}),
    ]


def test_the_newest_picture_is_kept_while_it_runs(client, tmp_path):
    job = begun(client, tmp_path)
    assert job.picture is None
    for path in ("first.npy", "second.npy"):
        client.say(kind="picture", path=path, width=384, height=256)
    client.say(kind="progress", fraction=0.25, text="Fitting")
    job.step()
    assert job.picture["path"] == "second.npy" and (job.progress, job.text, job.finished) == (0.25, "Fitting", False)


def test_the_answer_holds_maps_warnings_and_where_they_come_from(client, tmp_path):
    recipe = Recipe(0, model="xs", model_sha256="ab" * 32)
    done = finish(begun(client, tmp_path), client, tmp_path, recipe=recipe.to_dict())
    assert list(done.paths) == ["albedo", "normal", "specular", "displacement"]
    assert {path.name for path in done.others} == {"anna_scan_error.png", "anna_scan_fit.safetensors", "anna_scan_recipe.json"}
    assert (done.width, done.height, done.recipe, done.warnings) == (768, 512, recipe, ("Grey albedo.",))
    origin = done.origin()
    assert (origin["name"], origin["maps"], origin["method"]) == ("anna_scan", {"albedo": "albedo.png"}, "fit")


def test_cancel_counts_whatever_is_answered(client, tmp_path):
    job = begun(client, tmp_path)
    job.cancel()
    client.say(kind="picture", path="late.npy", width=384, height=256)
    with pytest.raises(Cancelled):
        finish(job, client, tmp_path)
    assert client.cancelled == [2]


@pytest.mark.parametrize("new_folder", [True, False])
def test_its_files_can_be_taken_back_and_no_others(client, tmp_path, new_folder):
    folder = tmp_path / "maps"
    folder.mkdir()
    done = finish(begun(client, folder, new_folder=new_folder), client, folder)
    for path in (*done.paths.values(), *done.others):
        path.touch()
    (folder / "mine.png").touch()
    done.remove_files()
    assert [path.name for path in folder.iterdir()] == ["mine.png"]
    (folder / "mine.png").unlink()
    done.remove_files()
    assert folder.exists() != new_folder


def test_a_file_that_cannot_be_removed_is_named(client, tmp_path):
    done = finish(begun(client, tmp_path), client, tmp_path)
    done.paths["normal"].mkdir()
    with pytest.raises(GantlitzError, match="anna_scan_normal") as caught:
        done.remove_files()
    assert caught.value.code == "write-failed"
