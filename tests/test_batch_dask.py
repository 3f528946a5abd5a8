"""A batch by the workers of a Dask cluster: what one process makes, whoever dies meanwhile."""

import os
import signal
import subprocess
import sys

import pytest
from distributed import LocalCluster

from gantlitz_blender.runtime.batch.manifest import read_manifest
from gantlitz_blender.runtime.commands import FAILED, OK, main
from tests.test_batch import ROOT, files, hashes, same, started

SMALL = ("--level", "3", "--device", "cpu", "--threads", "1")


@pytest.fixture(scope="module")
def cluster():
    """Two workers, in processes that are replaced when they die."""
    os.environ["PYTHONPATH"] = str(ROOT)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        yield made
    del os.environ["PYTHONPATH"]


def test_a_cluster_makes_what_one_process_does(cluster, tiny_model_path, tmp_path):
    call = ["sample", "--seeds", "0-3", "--model", str(tiny_model_path), *SMALL]
    assert main([*call, "--outdir", str(tmp_path / "one")]) == OK
    assert main([*call, "--outdir", str(tmp_path / "many"), "--dask", cluster.scheduler_address]) == OK
    same(tmp_path / "many", tmp_path / "one")
    before = (tmp_path / "many" / "seed0002_albedo.png").stat().st_mtime_ns
    assert main([*call, "--outdir", str(tmp_path / "many"), "--dask", cluster.scheduler_address]) == OK
    assert (tmp_path / "many" / "seed0002_albedo.png").stat().st_mtime_ns == before


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_worker_loses_and_doubles_nothing(cluster, slow_model_path, tmp_path):
    call = ["--seeds", "0-7", *SMALL]
    process = started(tmp_path / "whole", slow_model_path, *call)
    assert process.communicate()[1] == "" and process.returncode == OK
    process = started(tmp_path / "killed", slow_model_path, *call, "--dask", cluster.scheduler_address)
    assert process.stdout is not None
    for n in range(2):  # one after the other
        process.stdout.readline()
        os.kill(cluster.workers[n].pid, signal.SIGKILL)
    said = process.communicate(timeout=240)
    assert process.returncode == OK, said
    same(tmp_path / "killed", tmp_path / "whole")
    assert len(hashes(tmp_path / "killed")) == 8 and len(files(tmp_path / "killed")) == 8 * 5


def test_a_scan_that_is_corrupt_is_skipped_on_a_cluster_too(cluster, tiny_model_path, completer_path, scans, tmp_path):
    models = ["--model", str(tiny_model_path), "--completer", str(completer_path), "--device", "cpu"]
    call = ["complete", str(scans), "--outdir", str(tmp_path / "out"), *models, "--dask", cluster.scheduler_address]
    assert main(call) == FAILED
    assert {name: entry["state"] for name, entry in read_manifest(tmp_path / "out").items()} == {
        "anna": "done", "ben": "failed", "cleo": "done",
    }  # fmt: skip


def test_workers_that_cannot_import_the_package_are_told_of_and_not_waited_for(tiny_model_path, tmp_path, capsys):
    call = ["sample", "--seeds", "0", "--model", str(tiny_model_path), *SMALL, "--outdir", str(tmp_path / "out")]
    with LocalCluster(n_workers=0, dashboard_address=None) as empty:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", empty.scheduler_address, "--no-dashboard", "--no-nanny"]
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        worker = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
        try:
            assert main([*call, "--dask", empty.scheduler_address]) == FAILED
        finally:
            worker.terminate()
            worker.wait()
    assert "A worker cannot import it" in capsys.readouterr().err


def test_an_address_where_nobody_answers_is_said(tiny_model_path, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gantlitz_blender.runtime.batch.dask_workers.PATIENCE", 1)
    call = ["sample", "--seeds", "0", "--model", str(tiny_model_path), *SMALL, "--outdir", str(tmp_path / "out")]
    assert main([*call, "--dask", "tcp://127.0.0.1:9"]) == FAILED
    assert "no Dask scheduler at tcp://127.0.0.1:9" in capsys.readouterr().err
