"""The runtime's installer, with tiny wheels for the packages; the real torch is behind `slow`."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gantlitz_blender import installer_place, python_finder
from gantlitz_blender.doctor import Finding, Subject, examine, report
from gantlitz_blender.installer import Contents, Installation, Plan, make_plan, state_of
from gantlitz_blender.installer_base import BasePython, find_base
from gantlitz_blender.installer_build import Build
from gantlitz_blender.installer_pip import Sources
from gantlitz_blender.installer_place import LOG, MARKER, Marker, claim, installed_python, python_in, remove, runtime_folder
from gantlitz_blender.runtime.errors import Cancelled, GantlitzError

from .tiny_wheels import write_wheel

CHECK = """
import tinyskin, tinytorch
if tinytorch.WORKS:
    print('answer {"torch": "1.0", "device": "cpu", "name": "cpu"}')
"""
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and /proc are POSIX's")
BASE = BasePython(Path(sys.executable), (3, 11), blenders=False)


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    """The user's own folder, empty; nothing chosen, nothing remembered."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "data"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.delenv(python_finder.VARIABLE, raising=False)


@pytest.fixture
def wheels(tmp_path):
    folder = tmp_path / "wheels"
    write_wheel(folder, "tinyskin")
    write_wheel(folder, "tinytorch", source="WORKS = True", needs=("tinyskin",))
    return folder


@pytest.fixture
def plan(tmp_path, wheels):
    contents = Contents(("tinyskin==1.0",), "tinytorch==1.0", CHECK)
    build = Build("CPU", "", "cpu", 0.001, 0.001)
    return Plan(tmp_path / "runtime", build, BASE, Sources(wheel_folder=str(wheels)), 10**12, contents)


def refusal(plan: Plan, **options) -> GantlitzError:
    with pytest.raises(GantlitzError) as caught:
        Installation(plan, **options).run()
    assert caught.value.sentence and caught.value.fix, "one sentence of what is wrong, and one of what to do"
    return caught.value


def wait_for(condition, seconds=60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def test_a_runtime_is_made_tried_out_found_and_removed(plan, tmp_path):
    called = []
    installation = Installation(plan, around=lambda: called.append(state_of(plan.folder)))
    checked = installation.run()
    assert checked.torch == "1.0" and installation.fraction == 1 and installation.text == "Ready"
    assert state_of(plan.folder) == "ready" and called == ["unfinished", "ready"]
    assert sorted(path.name for path in plan.folder.iterdir()) == ["env", MARKER, LOG, "lock"], "nothing is left lying about"
    # Another Blender, with nothing set, finds it, and a chosen folder elsewhere is the usual one from now on.
    assert installed_python() == python_in(plan.folder) == python_finder.locate_python("")
    assert runtime_folder() == plan.folder
    assert python_finder.locate_python(sys.executable) == Path(sys.executable), "a Python that was chosen has priority"
    (plan.folder / "mine.txt").write_text("the artist's")
    remove(plan.folder)
    assert [path.name for path in plan.folder.iterdir()] == ["mine.txt"]
    assert installed_python() is None and runtime_folder() == installer_place.data_folder() / "runtime"


def test_a_chosen_folder_with_other_things_gets_one_inside(tmp_path, plan):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    assert runtime_folder(str(tmp_path / "full")) == tmp_path / "full" / "gantlitz-runtime"
    assert runtime_folder(str(tmp_path / "new")) == tmp_path / "new"
    with pytest.raises(GantlitzError, match="holds other files"):
        claim(tmp_path / "full")
    with pytest.raises(GantlitzError, match="no runtime that this add-on made"):
        remove(tmp_path / "full")
    assert (tmp_path / "full" / "thesis.txt").exists()


def test_a_cancel_ends_it_with_its_programs_and_it_can_be_done_again(plan, wheels):
    write_wheel(wheels, "tinytorch", source="import time; WORKS = True; time.sleep(60)", needs=("tinyskin",))
    installation = Installation(plan)
    installation.start()
    wait_for(lambda: installation.text.startswith("Trying it out"))
    begun = time.monotonic()
    installation.cancel()
    wait_for(lambda: installation.finished)
    assert time.monotonic() - begun < 1
    assert isinstance(installation.error, Cancelled) and state_of(plan.folder) == "unfinished"
    assert installed_python() is None and not processes_of(plan.folder)
    write_wheel(wheels, "tinytorch", source="WORKS = True")
    assert Installation(plan).run() and state_of(plan.folder) == "ready"


@POSIX_ONLY
@pytest.mark.parametrize(
    "moment",
    ["Looking for", *(pytest.param(moment, marks=pytest.mark.slow) for moment in ("Making an environment", "Trying it out"))],
)
def test_killed_at_any_step_it_is_unfinished_and_the_next_one_completes_it(plan, wheels, moment):
    write_wheel(wheels, "tinytorch", source="import time; WORKS = True; time.sleep(5)", needs=("tinyskin",))
    program = textwrap.dedent(f"""
        from pathlib import Path
        from tests.test_installer import BASE, CHECK, Build, Contents, Installation, Plan, Sources
        plan = Plan(Path({str(plan.folder)!r}), Build("CPU", "", "cpu", 0.001, 0.001), BASE,
                    Sources(wheel_folder={str(wheels)!r}), None, Contents(("tinyskin==1.0",), "tinytorch==1.0", CHECK))
        installation = Installation(plan)
        installation.start()
        while not installation.finished:
            print(installation.text, flush=True)
        """)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(moment):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert state_of(plan.folder) == "unfinished" and installed_python() is None
    # A program of the killed one may still write there: the next installation says so rather than mix with it.
    write_wheel(wheels, "tinytorch", source="WORKS = True")
    wait_for(lambda: installs(plan))
    assert state_of(plan.folder) == "ready"


@POSIX_ONLY
def test_while_one_installs_another_is_told_to_wait(plan):
    claim(plan.folder)
    with installer_place.locked(plan.folder):
        assert refusal(plan).code == "busy"


def test_a_runtime_that_does_not_work_is_not_ready_and_a_repair_mends_it(plan, wheels):
    write_wheel(wheels, "tinytorch", source="raise ImportError('libtorch.so is cut off')")
    said = refusal(plan)
    assert "libtorch.so is cut off" in said.sentence and "Repair" in said.fix and state_of(plan.folder) == "unfinished"
    write_wheel(wheels, "tinytorch", source="WORKS = True")
    assert Installation(plan, fresh=True).run()


def test_a_truncated_wheel_is_named(plan, wheels):
    (wheel,) = wheels.glob("tinytorch*")
    wheel.write_bytes(wheel.read_bytes()[:300])
    said = refusal(plan)
    assert said.code == "damaged" and wheel.name in said.sentence


def test_a_runtime_whose_files_went_missing_is_found_broken(plan, monkeypatch):
    Installation(plan).run()
    with pytest.raises(GantlitzError, match="cannot import torch") as caught:  # the tiny one has none of the real packages
        python_finder.find_python("")
    assert caught.value.code == "no-runtime" and "Press Repair" in caught.value.fix
    python_in(plan.folder).unlink()
    assert state_of(plan.folder) == "broken"
    with pytest.raises(GantlitzError, match="is gone") as caught:
        python_finder.locate_python("")
    assert "Press Repair" in caught.value.fix
    (plan.folder / MARKER).write_text('{"ready": tr')
    assert state_of(plan.folder) == "unfinished", "a marker that was cut off"


def test_a_wheel_that_is_missing_is_named(plan, wheels):
    next(wheels.glob("tinyskin*")).unlink()
    said = refusal(plan)
    assert said.code == "no-package" and "tinyskin" in said.sentence and str(wheels) in said.sentence
    next(wheels.glob("tinytorch*")).unlink()
    assert "holds no wheels" in refusal(plan).sentence


def test_too_little_room_is_said_before_anything_is_done(plan):
    said = refusal(replace(plan, build=Build("CUDA", "", "cuda", 2.5, 6.0), free=3 * 10**9))
    assert said.code == "disk-full" and "6.0 GB" in said.sentence and "3.0 GB" in said.sentence
    assert not plan.folder.exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_named(plan, tmp_path):
    (tmp_path / "theirs").mkdir(mode=0o500)
    assert refusal(replace(plan, folder=tmp_path / "theirs" / "runtime")).code == "no-access"


def test_a_folder_that_cannot_be_made_is_named(plan, tmp_path):
    (tmp_path / "file").touch()
    said = refusal(replace(plan, folder=tmp_path / "file" / "runtime"))
    assert said.code == "no-access" and str(tmp_path / "file" / "runtime") in said.sentence


def test_a_proxy_that_is_not_there_is_one_clear_sentence_without_its_password(plan, monkeypatch):
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_FIND_LINKS", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    sources = Sources(index_url="https://packages.invalid/simple", proxy="http://anna:secret@127.0.0.1:9")
    said = refusal(replace(plan, sources=sources))
    assert said.code == "no-proxy" and "127.0.0.1:9" in said.sentence and "secret" not in str(said)


def test_the_base_is_a_python_that_can_make_environments():
    base = find_base()
    assert base.version >= (3, 11) and base.path.exists() and str(base.path) in base.describe()


def real_sources() -> Sources:
    """Where the real packages are: $GANTLITZ_WHEELS (a folder, from "pip download -r requirements.txt"), else $GANTLITZ_INDEX
    (a mirror), else the indexes that an artist's Install takes. The test is skipped where those cannot be reached.
    """
    if folder := os.environ.get("GANTLITZ_WHEELS"):
        return Sources(wheel_folder=folder)
    if mirror := os.environ.get("GANTLITZ_INDEX"):
        return Sources(index_url=mirror)
    try:
        socket.getaddrinfo("download.pytorch.org", 443)
    except OSError:
        pytest.skip("download.pytorch.org cannot be reached: set GANTLITZ_INDEX or GANTLITZ_WHEELS")
    return Sources()


def diagnosis() -> dict[str, Finding]:
    """The doctor's lines by what they are about, for the installed runtime."""
    python_finder.forget()
    return {finding.about: finding for finding in examine(Subject())}


@pytest.mark.slow
def test_the_real_torch_installs_breaks_is_diagnosed_and_repaired(tmp_path):
    """As an artist's: everything that packages.py pins, with torch for the processor, and a face made by it."""
    plan = make_plan(str(tmp_path / "runtime"), "CPU", real_sources())
    checked = Installation(plan).run()
    assert checked.torch.startswith("2.13.0") and checked.device == "cpu"
    assert python_finder.find_python("") == python_in(plan.folder)
    well = diagnosis()
    assert well["torch"].good and well["Worker"].good and well["Model"].good, report([*well.values()])
    functional = next(plan.folder.glob("env/**/torch/functional.py"))
    functional.unlink()
    broken = diagnosis()["torch"]
    assert broken.good is False and "Repair" in broken.fix and "torch" in broken.text, broken
    with pytest.raises(GantlitzError, match="cannot import torch") as caught:
        python_finder.find_python("")
    assert "Press Repair" in caught.value.fix
    Installation(plan, fresh=True).run()
    repaired = diagnosis()
    assert functional.exists() and repaired["torch"].good and repaired["Model"].good, report([*repaired.values()])


def installs(plan: Plan) -> bool:
    """Whether an installation succeeds; False while another one's programs are at it."""
    try:
        return bool(Installation(plan).run())
    except GantlitzError as error:
        assert error.code == "busy", error
        return False


def processes_of(folder: Path) -> list[str]:
    """The commands of the programs that run from there."""
    commands = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in command and "tests.test_installer" not in command:
            commands.append(command)
    return commands


def test_the_marker_says_what_was_made(plan):
    Installation(plan).run()
    assert installer_place.read_marker(plan.folder) == Marker(True, "CPU", "1.0", "cpu", sys.executable, False)
