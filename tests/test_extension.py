"""The extension's zip in real Blender: 4.5 in `make test`; 4.2, 5.0 and 5.2 in `make test-all`.

What is checked is in tests/blender/checks_*.py. check_extension.py runs them inside Blender, once per version; here each
of them becomes a test.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "tests" / "blender" / "check_extension.py"
BUILD = ROOT / "build"
# Blender -> Python it is made for, packages. 4.5 is in .venv itself.
OTHER_BLENDERS = {
    "4.2": ("3.11", ("bpy==4.2.23", "numpy==1.26.4")),
    "5.0": ("3.11", ("bpy==5.0.1", "numpy==1.26.4")),
    "5.2": ("3.13", ("bpy==5.2.3",)),
}
SECONDS_MAX = 1500  # every check of one Blender, on a busy machine


def checks() -> list[str]:
    """The names of the checks, read from their files without running them: they need Blender."""
    files = sorted(SCRIPT.parent.glob("checks_*.py"))
    functions = [node for file in files for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
    names = [f.name for f in functions if any(isinstance(d, ast.Name) and d.id == "check" for d in f.decorator_list)]
    return [*names, "finished"]


@pytest.fixture(scope="session")
def extension_zip(tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, ROOT / "tools" / "build_extension.py", "--output", output], check=True)
    (built,) = output.glob("*.zip")
    return built


@pytest.fixture(scope="session")
def report(extension_zip, tiny_model_path, slow_model_path, tmp_path_factory):
    """report(version) -> {check: "ok" or traceback}, from one run of Blender for each version."""

    @cache
    def run(version: str) -> dict[str, str]:
        folder = tmp_path_factory.mktemp(f"blender-{version}")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GANTLITZ"))}
        environment |= {"BLENDER_USER_RESOURCES": str(folder / "resources"), "HOME": str(folder)}
        arguments = {
            "zip": extension_zip,
            "model": tiny_model_path,
            "slow-model": slow_model_path,
            "python": sys.executable,
            "folder": folder / "checks",
            "report": folder / "report.json",
        }
        command = [blender_python(version), str(SCRIPT), *(str(x) for k, v in arguments.items() for x in (f"--{k}", v))]
        with open(folder / "log.txt", "w") as log:
            done = subprocess.run(command, env=environment, stdout=log, stderr=log, timeout=SECONDS_MAX, cwd=folder)
        said = (folder / "log.txt").read_text()[-3000:]
        found = json.loads((folder / "report.json").read_text()) if (folder / "report.json").exists() else {}
        found.setdefault("finished", f"Blender ended early ({done.returncode}):\n{said}")
        if done.returncode:
            found["finished"] = f"Blender ended with {done.returncode}:\n{said}"
        return found

    return run


def blender_python(version: str) -> str:
    """A Python with that Blender in it; made under build/ when it is asked for first."""
    if version == "4.5":
        return sys.executable
    python_version, packages = OTHER_BLENDERS[version]
    folder = BUILD / f"blender-{version}"
    if not (folder / ".ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([find_python(python_version), "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *packages], check=True)
        (folder / ".ready").touch()
    return str(folder / "bin" / "python")


def find_python(version: str) -> str:
    """python<version> from the path, or one that pyenv has installed; the test is skipped where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [shutil.which(f"python{version}"), *sorted(map(str, pyenv.glob(f"{version}.*/bin/python")), reverse=True)]
    for candidate in filter(None, named):
        # A pyenv shim exists for every version that any of its Pythons has, whether it is switched on or not.
        if subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
            return candidate
    pytest.skip(f"no Python {version} here, which this Blender needs")


@pytest.mark.parametrize("name", checks())
def test_blender_45(report, name):
    verify(report("4.5"), name)


@pytest.mark.slow
@pytest.mark.parametrize("name", checks())
@pytest.mark.parametrize("version", OTHER_BLENDERS)
def test_other_blenders(report, version, name):
    verify(report(version), name)


def verify(found: dict[str, str], name: str) -> None:
    if found.get(name) != "ok":
        pytest.fail(found.get(name, f"not reached: {found['finished']}"), pytrace=False)


def test_zip_holds_what_blender_needs_and_no_more(extension_zip):
    names = set(zipfile.ZipFile(extension_zip).namelist())
    assert {"__init__.py", "blender_manifest.toml", "LICENSE", "runtime/worker.py", "operators/sample.py"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".", "tests", "trainer"))]


def test_versions_agree():
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert manifest["version"] == project["project"]["version"]
    assert f"## {manifest['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_importing_needs_no_blender_and_no_torch():
    code = (
        "import sys; sys.modules['bpy'] = None; import gantlitz_blender.job; "
        "assert not {'torch', 'cv2', 'OpenEXR'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
