"""The live look: the settings' face as a preview on the artist's mesh, again and again while they change.

One timer turns the crank and never waits: the runtime is found in a thread, pixels are read in a thread, and a tick uploads no
more images than fit into its share of a frame. What it needs of the scene is looked up in every tick: objects, materials and
images come and go with undo and with files.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import bpy
import numpy as np

from . import live_images, live_mark, live_material, looks, model_labels, session
from .client import RuntimeClient
from .job import explained
from .live_pace import Ask, Pace
from .look import recipe_of
from .preferences import chosen_model, chosen_python
from .redrawing import redraw
from .runtime.image_pixels import KINDS
from .runtime.protocol import error_of
from .runtime.recipe import Recipe

TICK = 0.01  # seconds between two looks at the worker's answers
IDLE_TICK = 0.04  # where nothing is awaited
TICK_BUDGET = 0.012  # seconds of a tick after which no further image is begun
AGAIN = ("superseded", "cancelled")  # codes with which a preview was lost through nobody's fault
GONE = "The face that showed the live look is gone."

_live: LiveLook | None = None


class LiveLook:
    """The live look while it is on. longest_tick: seconds for which it has held Blender up at most; shown: previews so far.

    begin: show the look as it is; otherwise only its next change, since the artist sees what was baked.
    """

    def __init__(self, begin: bool = True) -> None:
        self.pace = Pace(768)
        self.longest_tick = 0.0
        self.shown = 0
        self.recipe: Recipe | None = None  # of the preview that is shown, with the model's name in it
        self._asked: Recipe | None = None
        self._begins = begin
        self._noted = True  # whether the look as it is now is in the history
        self._model: tuple[str | None, str, str] = (None, "", "")  # model, device and Python that were asked last
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="gantlitz-live")
        self._connecting: Future[RuntimeClient] | None = None
        self._client: RuntimeClient | None = None
        self._ids: set[int] = set()
        self._newest: tuple[int, Ask] | None = None
        self._reading: tuple[Future[np.ndarray], dict[str, Any], Ask] | None = None
        self._uploads: deque[tuple[str, np.ndarray]] = deque()
        self._finishing: tuple[dict[str, Any], Ask] | None = None
        self._longest_upload: dict[int, float] = {}  # width -> seconds for one image

    def tick(self) -> float:
        """Do what can be done without waiting; returns the seconds until the next call."""
        begun = time.perf_counter()
        try:
            busy = self._turn(begun)
        except Exception as error:  # a timer that raises is gone
            self._uploads.clear()
            self._finishing = None
            if self._newest is None and self._reading is None and self.pace.under_way:
                self.pace.lost(again=False)
            self._fail(error)
            busy = False
        self.longest_tick = max(self.longest_tick, time.perf_counter() - begun)
        return TICK if busy else IDLE_TICK

    def close(self) -> None:
        """Give up what is under way."""
        if self._client is not None:
            for request_id in self._ids:
                # A cancel that the worker cannot hear in time would end it, and with it the loaded model.
                self._client.drop(request_id, cancel=False)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def forget_pixels(self) -> None:
        """The images may have lost theirs: show the look again."""
        self._asked = None
        live_mark.touch()

    def wait_for_a_change(self) -> None:
        """What is seen is a bake: it stays until the settings change from what they are now."""
        self._uploads.clear()
        self._finishing = self._reading = self._newest = None
        if self.pace.under_way:
            self.pace.lost(again=False)
        self._begins = False
        live_mark.touch()

    def _turn(self, begun: float) -> bool:
        state = bpy.context.window_manager.gantlitz_live
        if bpy.app.is_job_running("RENDER"):
            state.text = "Waits for the render"
            return False
        if self._uploads:
            self._upload(begun)
            return True
        self._hear()
        self._look(state)
        if self._reading is not None:
            self._read()
            return True
        if not state.on:
            return False
        if session.running():
            state.text = "Waits for the job that runs" if not self.pace.settled else ""
            return self.pace.under_way
        if not self._connected():
            state.text = "Starting the runtime"
            return True
        ask = self.pace.ask(time.monotonic())
        if ask is not None:
            self._ask(ask)
        elif self.pace.settled:
            state.text = ""
            if not self._noted:  # the artist has let go of the slider, and looks at it
                self._noted = True
                looks.note(bpy.context)
        return self.pace.under_way

    def _look(self, state: Any) -> None:
        """Take the settings, if they were touched."""
        scene = bpy.data.scenes.get(live_mark.scene_name()) or bpy.context.scene
        self.pace.set_limit(int(scene.gantlitz_live_width))
        model = chosen_model(bpy.context, scene.gantlitz.model), scene.gantlitz.device, chosen_python(bpy.context)
        if not live_mark.take() and model == self._model:
            return
        if not live_material.marked():
            switch_off(GONE)
            return
        before, self._model = self._model, model
        recipe = recipe_of(lambda name: getattr(scene.gantlitz, name))
        if not self._begins:
            self._begins, self._asked = True, recipe
            self.pace.leave()
            return
        if recipe != self._asked or model != before:
            if model[2] != before[2]:
                self._client = None
            self._asked = recipe
            self._noted = False
            state.clear_error()
            self.pace.change(time.monotonic())

    def _connected(self) -> bool:
        """Whether there is a worker to ask; starts one, in a thread, where there is none and something is to be asked."""
        if self._connecting is not None:
            if not self._connecting.done():
                return False
            connecting, self._connecting = self._connecting, None
            try:
                self._client = connecting.result()
            except Exception as error:
                self.pace.leave()
                self._fail(error)
                return True
        if self._client is not None and self._client.alive:
            return True
        if self.pace.settled:
            return True
        if self.pace.under_way and self._newest is not None:
            return True  # its error is on its way
        self._connecting = self._threads.submit(_connect, self._model[2])
        return False

    def _ask(self, ask: Ask) -> None:
        assert self._client is not None and self._asked is not None
        model, device, _ = self._model
        # Loaded already, this is answered at once; released or replaced by a job since, the model comes back.
        self._ids.add(self._client.request("load", model=model, device=device))
        self._newest = None
        how = {"layout": "blender", "refine": ask.refine, "draft": not ask.refine}
        request_id = self._client.request("preview", recipe=self._asked, width=ask.width, **how)
        self._ids.add(request_id)
        self._newest = (request_id, ask)

    def _hear(self) -> None:
        if self._client is None or not self._ids:
            return
        for message in self._client.poll(self._ids):
            if message["kind"] == "progress":
                bpy.context.window_manager.gantlitz_live.text = message["text"]
                continue
            self._ids.discard(message["id"])
            if "directions" in message:
                model_labels.remember(message)
            if self._newest is None or message["id"] != self._newest[0]:
                continue  # of a load, whose failure the preview tells again, or of a preview that was overtaken
            (_, ask), self._newest = self._newest, None
            if message["kind"] == "error":
                self.pace.lost(again=message["code"] in AGAIN)
                if message["code"] not in AGAIN:
                    self._fail(error_of(message))
            else:
                self._reading = (self._threads.submit(np.load, message["path"]), message, ask)

    def _read(self) -> None:
        assert self._reading is not None
        reading, message, ask = self._reading
        if not reading.done():
            return
        self._reading = None
        try:
            pixels = reading.result()
        except (OSError, ValueError, EOFError):  # the worker died and took its files along
            self.pace.lost(again=True)
            return
        self._uploads = deque(zip(KINDS, pixels, strict=True))
        self._finishing = (message, ask)

    def _upload(self, begun: float) -> None:
        """Paint as many of the waiting images as fit into this tick; with the last one, have the materials show them."""
        assert self._finishing is not None
        message, ask = self._finishing
        faces = live_material.marked()
        if ask.refine and not any(live_material.shows_live(face) for face in faces):
            self._uploads.clear()
            self._finishing = None
            self.pace.lost(again=False)  # a bake has come in between: it stays until the next change
            return
        width = int(message["width"])
        while self._uploads:
            expected = self._longest_upload.get(width, TICK_BUDGET)
            now = time.perf_counter()
            if now - begun > 0.001 and now - begun + expected > TICK_BUDGET:
                return
            kind, pixels = self._uploads.popleft()
            live_images.paint(live_images.live_image(kind), pixels)
            spent = time.perf_counter() - now
            self._longest_upload[width] = max(spent, 0.9 * self._longest_upload.get(width, 0.0))
        self._finishing = None
        self.pace.shown(float(message["seconds"]))
        for face in faces:
            live_material.attach(face)
        self.recipe = Recipe.from_dict(message["recipe"])
        self.shown += 1
        state = bpy.context.window_manager.gantlitz_live
        state.width, state.seconds, state.text = width, float(message["seconds"]), ""
        redraw()

    def _fail(self, error: Exception) -> None:
        """Say what is wrong; the next change tries again."""
        state = bpy.context.window_manager.gantlitz_live
        shown = explained(error)
        state.error_sentence, state.error_fix, state.error_code = shown.sentence, shown.fix, shown.code
        state.text = ""
        redraw()


def running() -> LiveLook | None:
    """The live look, if it is on."""
    return _live


def switch_on(show: bool = True) -> None:
    """Begin to show the settings' face on the marked materials. Marking them is the operator's part, or was that of a file's.

    show: at once; otherwise from the next change on.
    """
    global _live
    state = bpy.context.window_manager.gantlitz_live
    state.clear_error()
    state.on, state.width, state.seconds, state.text = True, 0, 0.0, ""
    if _live is None:
        _live = LiveLook(begin=show)
    _live.forget_pixels()
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=TICK, persistent=True)


def switch_off(why: str = "") -> None:
    """Stop showing it; the materials stay as they are. why: a sentence for the panel."""
    global _live
    state = bpy.context.window_manager.gantlitz_live
    state.on, state.text = False, ""
    state.error_sentence, state.error_fix, state.error_code = why, "Switch Live Look on again." if why else "", ""
    if _live is not None:
        _live.close()
        _live = None


def follow_file() -> None:
    """After a file was opened: be on where a material says so and shows it, and off otherwise."""
    for face in live_material.marked():
        # An artist who sees what was baked would have the first touch of a slider take it away.
        if not live_material.shows_live(face) and not live_material.waits_for_a_first_look(face):
            face.gantlitz_live.forget()
    follow_undo()


def follow_undo() -> None:
    """After a step was undone or redone: be on where a material says so, and off otherwise. A bake that is shown stays."""
    faces = live_material.marked()
    if not faces:
        if _live is not None or bpy.context.window_manager.gantlitz_live.on:
            switch_off()
        return
    baked = not any(live_material.shows_live(face) or live_material.waits_for_a_first_look(face) for face in faces)
    if _live is None:
        switch_on(show=not baked)
        return
    bpy.context.window_manager.gantlitz_live.on = True
    if baked:
        _live.wait_for_a_change()
    else:
        _live.forget_pixels()


def _tick() -> float | None:
    return _live.tick() if _live is not None else None


def _connect(python: str) -> RuntimeClient:
    client = session.connect(python)
    client.start()
    return client


@bpy.app.handlers.persistent
def _after_frame(*_: Any) -> None:
    if _live is not None:  # called from the render's thread too
        live_mark.touch()


@bpy.app.handlers.persistent
def _after_jump(*_: Any) -> None:
    follow_undo()


@bpy.app.handlers.persistent
def _after_load(*_: Any) -> None:
    follow_file()


HANDLERS = (("frame_change_post", _after_frame), ("undo_post", _after_jump), ("redo_post", _after_jump), ("load_post", _after_load))


def register() -> None:
    for name, function in HANDLERS:
        getattr(bpy.app.handlers, name).append(function)


def unregister() -> None:
    switch_off()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    for name, function in HANDLERS:
        getattr(bpy.app.handlers, name).remove(function)
