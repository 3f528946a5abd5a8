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


def test_setup_refuses_another_python():
    code = (
        "import sys, runpy; sys.version_info = (3, 9, 1); del sys.argv[0]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(TOOLS / "setup_environment.py")], capture_output=True, text=True
    )
    assert done.returncode == 1 and "Python 3.11 is needed" in done.stderr
