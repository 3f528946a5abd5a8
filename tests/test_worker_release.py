"""A real worker lets go of its model when it is told to, and loads the same one again for the next request."""

import sys
import time

import pytest

from gantlitz_blender.client import RuntimeClient
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.worker_memory import MemoryWatch, in_words, release_for_render

PATIENCE = 120


@pytest.fixture
def ready(client, tiny_model_path):
    client.wait(client.request("load", model=tiny_model_path, device="cpu"), timeout=PATIENCE)
    return client


def ask(client, kind, **fields):
    return client.wait(client.request(kind, **fields), timeout=PATIENCE)


def test_released_it_says_so_and_the_next_face_loads_the_same_model_again(ready):
    before = ask(ready, "preview", recipe=Recipe(3), width=48)["recipe"]
    pid = ready.hello["pid"]
    assert ask(ready, "ping")["state"] == "ready"
    assert ask(ready, "release")["released"]
    assert ask(ready, "ping")["state"] == "released"
    assert ask(ready, "preview", recipe=Recipe(3), width=48)["recipe"] == before
    assert ask(ready, "ping")["state"] == "ready" and ready.hello["pid"] == pid


def test_there_is_nothing_to_release_twice(ready):
    assert ask(ready, "release")["released"]
    assert not ask(ready, "release")["released"]


def test_a_model_in_main_memory_stays_when_only_the_card_is_wanted(ready):
    assert not ask(ready, "release", gpu_only=True)["released"]
    assert ask(ready, "ping")["state"] == "ready"


def test_before_a_render_all_goes_or_only_what_is_on_the_card(ready):
    release_for_render(ready, everything=False).join(PATIENCE)
    assert ask(ready, "ping")["state"] == "ready"
    release_for_render(ready, everything=True).join(PATIENCE)
    assert ask(ready, "ping")["state"] == "released"


def test_no_worker_is_started_in_order_to_release_it():
    assert release_for_render(None, everything=True) is None
    idle = RuntimeClient(sys.executable)
    assert release_for_render(idle, everything=True) is None and not idle.alive


def test_the_watch_hears_of_it_without_waiting(ready):
    watch = MemoryWatch(lambda: ready)

    def heard(state):
        end = time.monotonic() + PATIENCE
        while watch.now.state != state:
            assert time.monotonic() < end, watch.now
            watch.step()
            time.sleep(0.02)

    heard("ready")
    assert watch.now.threads == ready.hello["threads"] >= 1
    if sys.platform == "linux":
        assert watch.now.resident > 10**7 and watch.now.free > 0
    ask(ready, "release")
    heard("released")
    assert MemoryWatch(lambda: None).step() is False


def test_figures_are_in_words():
    assert [in_words(count) for count in (None, 870_000_000, 1_400_000_000)] == ["unknown", "870 MB", "1.4 GB"]
