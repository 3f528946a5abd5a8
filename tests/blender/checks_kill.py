"""The worker is killed (SIGKILL) at random moments of drags and of bakes, as a full memory would.

Blender is never held up, no half-written file is left behind, one sentence is shown, and the next action works.
GANTLITZ_KILLS sets how often: the whole measure is 50. The moments come from a fixed seed.
"""

import json
import os
import random
import signal
import time
from types import SimpleNamespace

import bpy
from inside import MAPS, add_plane, arguments, check, files, inputs, modal_operator, node, part, sample, state

KILLS = int(os.environ.get("GANTLITZ_KILLS", "4"))  # half of them in drags, half in bakes
HELD_UP = 1.0  # seconds for which no call of ours may hold Blender up
PATIENCE = 180
TICK = SimpleNamespace(type="TIMER", value="NOTHING")
WHOLE = (".png", ".exr", ".json")


class Watch:
    """Calls us as Blender would, and remembers the longest time that a call took."""

    def __init__(self):
        self.longest = 0.0

    def call(self, function, *given):
        begun = time.perf_counter()
        try:
            return function(*given)
        finally:
            self.longest = max(self.longest, time.perf_counter() - begun)

    def until(self, step, reached, what):
        end = time.monotonic() + PATIENCE
        while not reached():
            assert time.monotonic() < end, f"{what}: {state().text!r}, {live_state().error_sentence!r}"
            self.call(step)
            time.sleep(0.005)


class Bake:
    """The modal Sample, as in a window; of half the size, so that a kill finds it at work."""

    def __init__(self, watch, **given):
        self.watch = watch
        self.operator = modal_operator(model=str(arguments.slow_model), resolution="HALF", **given)
        self.outcome = {"PASS_THROUGH"}
        assert watch.call(self.operator.begin, bpy.context)

    @property
    def ended(self):
        return self.outcome != {"PASS_THROUGH"}

    def until(self, progress):
        """Until that share of rendering and writing is done."""
        job = self.operator.job
        working = ("Rendering", "Writing files")
        self.watch.until(self.turn, lambda: self.ended or (job.text in working and job.progress >= progress), "the bake")

    def until_its_end(self):
        self.watch.until(self.turn, lambda: self.ended, "the end of a killed bake")

    def turn(self):
        self.outcome = self.operator.modal(bpy.context, TICK)


def live_state():
    return bpy.context.window_manager.gantlitz_live


def look():
    return part("live").running()


def worker():
    """The process id of the worker that runs, or 0."""
    client = part("session").current()
    return client.hello["pid"] if client is not None and client.hello else 0


def kill():
    pid = worker()
    if pid:
        os.kill(pid, signal.SIGKILL)
    return pid


def settled():
    return look().pace.settled and not look()._uploads and look()._reading is None


def drag(watch, chance, seconds):
    """Move a slider for a while, as a mouse does: every 20 ms."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        inputs().psi = chance.uniform(0.2, 1.0)
        watch.call(look().tick)
        time.sleep(0.02)


@check
def a_worker_killed_while_dragging_is_replaced_at_the_next_change(folder):
    chance, watch = random.Random(1), Watch()
    add_plane("Mine")
    inputs().model = str(arguments.slow_model)  # so that most kills hit a preview in the making
    bpy.context.scene.gantlitz_live_width = "768"
    bpy.ops.gantlitz.live(action="ON")
    watch.until(lambda: look().tick(), settled, "the first look")
    hit = said = 0
    for _ in range(max(1, KILLS // 2)):
        drag(watch, chance, chance.uniform(0.0, 0.4))
        under_way = look().pace.under_way
        dead = kill()
        assert dead, "there was no worker to kill"
        hit += under_way
        # The mouse rests: time to read what has happened.
        watch.until(lambda: look().tick(), lambda: bool(live_state().error_sentence) or settled(), "an end of the killed preview")
        if live_state().error_sentence:
            said += 1
            assert live_state().error_sentence.count(".") == 1 and "killed" in live_state().error_sentence
            assert live_state().error_code == "worker-died" and live_state().error_fix
        before = look().shown
        inputs().psi = chance.uniform(0.2, 1.0)
        watch.until(lambda: look().tick(), lambda before=before: look().shown > before and settled(), "the next change")
        assert worker() not in (0, dead) and not live_state().error_sentence
        assert all(node(kind).image.gantlitz_live and node(kind).image.size[0] == 768 for kind in MAPS)
    assert said >= hit * 0.5, f"{said} sentences for {hit} previews that were killed"
    bpy.ops.gantlitz.live(action="OFF")
    assert watch.longest < HELD_UP, f"Blender was held up for {watch.longest:.2f} s"
    print(f"drags: {KILLS // 2} kills, {hit} of them in a preview, longest call {watch.longest * 1000:.0f} ms")


@check
def a_worker_killed_while_baking_leaves_no_half_file(folder):
    chance, watch = random.Random(2), Watch()
    plane = add_plane("Mine")
    said = 0
    for turn in range(max(1, KILLS // 2)):
        bake = Bake(watch, seed=turn)
        bake.until(chance.uniform(0.0, 0.9) if turn else 0.1)  # the first one in any case long before its end
        hit = not bake.ended and bool(kill())
        bake.until_its_end()
        end = time.monotonic() + 10
        while hit and part("session").current() is not None and part("session").current().alive and time.monotonic() < end:
            time.sleep(0.01)  # a bake may have been whole just before the kill: the dead worker is seen a moment later
        if hit and bake.outcome == {"CANCELLED"}:
            said += 1
            assert state().error_sentence.count(".") == 1 and state().error_code == "worker-died" and state().error_fix
        assert not state().running and not part("session").running()
        left = [name for name in files(folder / "gantlitz") if name.startswith(".") or not name.endswith(WHOLE)]
        assert not left, f"half-written files: {left}"
        made = {name for name in files(folder / "gantlitz") if f"seed{turn:04d}" in name}
        assert len(made) in (0, 5), made  # all of a face, or nothing of it
    assert said, "no kill hit a bake"
    assert sample(seed=777) == {"FINISHED"} and not state().error_sentence
    assert json.loads(plane.active_material.gantlitz.recipe)["seed"] == 777
    assert watch.longest < HELD_UP, f"Blender was held up for {watch.longest:.2f} s"
    print(f"bakes: {KILLS // 2} kills, {said} of them hit, longest call {watch.longest * 1000:.0f} ms")
