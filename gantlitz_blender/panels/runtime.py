"""The Runtime sub-panel, and what it shares with the preferences: what is installed, what would be, the doctor's findings."""

import time

import bpy

from .. import runtime_state
from ..installer import Installation, Plan
from ..preferences import wishes
from ..runtime_state import Survey
from ..runtime_watch import watch
from ..translation import said, told
from .common import Panel, draw_line, draw_wrapped, for_settings

FINDING_ICONS = {True: "CHECKMARK", False: "ERROR", None: "DOT"}


class GANTLITZ_PT_runtime(Panel, bpy.types.Panel):
    """What the faces are made with, and whether it works."""

    bl_label = "Runtime"
    bl_parent_id = "GANTLITZ_PT_main"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 80

    def draw(self, context: bpy.types.Context) -> None:
        layout = for_settings(self.layout)
        if runtime_state.work is not None:
            draw_work(layout)
        draw_outcome(context, layout)
        draw_doctor(context, layout)
        layout.operator("gantlitz.open_preferences", icon="PREFERENCES")


def draw_install(context: bpy.types.Context, layout: bpy.types.UILayout, chosen) -> None:
    """The preferences' box: what is installed, and the buttons that change it. chosen: the preferences."""
    wanted = wishes(context)
    if runtime_state.look(wanted):
        watch()
    found = runtime_state.survey
    if found is not None and found.wishes != wanted:
        found = None
    busy = runtime_state.work is not None
    if not busy:
        draw_state(context, layout, found, chosen)
    column = layout.column()
    column.enabled = not busy
    column.prop(chosen, "runtime_folder")
    column.prop(chosen, "build")
    row = column.row()
    row.use_property_split = False
    row.alignment = "LEFT"
    row.prop(chosen, "show_sources", icon="DOWNARROW_HLT" if chosen.show_sources else "RIGHTARROW", emboss=False)
    if chosen.show_sources:
        for name in ("wheel_folder", "index_url", "proxy", "certificate"):
            column.prop(chosen, name)
    if busy:
        draw_work(layout)
    elif found is not None:
        if found.error is not None:
            draw_wrapped(context, layout, told(found.error), icon="ERROR")
        elif found.plan is not None and found.state in ("absent", "unfinished"):
            draw_plan(layout, found.plan)
        draw_buttons(layout, found)
    draw_outcome(context, layout)


def draw_state(context: bpy.types.Context, layout: bpy.types.UILayout, found: Survey | None, chosen) -> None:
    if found is None:
        draw_line(layout, "Looking at this computer", icon="SORTTIME")
    elif found.state == "ready" and found.marker is not None:
        name = "the processor" if found.marker.device == "cpu" else found.marker.build
        draw_line(layout, f"Installed: torch {found.marker.torch} for {name}, in {found.folder}", icon="CHECKMARK")
        if chosen.python:
            draw_wrapped(context, layout, "It is not used: another Python is chosen below", icon="INFO")
        elif found.marker.blenders:
            draw_wrapped(context, layout, "It needs the Blender that made it: if that is removed, press Repair", icon="INFO")
    elif found.state == "broken":
        draw_wrapped(context, layout, f"The runtime in {found.folder} is broken: its Python is gone. Press Repair", icon="ERROR")
    elif found.state == "unfinished":
        draw_wrapped(context, layout, f"An installation in {found.folder} is not finished: Install goes on with it", icon="ERROR")
    else:
        draw_line(layout, "No runtime is installed", icon="INFO")


def draw_buttons(layout: bpy.types.UILayout, found: Survey) -> None:
    row = layout.row(align=True)
    row.scale_y = 1.3
    if found.state in ("absent", "unfinished"):
        row.operator("gantlitz.install_runtime", icon="IMPORT")
    else:
        row.operator("gantlitz.install_runtime", text="Repair", icon="TOOL_SETTINGS").repair = True
    if found.state != "absent":
        row.operator("gantlitz.remove_runtime", icon="TRASH")


def draw_outcome(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    """How the last installation ended."""
    done, error = runtime_state.outcome
    if error is not None:
        box = layout.box()
        draw_wrapped(context, box, error.sentence, icon="ERROR")
        if error.fix:
            draw_wrapped(context, box, error.fix, icon="TOOL_SETTINGS")
    elif done:
        draw_wrapped(context, layout, done, icon="CHECKMARK" if done.startswith("Ready") else "INFO")


def draw_doctor(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    """The doctor's button and what it found."""
    examination = runtime_state.examination
    row = layout.row(align=True)
    row.operator("gantlitz.doctor", icon="VIEWZOOM")
    row.operator("gantlitz.copy_report", text="", icon="COPYDOWN")
    if examination is None:
        return
    box = layout.box()
    for finding in list(examination.findings):
        draw_wrapped(context, box, f"{said(finding.about)}: {said(finding.text)}", icon=FINDING_ICONS[finding.good])
        if finding.fix:
            draw_wrapped(context, box, finding.fix, icon="TOOL_SETTINGS")
    if not examination.finished:
        draw_line(box, "Looking on", icon="SORTTIME")


def draw_plan(layout: bpy.types.UILayout, plan: Plan) -> None:
    """What Install would do: how much, where to, from where, with what."""
    column = layout.column(align=True)
    if plan.needs_network:
        draw_line(column, f"About {plan.build.download:.1f} GB to download, {plan.build.disk:.1f} GB on disk", icon="IMPORT")
    else:
        draw_line(column, f"From the wheel folder, without network; about {plan.build.disk:.1f} GB on disk", icon="IMPORT")
    place = f"Into {plan.folder}" if plan.free is None else f"Into {plan.folder}, {plan.free / 1e9:.0f} GB free"
    draw_line(column, place, icon="FILE_FOLDER")
    draw_line(column, f"torch for {plan.build.name}: {plan.build.reason}", icon="MEMORY")
    draw_line(column, plan.base.describe(), icon="CONSOLE")
    if plan.base.blenders:
        only = "No other Python 3.11 or newer was found: the runtime will end with this Blender version"
        draw_line(column, only, icon="INFO")


def draw_work(layout: bpy.types.UILayout) -> None:
    """How far an installation is, and Cancel."""
    work = runtime_state.work
    if work is None:
        return
    seconds = time.monotonic() - runtime_state.began
    layout.progress(factor=work.fraction, text=f"{said(work.text)}, {work.fraction:.0%}, {seconds:.0f} s")
    if isinstance(work, Installation):
        layout.operator("gantlitz.cancel_install", icon="X")


CLASSES = (GANTLITZ_PT_runtime,)
