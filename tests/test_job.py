"""One sampling, played with a worker made of lists."""

import time
from pathlib import Path

import pytest

from gantlitz_blender.job import Order, SampleJob
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.recipe import Recipe

SHA = "ab" * 32
MODEL = {"kind": "done", "name": "xs", "sha256": SHA, "width": 6144, "height": 4096}


class FakeClient:
    """Remembers what it was asked; `say` puts an answer to the latest request into the next poll()."""

    def __init__(self):
        self.asked, self.cancelled, self.answers = [], [], []

    def request(self, kind, **fields):
        self.asked.append((kind, fields))
        return len(self.asked)

    def say(self, **answer):
        self.answers.append({"id": len(self.asked), **answer})

    def poll(self, ids=None):
        taken = [answer for answer in self.answers if ids is None or answer.get("id") in ids]
        self.answers = [answer for answer in self.answers if answer not in taken]
        return taken

    def cancel(self, request_id):
        self.cancelled.append(request_id)


@pytest.fixture
def client():
    return FakeClient()


@pytest.fixture
def job(client, tmp_path):
    """A job whose model has been asked for."""
    made = SampleJob(lambda: client, Order(Recipe(7), 0, tmp_path, "face", "model.safetensors", "cpu"))
    step_until(made, lambda: client.asked)
    return made


def step_until(job, condition):
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        job.step()
        time.sleep(0.001)
    assert condition()


def paths(folder, name):
    kinds = {"albedo": "png", "normal": "png", "specular": "png", "displacement": "exr", "recipe": "json"}
    return {kind: f"{folder}/{name}_{kind}.{ending}" for kind, ending in kinds.items()}


def test_loads_then_renders_with_the_models_name_in_the_recipe(job, client, tmp_path):
    assert client.asked == [("load", {"model": "model.safetensors", "device": "cpu"})]
    client.say(**MODEL)
    job.step()
    stamped = Recipe(7, model="xs", model_sha256=SHA)
    assert client.asked[1] == (
        "render", {"recipe": stamped, "level": 0, "folder": str(tmp_path), "name": "face_seed0007"}
    )  # fmt: skip
    client.say(kind="progress", fraction=0.5, text="Rendering")
    job.step()
    assert (job.progress, job.text, job.finished) == (0.5, "Rendering", False)
    client.say(kind="done", paths=paths(tmp_path, "face_seed0007"))
    job.step()
    result = job.take()
    assert (result.name, result.recipe) == ("face_seed0007", stamped)
    assert result.paths["displacement"] == Path(tmp_path, "face_seed0007_displacement.exr") and len(result.paths) == 4


def test_another_models_face_gets_another_name(job, client, tmp_path):
    (tmp_path / "face_seed0007_recipe.json").write_text(Recipe(7, model="old", model_sha256="0" * 64).to_json())
    client.say(**MODEL)
    job.step()
    assert client.asked[1][1]["name"] == "face_seed0007_v2"


def test_a_map_with_unsaved_changes_keeps_its_name(client, tmp_path):
    edited = tmp_path / "face_seed0007_albedo.png"
    job = SampleJob(lambda: client, Order(Recipe(7), 0, tmp_path, "face"), is_edited=edited.__eq__)
    step_until(job, lambda: client.asked)
    client.say(**MODEL)
    job.step()
    assert client.asked[1][1]["name"] == "face_seed0007_v2"


def test_an_answer_to_somebody_else_changes_nothing(job, client):
    client.answers = [{"kind": "hello"}, {**MODEL, "id": 99}, {"kind": "error", "id": None, "sentence": "x", "code": "y"}]
    job.step()
    assert len(client.asked) == 1 and not job.finished


def test_an_error_of_the_worker_ends_the_job(job, client):
    client.say(kind="error", sentence="The disk is full.", fix="Free some space.", code="disk-full")
    job.step()
    with pytest.raises(GantlitzError, match=r"The disk is full\. Free some space\.") as caught:
        job.take()
    assert caught.value.code == "disk-full"


def test_no_runtime_ends_the_job(tmp_path):
    def connect():
        raise GantlitzError("No Python.", "Choose one.", "no-runtime")

    job = SampleJob(connect, Order(Recipe(7), 0, tmp_path, "face"))
    step_until(job, lambda: job.finished)
    assert job.error.code == "no-runtime"


def test_an_exception_that_nobody_foresaw_ends_the_job(job, client, capsys):
    client.say(kind="done")  # a model without a name
    job.step()
    assert job.finished and job.error.code == "internal" and "KeyError" in job.error.sentence
    assert "Traceback" in capsys.readouterr().err


def test_cancel_waits_for_the_worker_to_say_so(job, client):
    job.cancel()
    job.cancel()
    assert client.cancelled == [1] and not job.finished and job.text == "Cancelling"
    client.say(kind="error", sentence="The work was cancelled.", fix="", code="cancelled")
    job.step()
    with pytest.raises(Cancelled):
        job.take()


@pytest.mark.parametrize("answer", [{"kind": "done", "paths": {}}, {"kind": "error", "sentence": "Died.", "code": "worker-died"}])
def test_whatever_ends_a_cancelled_request_it_counts_as_cancelled(job, client, answer):
    job.cancel()
    client.say(**answer)
    job.step()
    with pytest.raises(Cancelled):
        job.take()
    assert len(client.asked) == 1


def test_cancel_before_there_is_a_client_is_at_once(tmp_path):
    job = SampleJob(lambda: time.sleep(0.2), Order(Recipe(7), 0, tmp_path, "face"))
    job.cancel()
    assert job.finished and job.error.code == "cancelled"
