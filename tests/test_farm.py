"""The farms' scripts: the Flamenco job type as its manager runs it, and the Slurm array with its variables set by hand."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import quickjs

from gantlitz_blender.runtime.batch.manifest import read_manifest
from gantlitz_blender.runtime.commands.parser import build_parser
from tests.test_batch import hashes

FARM = Path(__file__).resolve().parents[1] / "farm"
FLAMENCO = (FARM / "flamenco" / "gantlitz_batch.js").read_text()
# What the manager gives a script: author.Task(name, type), task.addCommand, task.addDependency, author.Command(name, parameters),
# job.settings and job.addTask. Names and types are required, as there.
MANAGER = """
function Task(name, type) {
    if (!name.trim() || !type.trim()) throw "name and type are required";
    this.name = name.trim(); this.type = type.trim(); this.commands = []; this.dependencies = [];
}
Task.prototype.addCommand = function (command) { this.commands.push(command); };
Task.prototype.addDependency = function (task) { this.dependencies.push(task.name); };
const author = {
    Task: (name, type) => new Task(name, type),
    Command: (name, parameters) => ({ name: name, parameters: parameters }),
};
const tasks = [];
const job = { name: "faces", settings: JSON.parse(given), addTask: (task) => tasks.push(task) };
"""
# AvailableJobSetting of the manager's API.
FIELDS = {
    *("key", "type", "subtype", "choices", "propargs", "description", "label"),
    *("default", "eval", "evalInfo", "visible", "required", "editable"),
}
TYPES = {"string": str, "int32": int, "float": float, "bool": bool}
SUBTYPES = {"file_path", "dir_path", "file_name", "hashed_file_path"}
VISIBLE = {"visible", "hidden", "submission", "web"}


def defaults() -> dict:
    """The settings as the form has them when only what is required was filled in."""
    found = {setting["key"]: setting["default"] for setting in job_type()["settings"] if "default" in setting}
    return {**found, "job_file": "/shared/my job.json", "outdir": "/shared/maps"}


def job_type() -> dict:
    context = quickjs.Context()
    context.eval(FLAMENCO)
    return json.loads(context.eval("JSON.stringify(JOB_TYPE)"))


def compiled(**settings) -> list[dict]:
    context = quickjs.Context()
    context.set("given", json.dumps({**defaults(), **settings}))
    context.eval(MANAGER + FLAMENCO + "\ncompileJob(job);")
    return json.loads(context.eval("JSON.stringify(tasks)"))


# Flamenco


def test_the_settings_form_is_one_that_the_manager_knows():
    found = job_type()
    assert found["label"] and len({setting["key"] for setting in found["settings"]}) == len(found["settings"])
    for setting in found["settings"]:
        assert set(setting) <= FIELDS and re.fullmatch("[a-z_]+", setting["key"])
        assert type(setting.get("default", TYPES[setting["type"]]())) is TYPES[setting["type"]]
        assert setting.get("subtype", "file_path") in SUBTYPES and setting.get("visible", "visible") in VISIBLE
        assert setting["description"]
        if "choices" in setting:
            assert setting["type"] == "string" and setting["default"] in setting["choices"]
        if "eval" in setting:
            compile(setting["eval"], setting["key"], "eval")  # Python, evaluated in Blender


def test_a_job_becomes_a_task_for_each_shard_and_one_that_looks_at_the_whole():
    *shards, whole = compiled(shards=3, processes=2, device="cpu")
    assert [task["name"] for task in shards] == ["shard-1-of-3", "shard-2-of-3", "shard-3-of-3"]
    assert whole["dependencies"] == [task["name"] for task in shards] and not any(task["dependencies"] for task in shards)
    assert {task["type"] for task in [*shards, whole]} == {"blender"}
    for n, task in enumerate([*shards, whole], 1):
        (command,) = task["commands"]
        given = command["parameters"]
        assert command["name"] == "blender-render" and (given["exe"], given["blendfile"]) == ("{blender}", "")
        assert given["args"][:2] == ["--command", "gantlitz"] and all(isinstance(word, str) for word in given["args"])
        options = build_parser().parse_args(given["args"][2:])  # as Blender will read it
        assert (str(options.job), str(options.outdir)) == ("/shared/my job.json", "/shared/maps")
        assert options.shard == ((n, 3) if n <= 3 else (1, 1)) and (options.jobs, options.device) == (2, "cpu")


def test_the_choices_are_those_of_the_command_line():
    for task in compiled(add=True):
        assert build_parser().parse_args(task["commands"][0]["parameters"]["args"][2:]).add
    devices = next(setting["choices"] for setting in job_type()["settings"] if setting["key"] == "device")
    for device in devices:
        words = compiled(device=device)[0]["commands"][0]["parameters"]["args"][2:]
        assert build_parser().parse_args(words).device == (None if device.startswith("as the job") else device)
    assert build_parser().parse_args(compiled()[0]["commands"][0]["parameters"]["args"][2:]).device is None


@pytest.mark.parametrize("bad", [{"shards": 0}, {"shards": 1.5}, {"job_file": ""}, {"outdir": ""}])
def test_a_job_that_cannot_be_is_refused_at_submission(bad):
    with pytest.raises(quickjs.JSException, match="GANtlitz batch"):
        compiled(**bad)


# Slurm

SLURM = FARM / "slurm" / "gantlitz_array.sh"


def slurm(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SLURM")}
    where = {"OUTDIR": str(tmp_path / "out"), "JOB": str(tmp_path / "job.json")}
    environment |= {"GANTLITZ_PYTHON": sys.executable, **where, **variables}
    return subprocess.run(["bash", str(SLURM)], env=environment, capture_output=True, text=True)


@pytest.fixture
def job(tiny_model_path, tmp_path) -> Path:
    content = {"level": 3, "device": "cpu", "model": str(tiny_model_path), "jobs": [{"do": "sample", "seeds": "0-4"}]}
    (tmp_path / "job.json").write_text(json.dumps(content))
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="bash")
def test_the_array_is_a_bash_script():
    assert subprocess.run(["bash", "-n", str(SLURM)]).returncode == 0
    assert os.access(SLURM, os.X_OK)


@pytest.mark.skipif(sys.platform == "win32", reason="bash")
def test_the_tasks_of_an_array_make_the_whole(job):
    for task in ("0", "1"):  # an array that begins at 0
        done = slurm(job, SLURM_ARRAY_TASK_ID=task, SLURM_ARRAY_TASK_MIN="0", SLURM_ARRAY_TASK_COUNT="2", SLURM_CPUS_PER_TASK="1")
        assert done.returncode == 0, done.stderr
    assert len(read_manifest(job / "out")) == 5
    before = hashes(job / "out")
    (job / "out" / "seed0003_normal.png").unlink()
    # One part is submitted again by itself: the array is then of one task, and SHARDS says of how many it is.
    again = slurm(job, SLURM_ARRAY_TASK_ID="2", SLURM_ARRAY_TASK_MIN="2", SLURM_ARRAY_TASK_COUNT="1", SHARDS="2")
    assert again.returncode == 0 and "1 made, 1 were there" in again.stdout
    assert hashes(job / "out") == before


@pytest.mark.skipif(sys.platform == "win32", reason="bash")
@pytest.mark.parametrize(("missing", "said"), [("JOB", "which job file"), ("SLURM_ARRAY_TASK_ID", "as an array")])
def test_what_is_missing_is_said(job, missing, said):
    variables = {"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "1", missing: ""}
    done = slurm(job, **variables)
    assert done.returncode != 0 and said in done.stderr
