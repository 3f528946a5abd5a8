"""The extension comes and goes without leaving anything behind, keeps out of its own folder and off the network, and can be undone.

Every check leaves the extension installed and enabled: the others go on in the same Blender.
"""

import contextlib
import io
import os
import socket
import sys
import time
import zipfile
from pathlib import Path

import bpy
from inside import MODULE, add_plane, arguments, check, face, files, inputs, node, part, preferences, sample

REPOSITORY, PACKAGE = MODULE.split(".")[1:]
PATIENCE = 180
NEWER = "99.0.0"


def install(zip_path) -> None:
    """What Install from Disk does, and the Python of these checks, which preferences of an extension that was gone do not have."""
    bpy.ops.extensions.package_install_files(filepath=str(zip_path), repo=REPOSITORY, enable_on_install=True)
    preferences().python = str(arguments.python)


def own_folder() -> Path:
    return Path(sys.modules[MODULE].__file__).parent


def version() -> str:
    return next(line for line in (own_folder() / "blender_manifest.toml").read_text().splitlines() if line.startswith("version"))


@contextlib.contextmanager
def without_errors():
    """Blender prints what goes wrong in register() and unregister(), and goes on."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        yield
    assert "Traceback" not in said.getvalue() and "Error" not in said.getvalue(), said.getvalue()


class Traces:
    """All that the enabled extension has in Blender now, held here to be looked for when it is gone."""

    def __init__(self):
        modules = [module for name, module in sys.modules.items() if name == MODULE or name.startswith(MODULE + ".")]
        things = [thing for module in modules for thing in vars(module).values()]
        found = [thing for thing in things if str(getattr(thing, "__module__", "")).startswith(MODULE)]
        self.classes = {thing for thing in found if isinstance(thing, type) and getattr(thing, "is_registered", False)}
        self.functions = {thing for thing in found if callable(thing) and not isinstance(thing, type)}
        client = part("session").current()
        self.hello = client.hello if client is not None else None
        assert len(self.classes) > 50 and self.handlers() and self.properties(), "the check looks in the wrong places"

    @staticmethod
    def handlers() -> list[str]:
        lists = [getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers)]
        return [str(f) for each in lists if isinstance(each, list) for f in each if getattr(f, "__module__", "").startswith(MODULE)]

    @staticmethod
    def properties() -> list[str]:
        owners = ("Scene", "WindowManager", "Material", "Image", "Object", "Mesh", "World")
        return [f"{owner}.{n}" for owner in owners for n in dir(getattr(bpy.types, owner)) if n.startswith("gantlitz")]

    def timers(self) -> list[str]:
        return [f.__qualname__ for f in self.functions if bpy.app.timers.is_registered(f)]

    def assert_gone(self) -> None:
        left = [cls.__name__ for cls in self.classes if getattr(cls, "is_registered", False)]
        left += [name for name in dir(bpy.types) if name.startswith("GANTLITZ_")]
        left += dir(bpy.ops.gantlitz) + self.handlers() + self.properties() + self.timers()
        left += [name for name in sys.modules if name == MODULE or name.startswith(MODULE + ".")]
        assert not left, f"left behind: {left}"
        if self.hello is not None:
            assert not runs(self.hello["pid"]), "the worker goes on"
            assert not Path(self.hello["previews"]).exists(), "the worker's previews stay"


def runs(pid) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def live(action="ON"):
    inputs().model = str(arguments.model)
    return bpy.ops.gantlitz.live("EXEC_DEFAULT", True, action=action)


def look_rests() -> None:
    look, end = part("live").running(), time.monotonic() + PATIENCE
    while not (look.pace.settled and look.shown and not look._uploads and look._reading is None):
        assert time.monotonic() < end, "the live look shows nothing"
        time.sleep(min(look.tick(), 0.02))


def sheet() -> None:
    inputs().model = str(arguments.model)
    assert bpy.ops.gantlitz.contact_sheet("EXEC_DEFAULT", count=2, first=3, on="HEAD") == {"FINISHED"}


def everything_runs() -> Traces:
    """Each long-lived thing of the extension is in use: the worker, the live look with its timer, a sheet."""
    add_plane()
    sample(seed=7)
    sheet()
    live()
    look_rests()
    traces = Traces()
    assert traces.hello is not None and runs(traces.hello["pid"]) and len(traces.timers()) >= 2, traces.timers()
    return traces


def still_works(folder) -> None:
    sample(seed=8, folder=str(folder / "after"))
    assert "face_seed0008_albedo.png" in files(folder / "after")


@check
def disabling_leaves_nothing_and_enabling_brings_all_back(folder):
    for _ in range(2):
        traces = everything_runs()
        handlers, properties = traces.handlers(), traces.properties()
        with without_errors():
            bpy.ops.preferences.addon_disable(module=MODULE)
        left = {name: module for name, module in sys.modules.items() if name.startswith(MODULE)}
        for name in left:  # Blender keeps the modules of an add-on that is merely disabled
            del sys.modules[name]
        try:
            traces.assert_gone()
        finally:
            sys.modules.update(left)
            with without_errors():
                bpy.ops.preferences.addon_enable(module=MODULE)
            preferences().python = str(arguments.python)
        assert len(traces.handlers()) == len(handlers) and traces.properties() == properties
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    still_works(folder)


@check
def uninstalling_leaves_nothing(folder):
    traces, place = everything_runs(), own_folder()
    repositories = bpy.context.preferences.extensions.repos
    try:
        with without_errors():
            index = next(i for i, repository in enumerate(repositories) if repository.module == REPOSITORY)
            assert bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id=PACKAGE) == {"FINISHED"}
        traces.assert_gone()
        assert not place.exists() and MODULE not in bpy.context.preferences.addons
    finally:
        install(arguments.zip)
    still_works(folder)


@check
def an_upgrade_takes_the_place_of_the_old_version(folder):
    newer = folder / "newer.zip"
    with zipfile.ZipFile(arguments.zip) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "blender_manifest.toml":
                number = next(line for line in content.splitlines() if line.startswith(b"version"))
                content = content.replace(number, f'version = "{NEWER}"'.encode())
            elif name == "look.py":
                content += b'\nUPGRADED = "yes"\n'
            new.writestr(name, content)
    before, traces = version(), everything_runs()
    handlers = traces.handlers()
    assert NEWER not in before and not hasattr(part("look"), "UPGRADED")
    try:
        with without_errors():
            install(newer)
        assert NEWER in version() and part("look").UPGRADED == "yes", "the old code goes on"
        assert not [cls.__name__ for cls in traces.classes if getattr(cls, "is_registered", False)]
        assert not traces.timers() and len(traces.handlers()) == len(handlers)
        assert not runs(traces.hello["pid"]), "the old version's worker goes on"
        still_works(folder)
    finally:
        install(arguments.zip)
    assert version() == before and not hasattr(part("look"), "UPGRADED")
    assert preferences().python == str(arguments.python)


@check
def a_file_opens_where_the_extension_is_disabled(folder):
    add_plane()
    sample(seed=7)
    live()
    look_rests()
    material = face().name
    bpy.ops.wm.save_mainfile()
    bpy.ops.preferences.addon_disable(module=MODULE)
    try:
        bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
        assert material in bpy.data.materials and "GANtlitz Albedo" in bpy.data.materials[material].node_tree.nodes
        bpy.ops.wm.save_mainfile()
    finally:
        bpy.ops.preferences.addon_enable(module=MODULE)
        preferences().python = str(arguments.python)
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    assert inputs().model == str(arguments.model), "the settings are in the file still"
    live("OFF")


@check
def nothing_is_written_into_its_own_folder(folder):
    def content():
        found = (path for path in own_folder().rglob("*") if path.suffix != ".pyc" and path.name != "__pycache__")
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}

    before = content()
    assert len(before) > 100
    everything_runs()
    live("OFF")
    for seed in (3, 4):
        inputs().seed = seed
        bpy.ops.gantlitz.walk_add()
    bpy.ops.gantlitz.keyframe_walk(frame_start=1, frame_end=2)
    assert bpy.ops.gantlitz.bake_walk(frame_start=1, frame_end=2, resolution="EIGHTH") == {"FINISHED"}
    bpy.ops.gantlitz.add_studio()
    changed = {path for path in before.keys() | content().keys() if before.get(path) != content().get(path)}
    assert not changed, changed


@check
def uses_no_network_without_permission(folder):
    assert not bpy.app.online_access
    reached = []

    def refuse(*given, **named):
        reached.append(given)
        raise AssertionError(f"the network was used: {given}")

    own = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto", "bind")}
    resolve = socket.getaddrinfo
    try:
        for name in own:
            setattr(socket.socket, name, refuse)
        socket.getaddrinfo = refuse
        traces = everything_runs()
        live("OFF")
        held = Path(f"/proc/{traces.hello['pid']}/fd")
        if held.exists():  # Linux
            sockets = [str(each) for each in held.iterdir() if os.readlink(each).startswith("socket:")]
            assert not sockets, f"the worker has sockets: {sockets}"
    finally:
        for name, function in own.items():
            setattr(socket.socket, name, function)
        socket.getaddrinfo = resolve
    assert not reached, reached


def steps(change) -> None:
    """The change with one undo step before and after it, as Blender makes them in a window."""
    bpy.ops.ed.undo_push(message="before")
    assert change() == {"FINISHED"}
    bpy.ops.ed.undo_push(message="after")


@check
def undo_and_redo_of_settings(folder):
    inputs().seed = 5
    steps(lambda: bpy.ops.gantlitz.pick_seed(seed=42))
    assert inputs().seed == 42
    steps(lambda: bpy.ops.gantlitz.mix_all(seed=9, amount=0.25))
    assert inputs().mix_coarse == 0.25 and inputs().mix_fine_seed == 9
    bpy.ops.ed.undo()
    assert inputs().mix_coarse == 0 and inputs().seed == 42
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()
    assert inputs().seed == 5 and len(bpy.context.scene.gantlitz_looks.entries) == 0
    for _ in range(3):
        bpy.ops.ed.redo()
    assert inputs().seed == 42 and inputs().mix_middle == 0.25 and len(bpy.context.scene.gantlitz_looks.entries) == 2


@check
def undo_and_redo_of_the_studio(folder):
    before = {held.name for held in bpy.data.objects}
    steps(bpy.ops.gantlitz.add_studio)
    made = {held.name for held in bpy.data.objects}
    assert len(made) > len(before) + 5
    bpy.ops.ed.undo()
    assert {held.name for held in bpy.data.objects} == before and bpy.context.scene.camera is None
    bpy.ops.ed.redo()
    assert {held.name for held in bpy.data.objects} == made and bpy.context.scene.camera.name == "GANtlitz Camera"
    steps(bpy.ops.gantlitz.add_studio)  # pressed again after a redo: the same objects
    assert {held.name for held in bpy.data.objects} == made


@check
def undo_and_redo_of_sampling_between_live_looks(folder):
    add_plane("Mine")
    bpy.ops.ed.undo_push(message="a plane")
    sample(seed=7)  # this and the live look are called with an undo step of their own
    live()
    look_rests()
    bpy.ops.ed.undo_push(message="the live look is shown")
    live("OFF")
    assert node("albedo").image.name == "face_seed0007_albedo.png"
    bpy.ops.ed.undo()
    assert part("live").running() is not None and node("albedo").image.gantlitz_live
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()
    assert part("live").running() is None and node("albedo").image.name == "face_seed0007_albedo.png"
    bpy.ops.ed.undo()
    assert not bpy.data.objects["Mine"].material_slots
    for _ in range(4):
        bpy.ops.ed.redo()
    assert part("live").running() is None
    assert node("albedo").image.name == "face_seed0007_albedo.png" and face().name == "face_seed0007"
    sample(seed=8)
    assert node("albedo").image.name == "face_seed0008_albedo.png"  # into the material that it wears
