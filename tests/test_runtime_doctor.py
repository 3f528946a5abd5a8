"""The doctor of the runtime: each line good, or with its fix, and a report that can be sent to anybody."""

import sys
import threading
from pathlib import Path

import pytest

from gantlitz_blender.doctor import Finding, Subject, addon_version, examine, report, without_private
from gantlitz_blender.python_finder import VARIABLE


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)


def test_a_healthy_computer_has_no_fix(tiny_model_path, tmp_path):
    told = []
    findings = examine(Subject(sys.executable, str(tiny_model_path), str(tmp_path), True, (("Blender", "4.5"),)), told.append)
    assert told == findings and not [finding for finding in findings if finding.good is False], report(findings)
    assert {"Python", "torch", "Worker", "Model", "Memory", "Disk for the maps"} <= {f.about for f in findings if f.good}
    assert "Blender 4.5" in report(findings)


def test_without_a_runtime_the_fix_is_the_install_button():
    findings = {finding.about: finding for finding in examine(Subject(online=False))}
    assert findings["Python"].good is False and "Install" in findings["Python"].fix
    assert "Allow Online Access" in findings["Online access"].fix and "Worker" not in findings


def test_a_macs_graphics_are_found_and_said_to_be_unused(monkeypatch):
    monkeypatch.setattr("gantlitz_blender.doctor.apple_silicon", lambda: True)
    monkeypatch.setattr("gantlitz_blender.doctor.nvidia_card", lambda: None)
    ended = threading.Event()
    findings = examine(Subject(), lambda finding: finding.about == "Graphics driver" and ended.set(), ended)
    assert findings[-1].good is None and "not used: sampling runs on the processor" in findings[-1].text


def test_a_model_that_is_missing_is_named(tmp_path):
    findings = {f.about: f for f in examine(Subject(model=str(tmp_path / "none.safetensors")))}
    assert findings["Model file"].good is False and "none.safetensors" in findings["Model file"].text


def test_the_report_hides_home_and_passwords():
    home = str(Path.home())
    said = without_private(f"{home}/maps and {home}er, http://anna:secret@proxy:80")
    assert said == f"~/maps and {home}er, http://proxy:80"
    assert report([Finding("Disk", False, f"{home}/x is full", "Make room.")]) == "FIX  Disk: ~/x is full\n      -> Make room."


def test_the_version_is_the_manifests():
    assert addon_version()[0].isdigit()
