"""A scan completed by the worker: what it answers, what it shows on the way, and that it can be stopped."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime.maps import MapSet
from tests.test_worker import shared as shared  # the fixture: one worker for this module

WIDTH = 192


@pytest.fixture
def worker(shared, slow_model_path):
    """With a model of the completer's canvas, 6144 x 4096."""
    shared.done("load", model=str(slow_model_path), device="cpu")
    return shared


@pytest.fixture(scope="module")
def albedo(tmp_path_factory) -> Path:
    """Skin with blotches, in the model's layout."""
    path = tmp_path_factory.mktemp("scan") / "albedo.png"
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(size=(WIDTH * 2 // 3, WIDTH, 1)).astype(np.float32), (0, 0), 3)
    cv2.imwrite(str(path), np.uint8(np.clip((noise[..., None] * 0.3 + (0.45, 0.55, 0.7)) * 255, 0, 255)))
    return path


def fields(albedo, folder, **request):
    return {"request": {"maps": {"albedo": str(albedo)}, "width": WIDTH, **request}, "folder": str(folder), "name": "scan"}


def test_a_completion_shows_its_maps_and_then_writes_them(worker, albedo, tmp_path):
    messages = worker.until("done", worker.ask("complete", **fields(albedo, tmp_path)))
    pictures = [message for message in messages if message["kind"] == "picture"]
    assert pictures and set(pictures[0]) == {"kind", "id", "path", "width", "height"}
    shown = np.load(pictures[-1]["path"])
    assert shown.dtype == np.float32 and shown.shape == (pictures[-1]["height"], pictures[-1]["width"], 8)
    told = [message["fraction"] for message in messages if message["kind"] == "progress"]
    assert told == sorted(told) and all(message["text"] for message in messages if message["kind"] == "progress")
    answer = messages[-1]
    assert (answer["width"], answer["height"], answer["recipe"]) == (WIDTH, WIDTH * 2 // 3, None)
    assert isinstance(answer["warnings"], list) and {"albedo", "normal", "specular", "displacement"} <= set(answer["paths"])
    assert sorted(map(Path, answer["paths"].values())) == sorted(tmp_path.iterdir())
    known = cv2.cvtColor(cv2.imread(str(albedo)), cv2.COLOR_BGR2RGB) / 255
    assert np.abs(MapSet.read(tmp_path, "scan").albedo - known).max() < 1 / 255


def test_a_fit_is_shown_as_it_grows_and_stops_on_cancel(worker, albedo, tmp_path):
    running = worker.ask("complete", **fields(albedo, tmp_path, method="fit"))
    worker.until("picture", running)
    worker.ask("cancel", target=running)
    messages = worker.until("error", running)
    assert messages[-1]["code"] == "cancelled"
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert worker.done("ping")["busy"] is None


@pytest.mark.parametrize(
    ("request_", "code", "sentence"),
    [
        ({"maps": {"albedo": "/nowhere/albedo.png"}}, None, "/nowhere/albedo.png"),
        ({"points": {"version": 1, "image": [192, 128], "points": {"chin": [90, 90]}}}, "bad-points", "points are missing"),
        ({"method": "slow"}, "bad-request", "fast, fit, fit-from-fast"),
    ],
)
def test_what_cannot_be_completed_is_refused_with_a_reason(worker, albedo, tmp_path, request_, code, sentence):
    error = worker.error("complete", **fields(albedo, tmp_path, **request_))
    assert sentence in error["sentence"] and code in (None, error["code"]) and error["fix"]
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_another_canvas_is_refused(shared, albedo, tmp_path, tiny_model_path):
    shared.done("load", model=str(tiny_model_path), device="cpu")
    error = shared.error("complete", **fields(albedo, tmp_path))
    assert error["code"] == "model-mismatch" and "768 x 512" in error["sentence"]
