"""Blender's end of the wire: requests, answers, cancelling, and a worker that dies is replaced."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from gantlitz_blender.client import RuntimeClient, find_python, read_preview
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.scan_request import ScanRequest

PATIENCE = 120  # seconds after which a test gives up; nothing here is timed
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture
def ready(client, tiny_model_path):
    client.wait(client.request("load", model=tiny_model_path, device="cpu"), timeout=PATIENCE)
    client.poll()
    return client


@pytest.fixture
def rendering(client, slow_model_path, tmp_path):
    """The client with a render of several seconds under way, and that request's id."""
    client.wait(client.request("load", model=slow_model_path, device="cpu"), timeout=PATIENCE)
    client.poll()
    request_id = client.request("render", recipe=Recipe(1), level=0, folder=tmp_path, name="slow")
    deadline = time.monotonic() + PATIENCE
    while not any(message["kind"] == "progress" for message in client.poll()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield client, request_id
    client.cancel(request_id)


def test_nothing_runs_before_the_first_request():
    client = RuntimeClient(sys.executable)
    assert not client.alive and client.hello is None and client.poll() == []


def test_a_request_is_waited_for_with_its_progress(ready, tmp_path):
    told = []
    request_id = ready.request("render", recipe=Recipe(5), level=2, folder=tmp_path, name="anna")
    answer = ready.wait(request_id, on_progress=lambda fraction, text: told.append((fraction, text)), timeout=PATIENCE)
    assert answer["kind"] == "done" and answer["id"] == request_id
    assert MapSet.read(tmp_path, "anna").width == answer["width"] == 192
    assert told and all(0 <= fraction <= 1 and text for fraction, text in told)


def test_a_preview_comes_as_maps(ready):
    answer = ready.wait(ready.request("preview", recipe=Recipe(5), width=60), timeout=PATIENCE)
    maps = read_preview(answer)
    assert (maps.width, maps.height) == (60, 40)
    np.testing.assert_allclose(np.linalg.norm(maps.normal, axis=2), 1, atol=1e-4)


def test_folders_are_meant_from_where_the_caller_stands(ready, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = ready.wait(ready.request("render", recipe=Recipe(1), level=3, folder="maps", name="n"), timeout=PATIENCE)
    assert Path(answer["paths"]["recipe"]) == tmp_path / "maps" / "n_recipe.json"


def test_an_error_is_raised_with_its_fix(ready, tmp_path):
    request_id = ready.request("render", recipe=Recipe(1), size=[1000, 1000], folder=tmp_path, name="n")
    with pytest.raises(GantlitzError, match="larger than the canvas") as caught:
        ready.wait(request_id, timeout=PATIENCE)
    assert caught.value.code == "bad-request" and "768 x 512" in caught.value.fix


def test_waiting_for_one_request_keeps_the_answers_to_others(ready):
    first, second = ready.request("ping"), ready.request("ping")
    assert ready.wait(second, timeout=PATIENCE)["id"] == second
    assert [message["id"] for message in ready.poll()] == [first]
    assert ready.poll() == []


def test_no_answer_is_lost_where_two_threads_ask(ready):
    """As before a render, where a thread asks the worker to give way beside whatever Blender waits for."""
    heard, ended = [], threading.Event()

    def ask():
        while not ended.is_set():
            mine, end = ready.request("ping"), time.monotonic() + PATIENCE
            while not (found := ready.poll({mine})) and time.monotonic() < end:
                pass
            heard.append(len(found))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for _ in range(300):
            ready.wait(ready.request("ping"), timeout=PATIENCE)
    finally:
        ended.set()
        thread.join(2 * PATIENCE)
    assert heard and set(heard) == {1}


def test_an_answer_comes_once(ready):
    request_id = ready.request("ping")
    ready.wait(request_id, timeout=PATIENCE)
    for never in (request_id, 10**9):
        with pytest.raises(GantlitzError, match="No answer to request"):
            ready.wait(never, timeout=PATIENCE)


def test_waiting_may_be_limited_and_a_cancel_ends_the_render_not_the_worker(rendering, tmp_path, monkeypatch):
    monkeypatch.setattr("gantlitz_blender.client.SECONDS_TO_CANCEL", PATIENCE)  # however busy the machine is
    client, request_id = rendering
    pid = client.hello["pid"]
    with pytest.raises(GantlitzError, match="longer than") as caught:
        client.wait(request_id, timeout=0)
    assert caught.value.code == "timeout"
    client.cancel(request_id)
    with pytest.raises(Cancelled):
        client.wait(request_id, timeout=PATIENCE)
    assert client.alive and client.hello["pid"] == pid
    assert list(tmp_path.iterdir()) == []


@POSIX_ONLY
def test_a_worker_killed_in_mid_render_is_noticed_and_replaced_with_its_model(rendering):
    client, request_id = rendering
    dead = client.hello
    os.kill(dead["pid"], signal.SIGKILL)
    with pytest.raises(GantlitzError, match=r"SIGKILL.*memory") as caught:
        client.wait(request_id, timeout=PATIENCE)
    assert caught.value.code == "worker-died" and "smaller size" in caught.value.fix
    assert not client.alive
    answer = client.wait(client.request("preview", recipe=Recipe(1), width=48), timeout=PATIENCE)
    assert answer["recipe"]["model"] == "slow"
    assert client.hello["pid"] != dead["pid"]
    assert not Path(dead["previews"]).exists()


@POSIX_ONLY
def test_what_a_killed_worker_had_begun_to_write_is_removed_and_nothing_else(rendering, tmp_path):
    client, request_id = rendering
    pid = client.hello["pid"]
    begun = [tmp_path / f".slow_{kind}.{pid}-0123abcd.part" for kind in ("normal.png", "displacement.exr", "recipe.json")]
    others = [
        tmp_path / f".slow_normal.png.{pid}1-0123abcd.part",  # another process's
        tmp_path / f".other_normal.png.{pid}-0123abcd.part",  # another face's
        tmp_path / "slow_normal.png",
    ]
    for path in begun + others:
        path.write_bytes(b"half")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(GantlitzError, match="SIGKILL"):
        client.wait(request_id, timeout=PATIENCE)
    assert sorted(tmp_path.iterdir()) == sorted(others)


@POSIX_ONLY
def test_a_worker_that_does_not_react_to_a_cancel_is_ended(rendering):
    client, request_id = rendering
    pid = client.hello["pid"]
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED)
    other = client.request("ping")
    client.cancel(request_id)
    with pytest.raises(Cancelled):
        client.wait(request_id, timeout=PATIENCE)
    with pytest.raises(GantlitzError, match="did not react to a cancel") as caught:
        client.wait(other, timeout=PATIENCE)
    assert caught.value.code == "worker-died"


def test_what_is_cancelled_while_the_worker_starts_is_answered_at_once(client):
    client.stop()
    cancelled, kept = client.request("ping"), client.request("ping")
    assert client.hello is None
    client.cancel(cancelled)
    with pytest.raises(Cancelled):
        client.wait(cancelled, timeout=PATIENCE)
    assert client.wait(kept, timeout=PATIENCE)["id"] == kept


def test_stopping_gives_up_what_runs_and_the_next_request_starts_anew(rendering):
    client, request_id = rendering
    client.stop()
    assert not client.alive
    with pytest.raises(Cancelled):
        client.wait(request_id, timeout=PATIENCE)
    assert client.wait(client.request("ping"), timeout=PATIENCE)["busy"] is None


def test_a_preview_outlives_its_file(tmp_path):
    stacked = np.random.default_rng(0).random((4, 6, 8), dtype=np.float32)
    np.save(tmp_path / "preview-1.npy", stacked)
    maps = read_preview({"path": str(tmp_path / "preview-1.npy")})
    (tmp_path / "preview-1.npy").unlink()
    np.testing.assert_array_equal(maps.stacked(), stacked)


def made_up_worker(path: Path, script: str) -> RuntimeClient:
    """A client whose Python is a shell script."""
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return RuntimeClient(path)


@POSIX_ONLY
def test_a_worker_of_another_protocol_is_refused(tmp_path):
    hello = '{"kind":"hello","protocol":99}'
    client = made_up_worker(tmp_path / "python", f"echo '{hello}'\ncat >/dev/null\n")
    with pytest.raises(GantlitzError, match="version 99") as caught:
        client.wait(client.request("ping"), timeout=PATIENCE)
    assert caught.value.code == "worker-died" and "Restart Blender" in caught.value.fix
    assert not client.alive and client.hello is None


@POSIX_ONLY
def test_what_a_worker_says_on_stderr_is_seen_in_the_console(tmp_path, capsys):
    client = made_up_worker(tmp_path / "python", "echo 'Traceback: it broke' >&2\nexit 3\n")
    with pytest.raises(GantlitzError, match="exit code 3: Traceback: it broke"):
        client.wait(client.request("ping"), timeout=PATIENCE)
    assert "Traceback: it broke\n" in capsys.readouterr().err


def test_a_preview_whose_worker_is_gone_says_so(tmp_path):
    with pytest.raises(GantlitzError, match="gone") as caught:
        read_preview({"path": str(tmp_path / "preview-1.npy")})
    assert caught.value.code == "worker-died"


def test_it_works_from_an_extension_folder_of_any_name_and_in_blenders_environment(tmp_path):
    """Blender's PYTHONHOME would break another Python, and its name for the extension means nothing there."""
    extension = tmp_path / "Jörg's files" / "bl_ext" / "user_default" / "gantlitz_face_maps"
    source = Path(__file__).parents[1] / "gantlitz_blender"
    shutil.copytree(source, extension, ignore=shutil.ignore_patterns("bundled", "__pycache__"))
    code = (
        "import os, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "os.environ['PYTHONHOME'] = os.environ['PYTHONPATH'] = sys.argv[1]\n"
        "from bl_ext.user_default.gantlitz_face_maps.client import RuntimeClient\n"
        "client = RuntimeClient(sys.executable)\n"
        "print(client.wait(client.request('ping'), timeout=120)['kind'])\n"
        "client.stop()\n"
        "print(sorted({'torch', 'cv2', 'OpenEXR', 'bpy'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", code, str(extension.parents[2])]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout == "done\n[]\n"


# Which Python


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A Python of its own, without torch."""
    folder = tmp_path_factory.mktemp("bare") / "with a space"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def test_the_preference_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv("GANTLITZ_PYTHON", "/nowhere/python")
    assert find_python(sys.executable) == Path(sys.executable)


def test_the_environment_is_asked_when_nothing_is_preferred(monkeypatch):
    monkeypatch.setenv("GANTLITZ_PYTHON", sys.executable)
    assert find_python(None) == find_python("") == Path(sys.executable)


def test_a_virtual_environments_folder_will_do():
    assert find_python(sys.prefix).parent == Path(sys.executable).parent


def test_no_python_at_all_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.delenv("GANTLITZ_PYTHON", raising=False)
    monkeypatch.setattr("gantlitz_blender.installer_place.data_folder", lambda: tmp_path)
    with pytest.raises(GantlitzError, match=r"No Python.*Press Install") as caught:
        find_python(None)
    assert caught.value.code == "no-runtime"


@pytest.mark.parametrize("missing", ["/nowhere/python", __file__, str(Path(__file__).parent)])
def test_a_python_that_is_none_is_named(missing):
    with pytest.raises(GantlitzError) as caught:
        find_python(missing)
    assert caught.value.code == "no-runtime" and missing in caught.value.sentence


def test_a_python_without_torch_is_given_the_command_to_run(bare_python):
    with pytest.raises(GantlitzError, match="cannot import torch, numpy, safetensors, scipy, cv2, OpenEXR") as caught:
        find_python(str(bare_python))
    assert caught.value.code == "no-runtime"
    assert f'"{bare_python}" -m pip install torch numpy safetensors scipy opencv-python-headless OpenEXR' in caught.value.fix


def test_a_request_to_a_python_without_torch_is_answered_with_that_command(bare_python):
    client = RuntimeClient(bare_python)
    with pytest.raises(GantlitzError, match="cannot import") as caught:
        client.wait(client.request("ping"), timeout=PATIENCE)
    assert caught.value.code == "no-runtime" and f'"{bare_python}" -m pip install torch' in caught.value.fix
    assert not client.alive


def test_a_scan_is_completed_with_pictures_on_the_way(client, slow_model_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("albedo.png", np.full((64, 96, 3), (120, 150, 190), np.uint8) + np.arange(96, dtype=np.uint8)[:, None] // 4)
    client.wait(client.request("load", model=slow_model_path, device="cpu"), timeout=PATIENCE)
    shown = []
    request_id = client.request("complete", request=ScanRequest({"albedo": "albedo.png"}), folder="maps", name="n")
    answer = client.wait(request_id, timeout=PATIENCE, on_picture=lambda message: shown.append(read_preview(message)))
    assert Path(answer["paths"]["normal"]) == tmp_path / "maps" / "n_normal.png" and Path(answer["paths"]["normal"]).exists()
    assert shown and all(maps.width * 2 == maps.height * 3 for maps in shown)
