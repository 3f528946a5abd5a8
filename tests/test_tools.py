"""The tools that run before anything is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent / "tools"


@pytest.fixture
def system_libraries(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    import system_libraries

    return system_libraries


def test_this_machine_has_what_blender_needs(system_libraries):
    assert system_libraries.missing() == {}


def test_missing_libraries_are_named_in_one_message(system_libraries, monkeypatch):
    monkeypatch.setattr(system_libraries, "NEEDED", {"libc.so.6": "libc6", "libnone.so.1": "libnone1"})
    monkeypatch.setattr(sys, "argv", ["system_libraries.py"])
    with pytest.raises(SystemExit, match=r"missing here: libnone\.so\.1\.\n.*apt-get install .* libnone1$"):
        system_libraries.main()


@pytest.fixture
def clear(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    from demo import clear

    return clear


def test_the_demo_replaces_what_a_demo_made(clear, tmp_path):
    (tmp_path / "maps").mkdir()
    for name in ("face.blend", "render.png", "maps/face_seed0007_albedo.png"):
        (tmp_path / name).touch()
    clear(tmp_path)
    clear(tmp_path)
    assert not list(tmp_path.iterdir())
    clear(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").is_dir()


@pytest.mark.parametrize("name", ["thesis.odt", "maps/painted.png", "maps/more/face_seed0007_albedo.png", "me/face.blend"])
def test_the_demo_removes_nothing_else(clear, tmp_path, name):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    (tmp_path / "face.blend").touch()
    with pytest.raises(SystemExit, match="Choose another folder"):
        clear(tmp_path)
    assert (tmp_path / name).exists() and (tmp_path / "face.blend").exists()
    with pytest.raises(SystemExit, match="is a file"):
        clear(tmp_path / name)


def test_setup_refuses_another_python():
    code = (
        "import sys, runpy; sys.version_info = (3, 9, 1); del sys.argv[0]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(TOOLS / "setup_environment.py")], capture_output=True, text=True
    )
    assert done.returncode == 1 and "Python 3.11 is needed" in done.stderr
