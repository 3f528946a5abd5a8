"""``doctor`` on the command line: text or JSON, and an exit code that tells."""

import json
import sys

import pytest

from gantlitz_blender.runtime.commands import FAILED, OK, main


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))


def test_a_healthy_computer_is_told_line_by_line(tiny_model_path, tmp_path, capsys):
    assert main(["doctor", "--model", str(tiny_model_path), "--outdir", str(tmp_path)]) == OK
    said = capsys.readouterr().out
    assert "ok   torch:" in said and "ok   Worker:" in said and "FIX" not in said and "Disk for the maps" in said


def test_what_needs_a_fix_ends_with_1_and_is_told_as_json(tmp_path, capsys):
    assert main(["doctor", "--json", "--python", str(tmp_path / "none"), "--model", str(tmp_path / "gone.safetensors")]) == FAILED
    said = json.loads(capsys.readouterr().out)
    bad = {finding["about"]: finding for finding in said["findings"] if finding["good"] is False}
    assert said["good"] is False and set(bad) >= {"Python", "Model file"}
    assert "gone.safetensors" in bad["Model file"]["text"] and bad["Model file"]["fix"]


def test_without_blender_the_python_that_runs_it_is_looked_at(monkeypatch, capsys):
    import gantlitz_blender.doctor_command as command

    seen = []
    monkeypatch.setattr(command, "examine", lambda subject, _: seen.append(subject) or [])
    assert main(["doctor"]) == OK and seen[0].python == sys.executable
