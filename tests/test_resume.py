"""Runs that are killed, stopped or starved, and go on: real processes, real signals."""

import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
import torch

from tests.tiny_run import CONFIG, command, make_store
from trainer.state import last_state, read_counters, read_tensors

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["trainer.training_loop", "trainer.samples", "trainer.__main__", "tests.tiny_run", "torch._dynamo"])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("store") / "store").folder


def start(store: Path, run: Path, *more: str) -> multiprocessing.process.BaseProcess:
    process = CONTEXT.Process(target=command, args=(store, run, *more))
    process.start()
    return process


def finish(store: Path, run: Path, *more: str) -> int | None:
    process = start(store, run, *more)
    process.join(60)
    return process.exitcode


def wait_for(run: Path, pattern: str, process: multiprocessing.process.BaseProcess) -> None:
    """Until a file of the run is there, or the process has ended."""
    while process.is_alive() and not any(run.glob(pattern)):
        time.sleep(0.001)


@pytest.fixture(scope="module")
def uninterrupted(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("once") / "run"
    assert finish(store, run) == 0, run.with_suffix(".txt").read_text()
    return run


def steps_of(run: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_run_that_is_killed_again_and_again_ends_bit_identical(store: Path, uninterrupted: Path, tmp_path: Path) -> None:
    run, rng, kills = tmp_path / "run", random.Random(0), 0
    for attempt in range(4):
        process = start(store, run)
        if attempt % 2:  # in the middle of a save
            wait_for(run, "states/.part/*", process)
            time.sleep(rng.uniform(0, 0.01))
        else:  # at some moment of training
            wait_for(run, "config.json", process)
            time.sleep(rng.uniform(0.5, 2))
        process.kill()
        process.join()
        kills += process.exitcode == -signal.SIGKILL
    assert kills >= 2, "else the run was over too soon to say anything"
    assert finish(store, run) == 0, run.with_suffix(".txt").read_text()
    once, killed = read_tensors(last_state(uninterrupted)), read_tensors(last_state(run))
    assert once.keys() == killed.keys()
    for name, tensors in once.items():
        for key, tensor in tensors.items():
            assert torch.equal(tensor, killed[name][key]), f"{name} {key}"
    assert steps_of(run) == steps_of(uninterrupted) == list(range(1, CONFIG.steps + 1)), "no step doubled, none missing"


def test_ctrl_c_finishes_the_step_saves_and_says_how_to_go_on(store: Path, uninterrupted: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = start(store, run, "--set", "steps=100000", "--set", "snapshot_every=100000")
    wait_for(run, "config.json", process)
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGINT)
    process.join(30)
    assert process.exitcode == 130
    step = read_counters(last_state(run))["step"]
    assert 0 < step < 100000 and steps_of(run) == list(range(1, step + 1))
    assert "run the same command again" in run.with_suffix(".txt").read_text()


def test_a_run_that_breaks_down_stops_and_keeps_its_last_good_state(store: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert finish(store, run, "--set", "steps=3") == 0
    assert finish(store, run, "--set", "lr_g=1e30") == 1
    said = run.with_suffix(".txt").read_text()
    assert "steps: 3 -> 15" in said and "lr_g: 0.002 -> 1e+30" in said, "what is new is named"
    assert "broke down" in said and f"the last good state is {run / 'states' / '000003'}" in said
    assert last_state(run).name == "000003"
    assert all(json.loads(line)["g"] < 1e30 for line in (run / "log.jsonl").read_text().splitlines())
    assert finish(store, run) == 0 and steps_of(run) == list(range(1, CONFIG.steps + 1)), "and goes on from there"
