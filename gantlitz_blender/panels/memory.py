"""What the worker holds of the computer's memory, and how to get it back. Drawing reads what a timer has heard."""

import bpy

from .. import truce
from ..preferences import preferences
from ..runtime.memory_need import render_need
from ..worker_memory import in_words
from .common import Panel, draw_line, draw_wrapped, for_settings

STATES = {
    "stopped": ("The worker is not started", "RADIOBUT_OFF"),
    "starting": ("The worker is starting", "SORTTIME"),
    "empty": ("The worker is ready, no model is loaded", "RADIOBUT_OFF"),
    "loading": ("The model is being loaded", "SORTTIME"),
    "released": ("The model is released: the next face loads it again", "RADIOBUT_OFF"),
}
FULL_SIZE = (6144, 4096)


class GANTLITZ_PT_memory(Panel, bpy.types.Panel):
    """The worker's memory."""

    bl_label = "Memory"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_order = 81
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        now = truce.watch.now
        if now.state == "ready":
            ready = "on the graphics card" if now.device != "cpu" else "on the processor"
            text, icon = (f"The model works {ready}", "RADIOBUT_ON") if now.busy else (f"The model is ready {ready}", "RADIOBUT_ON")
        else:
            text, icon = STATES[now.state]
        draw_wrapped(context, layout, text, icon=icon)
        if now.state not in ("stopped", "starting"):
            column = layout.column(align=True)
            draw_line(column, f"Held by the worker: {in_words(now.resident)}", icon="BLANK1")
            if now.gpu_held:
                draw_line(column, f"Held on the graphics card: {in_words(now.gpu_held)}", icon="BLANK1")
            draw_line(column, f"Free: {in_words(now.free)}", icon="BLANK1")
            if now.device == "cpu":
                needed = in_words(render_need(*FULL_SIZE, now.threads))
                draw_line(column, f"A face at full size needs: {needed}", icon="BLANK1")
        layout.operator("gantlitz.release_memory", icon="TRASH")
        chosen = preferences(context)
        if chosen:
            layout.prop(chosen, "release")


CLASSES = (GANTLITZ_PT_memory,)
