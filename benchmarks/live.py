"""The live look in real Blender (bpy as a module): from a slider's change to new pixels, and what of that is Blender's.

python -m benchmarks.live [--events 20] [--previews 500] [--model MODEL]

Writes benchmarks/results/live-cpu.json and .md. The timer's function is called by hand, with the pauses that it asks for: Blender
runs timers only in a window. The memory is watched with a tiny model, since what Blender holds does not depend on the model, and at
384 px: a set of images that stayed behind with each preview would be 2.5 GB in the end, and the previews take a quarter of the
time of 768 px.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import psutil
import torch

import gantlitz_blender
from gantlitz_blender import live, session
from gantlitz_blender.client import RuntimeClient
from gantlitz_blender.live_pace import Pace
from gantlitz_blender.runtime.recipe import Recipe
from tests.tiny_model import save_tiny_model

RESULTS = Path(__file__).parent / "results"
WIDTHS = (192, 384, 768)
MEMORY_WIDTH = 384
SETTLING = 100  # previews after which Blender's memory is taken for the first time
PATIENCE = 120.0


class FixedPace(Pace):
    """Always the one width, so that it is this that is measured."""

    def set_limit(self, limit: int) -> None:
        self.widths = (self.fixed,)

    def __init__(self, width: int):
        self.fixed = width
        super().__init__(width)


def turn_until(reached: Callable[[], bool]) -> list[float]:
    """The seconds of each tick until then, with the pauses between them that the timer asks for."""
    look, ticks, end = live.running(), [], time.monotonic() + PATIENCE
    assert look is not None, "the live look is off"
    while not reached():
        state = bpy.context.window_manager.gantlitz_live
        assert time.monotonic() < end and not state.error_sentence, state.error_sentence or "nothing came"
        begun = time.perf_counter()
        pause = look.tick()
        ticks.append(time.perf_counter() - begun)
        time.sleep(pause)
    return ticks


def begin(model: str | None, width: int) -> live.LiveLook:
    """Switched on, with one preview of that width behind it."""
    scene = bpy.context.scene
    scene.gantlitz.model, scene.gantlitz.device = model or "", "cpu"
    bpy.ops.gantlitz.live(action="ON")
    look = live.running()
    assert look is not None
    look.pace = FixedPace(width)
    look.pace.change(0.0)
    turn_until(lambda: look.shown > 0 and look.pace.settled)
    return look


def drag(look: live.LiveLook, event: int) -> tuple[float, float, list[float]]:
    """Seconds from a change to the pixels, the model's own share of them, and those of each tick."""
    shown, begun = look.shown, time.perf_counter()
    bpy.context.scene.gantlitz.psi = 0.2 + 0.001 * (event % 700)
    ticks = turn_until(lambda: look.shown > shown)
    return time.perf_counter() - begun, bpy.context.window_manager.gantlitz_live.seconds, ticks


def dragged(model: str | None, width: int, events: int) -> dict[str, float]:
    look = begin(model, width)
    drag(look, 0)
    found = [drag(look, event) for event in range(1, events + 1)]
    bpy.ops.gantlitz.live(action="OFF")
    ticks = [tick for _, _, each in found for tick in each]
    return {
        "event_to_pixels": statistics.median(whole for whole, _, _ in found),
        "slowest": max(whole for whole, _, _ in found),
        "model": statistics.median(model for _, model, _ in found),
        "without_the_model": statistics.median(whole - model for whole, model, _ in found),
        "longest_tick": max(ticks),
        "tick_99": sorted(ticks)[int(0.99 * len(ticks))],
    }


def exact_previews(client: RuntimeClient, width: int, events: int) -> dict[str, float]:
    """Medians of what comes at rest: round_trip, the seconds from request to answer that are not the model's own (the wire, the
    pixels' layout, the file), and exact, the model's.
    """
    rest, exact = [], []
    for event in range(events):
        begun = time.perf_counter()
        answer = client.wait(client.request("preview", recipe=Recipe(7, 0.3 + event / 1000), width=width, layout="blender"))
        rest.append(time.perf_counter() - begun - answer["seconds"])
        exact.append(answer["seconds"])
    return {"round_trip": statistics.median(rest), "exact": statistics.median(exact)}


def memory_growth(previews: int) -> dict[str, Any]:
    """Blender's resident megabytes after some previews and after many."""
    process, held = psutil.Process(), {}
    with tempfile.TemporaryDirectory() as folder:
        look = begin(str(save_tiny_model(Path(folder) / "tiny.safetensors")), MEMORY_WIDTH)
        for event in range(SETTLING + previews):
            drag(look, event)
            if (event + 1) % 100 == 0:
                print(f"memory: {event + 1} of {SETTLING + previews} previews, {process.memory_info().rss / 1e6:.0f} MB")
            if event + 1 in (SETTLING, SETTLING + previews // 2, SETTLING + previews):
                held[event + 1] = process.memory_info().rss / 1e6
        bpy.ops.gantlitz.live(action="OFF")
    return {"previews": previews, "resident": held, "growth": held[SETTLING + previews] - held[SETTLING]}


def as_table(found: dict[str, Any]) -> str:
    lines = [
        "# The live look",
        "",
        f"Blender {found['blender']} (bpy), bundled model, {found['machine']}, load before and after {found['load'][0]:.1f} and "
        f"{found['load'][1]:.1f}. Written by `python -m benchmarks.live`. Milliseconds; medians of {found['events']} changes.",
        "",
        "| width | slider to pixels | the draft itself | the rest | round trip without the model | 99 % of ticks | longest tick "
        "| the exact preview at rest, the model's share |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for width, row in found["drag"].items():
        names = ("event_to_pixels", "model", "without_the_model", "round_trip", "tick_99", "longest_tick", "exact")
        lines.append(f"| {width} | " + " | ".join(f"{row[name] * 1000:.0f}" for name in names) + " |")
    memory = found["memory"]
    lines += ["", f"Memory of Blender over {memory['previews']} previews of {MEMORY_WIDTH} px: {memory['growth']:+.1f} MB.", ""]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--previews", type=int, default=500)
    parser.add_argument("--model")
    chosen = parser.parse_args()
    os.environ["GANTLITZ_PYTHON"] = sys.executable
    gantlitz_blender.register()
    try:
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.ops.mesh.primitive_plane_add()
        load = os.getloadavg()[0]
        drags = {width: dragged(chosen.model, width, chosen.events) for width in WIDTHS}
        client = session.connect("")
        for width, row in drags.items():
            row |= exact_previews(client, width, chosen.events)
        found = {
            "blender": bpy.app.version_string,
            "machine": f"{platform.machine()}, {torch.get_num_threads()} cores, {torch.backends.cpu.get_cpu_capability()}",
            "events": chosen.events,
            "drag": drags,
            "memory": memory_growth(chosen.previews),
            "load": (load, os.getloadavg()[0]),
        }
    finally:
        gantlitz_blender.unregister()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "live-cpu.json").write_text(json.dumps(found, indent=1) + "\n")
    (RESULTS / "live-cpu.md").write_text(as_table(found))
    print(as_table(found))


if __name__ == "__main__":
    main()
