"""The worker, spoken to over its own pipes: what it answers, in which order, and how it ends."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender.runtime.maps import MapSet, read_recipe
from gantlitz_blender.runtime.memory import free_memory
from gantlitz_blender.runtime.protocol import PROTOCOL_VERSION
from gantlitz_blender.runtime.recipe import Recipe
from tests.tiny_model import save_tiny_model

ROOT = Path(__file__).parents[1]
START_WORKER = ROOT / "gantlitz_blender" / "runtime" / "start_worker.py"
PATIENCE = 120  # seconds after which a test gives up; nothing here is timed


class Worker:
    """A worker process and the two ends of its wire."""

    def __init__(self, *command: str):
        self.process = subprocess.Popen(
            command or (sys.executable, str(START_WORKER)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=lambda: [self._lines.put(line) for line in self.process.stdout], daemon=True).start()
        self._last_id = 0
        self.hello = self.next()

    def ask(self, kind: str, **fields) -> int:
        self._last_id += 1
        self.write(json.dumps({"kind": kind, "id": self._last_id, **fields}).encode())
        return self._last_id

    def write(self, line: bytes) -> None:
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def next(self) -> dict:
        return json.loads(self._lines.get(timeout=PATIENCE))

    def until(self, kind: str, request_id: int) -> list[dict]:
        """Every message up to the `kind` that names `request_id`."""
        messages = [self.next()]
        while (messages[-1]["kind"], messages[-1]["id"]) != (kind, request_id):
            messages.append(self.next())
        return messages

    def done(self, kind: str, **fields) -> dict:
        return self.until("done", self.ask(kind, **fields))[-1]

    def error(self, kind: str, **fields) -> dict:
        return self.until("error", self.ask(kind, **fields))[-1]

    def render_slowly(self, model: Path, folder: Path, name: str = "slow") -> int:
        """Begin a render of several seconds; return its id once it has begun."""
        self.done("load", model=str(model), device="cpu")
        request_id = self.ask("render", recipe={"seed": 1}, level=0, folder=str(folder), name=name)
        self.until("progress", request_id)
        return request_id


@pytest.fixture(scope="module")
def shared():
    worker = Worker()
    yield worker
    worker.process.stdin.close()
    worker.process.wait(PATIENCE)


@pytest.fixture
def worker(shared, tiny_model_path):
    """The one worker of these tests, with the tiny model loaded."""
    shared.done("load", model=str(tiny_model_path), device="cpu")
    return shared


@pytest.fixture
def fresh():
    """A worker of the test's own, to be ended."""
    worker = Worker()
    yield worker
    worker.process.kill()
    worker.process.wait()


# What it says


def test_it_says_hello_first(shared):
    hello = shared.hello
    assert hello["kind"] == "hello" and hello["protocol"] == PROTOCOL_VERSION
    assert hello["pid"] == shared.process.pid
    assert hello["torch"].startswith("2.") and hello["device"]
    assert hello["memory"] is None or hello["memory"] > 0
    assert hello["threads"] >= 1
    assert Path(hello["previews"]).is_dir()


def test_the_previews_folder_is_private(shared):
    assert os.name != "posix" or Path(shared.hello["previews"]).stat().st_mode & 0o077 == 0


def test_what_cannot_be_understood_is_answered_and_the_work_goes_on(shared):
    shared.write(b"this is not JSON")
    answer = shared.next()
    assert (answer["kind"], answer["id"], answer["code"]) == ("error", None, "bad-request")
    assert shared.error("pong")["code"] == "bad-request"
    assert shared.error("preview", recipe={"seed": -1}, width=5)["sentence"].startswith("The recipe's seed")
    assert shared.done("ping")["busy"] is None


def test_load_says_what_the_model_is(shared, tiny_model_path):
    answer = shared.done("load", model=str(tiny_model_path), device="cpu")
    assert (answer["name"], answer["width"], answer["height"], answer["levels"]) == ("tiny", 768, 512, 4)
    assert answer["modalities"] == ["albedo", "normal", "specular", "displacement"]
    assert answer["device"] == "cpu" and len(answer["sha256"]) == 64 and answer["provenance"] == {"trained": "never"}


def test_a_preview_is_a_float_file_of_eight_channels(worker, tiny_model_path):
    answer = worker.done("preview", recipe={"seed": 3, "psi": 0.9}, width=100)
    pixels = np.load(answer["path"], mmap_mode="r")
    assert pixels.dtype == np.float32 and pixels.shape == (67, 100, 8)
    assert (answer["width"], answer["height"]) == (100, 67)

    from gantlitz_blender.runtime import FaceModel

    expected = FaceModel.load(tiny_model_path, "cpu").preview(Recipe(3, 0.9), 100)
    np.testing.assert_allclose(pixels, expected.stacked(), atol=1e-4)


def test_a_preview_for_blender_is_the_same_maps_as_pixels_of_four_images(worker):
    asked = {"recipe": {"seed": 3, "psi": 0.9}, "width": 60}
    maps = MapSet.from_stacked(np.load(worker.done("preview", **asked)["path"]))
    answer = worker.done("preview", **asked, layout="blender")
    albedo, normal, specular, displacement = pixels = np.load(answer["path"])
    assert pixels.dtype == np.float32 and pixels.shape == (4, 40, 60, 4) and (pixels[..., 3] == 1).all()
    assert answer["seconds"] > 0
    np.testing.assert_array_equal(albedo[::-1, :, :3], maps.albedo)
    np.testing.assert_allclose(normal[::-1, :, :3] * 2 - 1, maps.normal, atol=1e-6)
    for channel in range(3):
        np.testing.assert_array_equal(specular[::-1, :, channel], maps.specular)
        np.testing.assert_array_equal(displacement[::-1, :, channel], maps.displacement)


def test_answers_hold_the_recipe_with_the_models_hash(worker):
    answer = worker.done("preview", recipe={"seed": 3}, width=50)
    assert answer["recipe"]["seed"] == 3
    assert answer["recipe"]["model"] == "tiny" and len(answer["recipe"]["model_sha256"]) == 64


def test_only_the_last_previews_are_kept(worker):
    folder = Path(worker.hello["previews"])
    paths = [worker.done("preview", recipe={"seed": seed}, width=20)["path"] for seed in range(6)]
    assert sorted(map(str, folder.iterdir())) == sorted(paths[-4:])


def test_a_render_leaves_its_files_and_no_others(worker, tmp_path):
    answer = worker.done("render", recipe={"seed": 4}, level=1, folder=str(tmp_path), name="anna")
    assert sorted(answer["paths"]) == ["albedo", "displacement", "normal", "recipe", "specular"]
    assert sorted(answer["paths"].values()) == sorted(str(path) for path in tmp_path.iterdir())
    maps = MapSet.read(tmp_path, "anna")
    assert (maps.width, maps.height) == (answer["width"], answer["height"]) == (384, 256)
    assert read_recipe(answer["paths"]["normal"]).to_dict() == answer["recipe"]


def test_a_render_may_have_any_size_of_the_right_aspect(worker, tmp_path):
    worker.done("render", recipe={"seed": 4}, size=[300, 200], folder=str(tmp_path), name="anna")
    maps = MapSet.read(tmp_path, "anna")
    assert (maps.width, maps.height) == (300, 200)


@pytest.mark.parametrize(
    ("fields", "code", "sentence"),
    [
        ({"level": 9}, "bad-request", "no level 9"),
        ({"size": [1536, 1024]}, "bad-request", "larger than the canvas"),
        ({"size": [300, 300]}, "bad-request", "aspect"),
        ({"level": 2, "name": "a/b"}, "bad-request", "file name"),
        ({"level": 2, "recipe": {"seed": 1, "model_sha256": "0" * 64}}, "model-mismatch", "000000000000"),
    ],
)
def test_a_render_that_cannot_be_is_refused(worker, tmp_path, fields, code, sentence):
    fields = {"recipe": {"seed": 1}, "folder": str(tmp_path), "name": "n", **fields}
    answer = worker.error("render", **fields)
    assert answer["code"] == code and sentence in answer["sentence"] and answer["fix"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_named(worker, tmp_path):
    (tmp_path / "maps").write_text("mine")
    answer = worker.error("render", recipe={"seed": 1}, level=2, folder=str(tmp_path / "maps"), name="n")
    assert answer["code"] == "folder-unwritable" and str(tmp_path / "maps") in answer["sentence"]


def test_a_name_that_will_not_do_is_refused_before_anything_is_rendered(worker, tmp_path):
    answers = worker.until(
        "error", worker.ask("render", recipe={"seed": 1}, level=0, folder=str(tmp_path), name="x" * 300)
    )
    assert [answer["kind"] for answer in answers] == ["error"] and answers[0]["code"] == "write-failed"


def test_a_model_replaced_under_its_path_is_loaded_anew(worker, tmp_path):
    path = save_tiny_model(tmp_path / "m.safetensors")
    first = worker.done("load", model=str(path), device="cpu")
    assert worker.done("load", model=str(path), device="cpu")["sha256"] == first["sha256"]
    save_tiny_model(path, seed=1)
    assert worker.done("load", model=str(path), device="cpu")["sha256"] != first["sha256"]


def test_a_gpu_is_asked_for_its_memory_only_for_a_model_on_it_and_may_fail(monkeypatch):
    class Full:
        @staticmethod
        def mem_get_info():
            raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr("torch.cuda", Full)
    assert free_memory("cuda") is None
    assert free_memory("cpu") is None or free_memory("cpu") > 0


def test_after_a_load_that_failed_no_other_model_is_sampled(worker, tmp_path, tiny_model_path):
    assert worker.error("load", model=str(tmp_path / "gone.safetensors"))["code"] == "model-not-found"
    assert worker.error("preview", recipe={"seed": 1}, width=50)["code"] == "model-not-found"
    assert worker.done("load", model=str(tiny_model_path), device="cpu")["name"] == "tiny"


# While a render runs


def test_a_ping_is_answered_and_a_cancel_stops_it_without_a_trace(shared, slow_model_path, tmp_path):
    running = shared.render_slowly(slow_model_path, tmp_path)
    assert shared.done("ping")["busy"] == running
    cancel = shared.ask("cancel", target=running)
    answers = [shared.until("done", cancel)[-1], shared.until("error", running)[-1]]
    assert answers[0]["found"] is True
    assert answers[1]["code"] == "cancelled"
    assert list(tmp_path.iterdir()) == []
    assert shared.done("ping")["busy"] is None


def test_progress_rises_and_is_not_told_too_often(shared, slow_model_path, tmp_path):
    running = shared.render_slowly(slow_model_path, tmp_path)
    told = []
    while len(told) < 3:
        message = shared.next()
        told.append(message["fraction"])
        assert message["kind"] == "progress" and message["id"] == running and message["text"]
    assert told == sorted(told) and told[0] > 0 and told[-1] < 1
    shared.ask("cancel", target=running)
    shared.until("error", running)


def test_the_newest_preview_wins_and_waiting_requests_can_be_cancelled(shared, slow_model_path, tmp_path):
    running = shared.render_slowly(slow_model_path, tmp_path)
    first, second, third = (shared.ask("preview", recipe={"seed": seed}, width=50) for seed in (1, 2, 3))
    assert shared.until("error", first)[-1]["code"] == "superseded"
    assert shared.until("error", second)[-1]["code"] == "superseded"
    waiting = shared.ask("render", recipe={"seed": 2}, level=0, folder=str(tmp_path), name="waiting")
    shared.ask("cancel", target=waiting)
    assert shared.until("error", waiting)[-1]["code"] == "cancelled"
    shared.ask("cancel", target=running)
    shared.until("error", running)
    assert shared.until("done", third)[-1]["recipe"]["seed"] == 3


def test_a_refinement_is_given_up_for_a_newer_preview_and_a_plain_one_is_not(shared, slow_model_path):
    shared.done("load", model=str(slow_model_path), device="cpu")
    for refine, end in ((True, "error"), (False, "done")):
        running = shared.ask("preview", recipe={"seed": 1}, width=3072, refine=refine)
        while shared.done("ping")["busy"] != running:
            time.sleep(0.01)
        newer = shared.ask("preview", recipe={"seed": 2}, width=24)
        answer = shared.until(end, running)[-1]
        assert answer.get("code") == ("superseded" if refine else None)
        assert shared.until("done", newer)[-1]["recipe"]["seed"] == 2


def test_cancelling_what_is_not_there_says_so(shared):
    assert shared.done("cancel", target=987654)["found"] is False


# How it ends


def has_ended_cleanly(worker: Worker, folder: Path) -> bool:
    return (
        worker.process.wait(PATIENCE) == 0
        and not Path(worker.hello["previews"]).exists()
        and list(folder.iterdir()) == []
    )


def test_it_ends_in_mid_render_when_stdin_closes(fresh, slow_model_path, tmp_path):
    fresh.render_slowly(slow_model_path, tmp_path)
    fresh.process.stdin.close()
    assert has_ended_cleanly(fresh, tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_it_ends_in_mid_render_when_terminated(fresh, slow_model_path, tmp_path):
    fresh.render_slowly(slow_model_path, tmp_path)
    fresh.process.send_signal(signal.SIGTERM)
    assert has_ended_cleanly(fresh, tmp_path)


def test_what_libraries_print_does_not_reach_the_wire():
    chatter = (
        "import os, threading, time\n"
        "def chatter():\n"
        "    while not any(thread.name == 'requests' for thread in threading.enumerate()): time.sleep(0.001)\n"
        "    for _ in range(50):\n"
        "        os.write(1, b'noise from C\\n')\n"
        "        print('noise from Python', flush=True)\n"
        "threading.Thread(target=chatter, daemon=True).start()\n"
        "from gantlitz_blender.runtime.worker import main\n"
        "main()\n"
    )
    worker = Worker(sys.executable, "-c", chatter)
    assert worker.hello["kind"] == "hello"
    assert worker.done("ping")["busy"] is None
    worker.done("quit")
    assert worker.process.wait(PATIENCE) == 0


def test_a_python_without_torch_is_told_so_on_the_wire(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path)], check=True)
    python = tmp_path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    result = subprocess.run([python, START_WORKER], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    answer = json.loads(result.stdout)
    assert (answer["kind"], answer["id"], answer["code"]) == ("error", None, "no-runtime")
    assert str(python) in answer["fix"] and "pip install torch" in answer["fix"]
    assert result.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_does_not_outlive_a_parent_that_was_killed(tmp_path):
    parent = (
        "import subprocess, sys\n"
        "worker = subprocess.Popen([sys.executable, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(worker.stdout.readline().decode(), flush=True)\n"
        "input()\n"
    )
    command = [sys.executable, "-c", parent, str(START_WORKER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        hello = json.loads(process.stdout.readline())
        assert is_running(hello["pid"])
        process.kill()
    deadline = time.monotonic() + PATIENCE
    while is_running(hello["pid"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(hello["pid"])


def is_running(pid: int) -> bool:
    """Whether `pid` lives; a zombie that nobody has waited for does not."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return "State:\tZ" not in status
