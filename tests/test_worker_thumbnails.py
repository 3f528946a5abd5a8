"""Thumbnails from the worker: what they are, in which order they come, and how they give way."""

from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender.client import read_thumbnail
from gantlitz_blender.runtime import FaceModel, Recipe
from gantlitz_blender.runtime.portrait.mesh import preview_head
from tests.test_worker import PATIENCE, Worker


@pytest.fixture(scope="module")
def worker(tiny_model_path):
    worker = Worker()
    worker.done("load", model=str(tiny_model_path), device="cpu")
    yield worker
    worker.process.stdin.close()
    worker.process.wait(PATIENCE)


def test_a_flat_one_is_the_albedo_as_bytes(worker, tiny_model_path):
    answer = worker.done("thumbnail", recipe={"seed": 3, "psi": 0.9}, width=96)
    pixels = read_thumbnail(answer)
    assert pixels.dtype == np.uint8 and pixels.shape == (64, 96, 4) and (pixels[..., 3] == 255).all()
    assert (answer["width"], answer["height"]) == (96, 64)
    assert answer["recipe"]["model"] == "tiny" and len(answer["recipe"]["model_sha256"]) == 64
    expected = FaceModel.load(tiny_model_path, "cpu").preview(Recipe(3, 0.9), 96, draft=True).albedo
    np.testing.assert_allclose(pixels[..., :3] / 255, expected, atol=0.01)


def test_one_on_a_head_is_a_portrait_on_nothing(worker, tmp_path):
    one, other = (read_thumbnail(worker.done("thumbnail", recipe={"seed": s}, width=64, shape="head")) for s in (3, 4))
    assert one.shape == (64, 64, 4) and one[0, 0, 3] == 0 and one[32, 32, 3] == 255
    assert (one[..., 3] == other[..., 3]).all() and np.abs(one.astype(int) - other)[..., :3].max() > 10
    mesh = tmp_path / "mesh.npz"
    preview_head().save(mesh)
    np.testing.assert_array_equal(read_thumbnail(worker.done("thumbnail", recipe={"seed": 3}, width=64, shape=str(mesh))), one)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"shape": "/nowhere/mesh.npz"}, "bad-mesh"),
        ({"shape": str(Path(__file__))}, "bad-mesh"),
        ({"width": 5000}, "bad-request"),
        ({"recipe": {"seed": 1, "model_sha256": "0" * 64}}, "model-mismatch"),
    ],
)
def test_what_cannot_be_drawn_is_refused(worker, fields, code):
    answer = worker.error("thumbnail", **{"recipe": {"seed": 1}, "width": 32, "shape": "flat", **fields})
    assert answer["code"] == code and answer["fix"]


def test_a_sheet_of_them_is_kept_until_it_is_read(worker):
    paths = [worker.done("thumbnail", recipe={"seed": seed}, width=12)["path"] for seed in range(66)]
    assert all(Path(path).exists() for path in paths)


def test_they_come_in_order_and_a_preview_slips_in_between(worker, tmp_path, slow_model_path):
    worker.render_slowly(slow_model_path, tmp_path)  # keeps it busy while these arrive
    render = worker._last_id
    first, second = (worker.ask("thumbnail", recipe={"seed": s}, width=12) for s in (1, 2))
    preview = worker.ask("preview", recipe={"seed": 3}, width=12)
    third = worker.ask("thumbnail", recipe={"seed": 4}, width=12)
    worker.ask("cancel", target=render)
    answers = [m["id"] for m in worker.until("done", third) if m["kind"] == "done" and m["id"] in (first, second, preview, third)]
    assert answers == [preview, first, second, third]


def test_waiting_ones_are_cancelled_alone(worker, tmp_path, slow_model_path):
    worker.render_slowly(slow_model_path, tmp_path)
    render = worker._last_id
    first, second = (worker.ask("thumbnail", recipe={"seed": s}, width=12) for s in (1, 2))
    worker.ask("cancel", target=first)
    assert worker.until("error", first)[-1]["code"] == "cancelled"
    worker.ask("cancel", target=render)
    assert worker.until("done", second)[-1]["width"] == 12
