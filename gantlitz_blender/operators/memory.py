"""Giving the worker's memory back by hand."""

import bpy

from .. import session, truce
from ..translation import said
from ..worker_memory import answer_to

SECONDS_TO_WAIT = 10.0  # of a script's call


class GANTLITZ_OT_release_memory(bpy.types.Operator):
    """Let go of the model and give its memory back, to the graphics card too; the next face loads it again by itself"""

    bl_idname = "gantlitz.release_memory"
    bl_label = "Release Memory"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        client = session.current()
        if client is None or not client.alive:
            cls.poll_message_set(said("The worker is not running, so it holds no memory."))
            return False
        if session.running():
            cls.poll_message_set(said("The model is at work: wait for it, or cancel it."))
            return False
        if truce.watch.now.state == "released":
            cls.poll_message_set(said("The model is released already."))
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        client = session.current()
        assert client is not None, "poll() saw one"
        client.request("release")  # what became of it is seen in the panel
        return {"FINISHED"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        client = session.current()
        assert client is not None, "poll() saw one"
        if answer_to(client, client.request("release"), SECONDS_TO_WAIT) is None:
            client.stop()  # it does not answer: ending it gives everything back
        return {"FINISHED"}


CLASSES = (GANTLITZ_OT_release_memory,)
