"""The runtime's buttons in Blender: who may press them, what they say, and that drawing them reads only what is known."""

import os

import bpy
from inside import arguments, check, part, preferences


@check
def asks_for_the_network_unless_there_is_a_wheel_folder(folder):
    preferences().wheel_folder = ""
    bpy.context.preferences.system.use_online_access = False
    try:
        assert not bpy.ops.gantlitz.install_runtime.poll()
        try:
            bpy.ops.gantlitz.install_runtime()
            raise AssertionError("it was allowed")
        except RuntimeError as error:
            assert "Allow Online Access" in str(error), error
        preferences().wheel_folder = str(folder)
        assert bpy.ops.gantlitz.install_runtime.poll()
    finally:
        preferences().wheel_folder = ""


@check
def an_installation_that_fails_says_why(folder):
    chosen = preferences()
    chosen.wheel_folder, chosen.runtime_folder = str(folder), str(folder / "runtime")  # no wheels in there
    try:
        bpy.ops.gantlitz.install_runtime()
        raise AssertionError("it did not fail")
    except RuntimeError as error:
        assert "holds no wheels" in str(error), error
    finally:
        chosen.wheel_folder = chosen.runtime_folder = ""
    assert part("runtime_state").work is None


@check
def removes_only_what_it_made(folder):
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").touch()
    preferences().runtime_folder = str(folder / "mine")
    try:
        bpy.ops.gantlitz.remove_runtime()
        raise AssertionError("it removed something")
    except RuntimeError as error:
        assert "no runtime that this add-on made" in str(error), error
    finally:
        preferences().runtime_folder = ""
    assert (folder / "mine" / "thesis.txt").exists()


@check
def the_doctor_reports(folder):
    part("runtime_state").examination = None
    assert not bpy.ops.gantlitz.copy_report.poll()
    preferences().model = str(arguments.model)
    try:
        assert bpy.ops.gantlitz.doctor() == {"FINISHED"}
    finally:
        preferences().model = ""
    findings = {finding.about: finding for finding in part("runtime_state").examination.findings}
    assert findings["Worker"].good and findings["Model"].good, findings
    assert bpy.app.version_string in findings["Versions"].text and "unknown" not in findings["Versions"].text
    assert bpy.ops.gantlitz.copy_report.poll() and os.path.basename(str(arguments.python)) in findings["Python"].text
