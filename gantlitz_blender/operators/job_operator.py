"""What the operators share that have the worker do something.

In a window they are modal and Blender stays usable; called from a script or in the background they block until it is
done. Either way the worker makes files, and only when they are whole may the artist's scene be touched, in one step, so
that one undo takes it back. Across the run objects are held by name: a pointer would not survive an undo meanwhile.
"""

import time
from collections.abc import Callable
from typing import Any

import bpy

from .. import session
from ..job import Job, explained
from ..redrawing import redraw
from ..runtime.errors import Cancelled, GantlitzError
from ..translation import said, told

POLL_SECONDS = 0.1
TELLING = 1.5  # seconds after which the pace tells how long the rest takes
BUSY = "A face is being sampled or a scan completed: wait for it, or cancel it."


class JobOperator:
    """A mixin beside bpy.types.Operator. The subclass says what is to be done and what comes of it."""

    report: Callable[[set[str], str], None]  # bpy.types.Operator's

    # Set by the subclass.
    state_name: str  # of the GANTLITZ_PG_state on the window manager
    cancelled: str  # what to say when the artist has cancelled it

    since = 0.0  # when the part of the work began that is under way
    in_window = False  # whether it runs modally, for an artist who looks on

    def make_job(self, context: bpy.types.Context) -> Job[Any]:
        """The job for what the artist has set. Raises what is wrong with that."""
        raise NotImplementedError

    def finish(self, context: bpy.types.Context, result: Any) -> str:
        """Do what is to be done in the scene; returns a sentence that says what was."""
        raise NotImplementedError

    def hindrance(self, context: bpy.types.Context) -> str:
        """Why a finished job cannot come into the scene at this moment; empty when it can."""
        return ""

    def heard(self) -> None:
        """Show what the worker has said besides its progress; called every now and then in a window."""

    def let_go(self) -> None:
        """Give up what was made for this run."""

    def after(self, context: bpy.types.Context, outcome: set[str]) -> set[str]:
        """What follows a job that has ended, with that outcome: another one, perhaps. Returns what Blender is told."""
        return outcome

    def stopped(self) -> None:
        """The artist, or an unforeseen failure, has ended it all."""

    # What Blender calls.

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not self.begin(context):
            return {"CANCELLED"}
        manager, self.in_window = context.window_manager, True
        try:
            self.timer = manager.event_timer_add(POLL_SECONDS, window=context.window)
            manager.modal_handler_add(self)
        except Exception as error:
            return self.give_up(context, error)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            return self.turn(context, event)
        except Exception as error:  # Blender would call a modal operator that raises again and again
            return self.give_up(context, error)

    def turn(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        escape = event.type == "ESC" and event.value == "PRESS"
        if escape or self.state(context).cancel_requested:
            self.job.cancel()
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        self.job.step()
        hindrance = self.hindrance(context) if self.job.error is None and self.job.result is not None else ""
        if hindrance:
            self.job.text = hindrance
        elif self.job.finished:
            return self.end(context)
        self.show(context)
        return {"RUNNING_MODAL" if escape else "PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself: another file is being opened, or the window closed."""
        self.stopped()
        self.job.cancel()
        self.clean_up(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not self.begin(context):
            return {"CANCELLED"}
        try:
            while not self.job.finished:
                self.job.step()
                time.sleep(POLL_SECONDS / 5)
        except BaseException:  # Ctrl-C in a script: the worker must not go on
            self.job.cancel()
            self.clean_up(context)
            raise
        return self.end(context)

    # The steps in between.

    def begin(self, context: bpy.types.Context) -> bool:
        """Start the job; False, with the error shown, when that is not possible."""
        self.state(context).begin()
        try:
            self.job = self.make_job(context)
        except Exception as error:
            self.give_up(context, error)
            return False
        session.begin(self.job)
        return True

    def give_up(self, context: bpy.types.Context, error: Exception) -> set[str]:
        """End with the error shown and nothing left running, so that the next job can begin."""
        self.stopped()
        if job := getattr(self, "job", None):
            job.cancel()
        self.clean_up(context)
        self.show_error(context, error)
        return {"CANCELLED"}

    def end(self, context: bpy.types.Context) -> set[str]:
        return self.after(context, self.conclude(context))

    def conclude(self, context: bpy.types.Context) -> set[str]:
        try:
            done = self.finish(context, self.job.take())
        except Cancelled:
            self.stopped()
            self.state(context).result = f"Cancelled: {self.cancelled}."
            self.report({"INFO"}, said(f"It was cancelled: {self.cancelled}."))
            return {"CANCELLED"}
        except Exception as error:
            self.show_error(context, error)
            return {"CANCELLED"}
        finally:
            self.clean_up(context)
        self.state(context).result = done
        self.report({"INFO"}, said(done))
        return {"FINISHED"}

    def show(self, context: bpy.types.Context) -> None:
        state = self.state(context)
        now = time.monotonic()
        if self.job.progress < state.progress or not state.progress:  # another part of the work has begun
            self.since = now
        state.progress, state.text = self.job.progress, self.job.text
        spent = now - self.since
        state.seconds_left = spent * (1 - state.progress) / state.progress if spent > TELLING and state.progress else 0.0
        self.heard()
        if context.workspace:
            context.workspace.status_text_set(said(f"GANtlitz: {said(state.text)}, {state.progress:.0%}   (Esc cancels)"))
        redraw()

    def show_error(self, context: bpy.types.Context, error: Exception) -> None:
        self.report({"ERROR"}, told(note_error(self.state(context), error)))  # in a script it becomes a RuntimeError

    def clean_up(self, context: bpy.types.Context) -> None:
        session.end()
        self.let_go()
        self.state(context).running = False
        if timer := getattr(self, "timer", None):
            context.window_manager.event_timer_remove(timer)
            self.timer = None
        if context.workspace:
            context.workspace.status_text_set(None)
        redraw()

    def state(self, context: bpy.types.Context):
        return getattr(context.window_manager, self.state_name)


def note_error(state, error: Exception) -> GantlitzError:
    """Write an error where the panel shows it; returns it in words for an artist."""
    shown = explained(error)
    state.error_sentence, state.error_fix, state.error_code = shown.sentence, shown.fix, shown.code
    return shown
