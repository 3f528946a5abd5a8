"""A command line beside a window: what it says, how it is asked to end, and that nobody waits for it."""

import subprocess
import sys
import time

import pytest

from gantlitz_blender import command_process
from gantlitz_blender.command_run import CommandRun, words_of

WAITS = "import os\nwhile os.read(0, 99): pass\nprint('whole')\nraise SystemExit(130)"


def run(script: str) -> CommandRun:
    return CommandRun([sys.executable, "-c", script], {})


def ended(running: CommandRun, seconds: float = 30) -> int | None:
    deadline = time.monotonic() + seconds
    while running.code is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return running.code


def saying(text: str) -> CommandRun:
    running = run(f"import sys; sys.stderr.write({text!r}); sys.exit(1)")
    assert ended(running) == 1
    return running


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("error: The disk is full.\n", "The disk is full."),
        ("usage: prog sample [-h]\n  [--seeds LIST]\nprog sample: error: seeds must rise\n", "seeds must rise"),
        ("2 of 3 failed:\n  ben: It is corrupt.\nThe same command tries again.\n", "ben: It is corrupt."),
        ("  Traceback\nIt is over.\n", "It is over."),
    ],
)
def test_the_problem_is_a_sentence_and_no_piece_of_usage(said, problem):
    assert saying(said).problem() == problem


def test_asked_to_end_it_finishes_first_and_asked_again_it_is_ended():
    running = run(WAITS)
    assert running.code is None
    running.stop()
    assert ended(running) == 130 and running.said() == "whole"
    deaf = run("import time; time.sleep(60)")
    deaf.stop()
    time.sleep(0.2)
    assert deaf.code is None
    deaf.stop()
    assert ended(deaf) not in (None, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="sleep")
def test_a_grandchild_that_holds_the_pipes_holds_up_nobody():
    running = run("import subprocess; subprocess.Popen(['sleep', '4'])")
    while running._process.poll() is None:
        time.sleep(0.02)
    start = time.perf_counter()
    for _ in range(10):
        _ = running.code
    assert time.perf_counter() - start < 0.2


def test_on_windows_a_backslash_belongs_to_the_path():
    assert words_of(r'--model "C:\my models\a.safetensors" --level 2', windows=True) == [
        "--model", r"C:\my models\a.safetensors", "--level", "2",
    ]  # fmt: skip
    assert words_of(r"a\ b #c", windows=False) == ["a b", "#c"]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM ends a process at once there")
def test_a_process_that_runs_the_runtime_ends_it_cleanly_before_itself(tmp_path):
    start = tmp_path / "start.py"
    start.write_text(f"print('begun', flush=True)\n{WAITS}")
    parent = (
        "import sys; from pathlib import Path; from gantlitz_blender import command_process as c; "
        f"c.START = Path({str(start)!r}); sys.exit(c.run_in_runtime([], sys.executable, 'x'))"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    process.terminate()
    assert process.communicate(timeout=30)[0] == "whole\n" and process.returncode == 130


def test_the_preferences_model_is_used_wherever_none_is_named(tmp_path, capsys):
    (tmp_path / "own.json").write_text('{"model": "own.safetensors", "jobs": []}')
    (tmp_path / "none.json").write_text('{"jobs": []}')
    seen = []
    here = dict.fromkeys(("sample", "batch", "info", "doctor"), lambda options: seen.append(str(options.model)) or 0)
    out = ["--outdir", str(tmp_path)]
    for words in (["sample", "--seeds", "1", *out], ["batch", str(tmp_path / "none.json"), *out], ["info"], ["doctor"],
                  ["sample", "--seeds", "1", "--model", "b", *out], ["batch", str(tmp_path / "own.json"), *out]):  # fmt: skip
        assert command_process.run(words, None, "x", here, "a") == 0
    assert seen == ["a", "a", "a", "a", "b", "None"]
    assert command_process.run(["sample", "--seeds", "1", "--dask", "local:2", *out], None, "x", here) == 2
    assert "--dask is not for Blender" in capsys.readouterr().err
