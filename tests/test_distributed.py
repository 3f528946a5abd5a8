"""Two processes with half of the places each do what one does with all of them."""

import json
import multiprocessing
import os
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gantlitz_blender.runtime.errors import GantlitzError
from tests.tiny_run import CONFIG, command, make_store
from trainer import distributed
from trainer.distributed import Ranks, join, leave
from trainer.state import last_state, read_tensors
from trainer.store import Store
from trainer.trainer import Trainer
from trainer.training_loop import train

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.tiny_run", "trainer.training_loop", "trainer.__main__", "torch._dynamo"])
# Path lengths in both steps: the second is held to an average that the first has moved. Weighty: the first ones are short.
TWO_STEPS = replace(CONFIG, steps=2, r1_every=2, snapshot_every=2, augment="fixed", path_weight=20.0, path_every=1)
RATE = 0.01  # of plain gradient descent


def as_rank(rank: int, port: int) -> None:
    """What torchrun tells a process."""
    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}


def one_of_two(rank: int, port: int, store: Path, folder: Path) -> None:
    as_rank(rank, port)
    ranks = join("cpu")
    save_file(by_plain_gradients(Store(store, CONFIG.model.width), ranks), folder / f"{rank}.safetensors")
    train(TWO_STEPS, [Store(store, CONFIG.model.width)], folder / "run", "cpu", ranks=ranks)
    leave()
    os._exit(0)


def by_plain_gradients(store: Store, ranks: Ranks) -> dict[str, torch.Tensor]:
    """The networks after two plain gradient steps; Adam's first steps are signs, even of rounding errors."""
    trainer = Trainer(TWO_STEPS, [store], ranks=ranks, dtype=torch.float32)
    trainer.adam_g = torch.optim.SGD(trainer.adam_g.param_groups, lr=RATE)
    for group in trainer.adam_g.param_groups:
        group["lr"] = RATE
    trainer.adam_d = torch.optim.SGD(trainer.discriminator.parameters(), lr=RATE)
    before = {k: v.clone() for k, v in trainer.discriminator.state_dict().items()}
    trainer.train_step()
    trainer.train_step()
    assert trainer.path.means, "path lengths were measured"
    found = {f"path.{level}": torch.tensor(mean) for level, mean in trainer.path.to_dict().items()}
    found |= {f"{name}.{k}": v for name, module in trainer.modules.items() for k, v in module.state_dict().items()}
    assert max((found[f"discriminator.{k}"] - v).abs().max() for k, v in before.items()) > 1e-3, "it moved"
    return {k: v.contiguous() for k, v in found.items()}


def command_of_two(rank: int, port: int, store: Path, run: Path, *more: str) -> None:
    as_rank(rank, port)
    command(store, run, *more)


def command_that_cannot_part(rank: int, port: int, store: Path, run: Path) -> None:
    """As where NCCL waits for a collective that will never end: gloo gives up of itself."""
    distributed.leave = lambda: time.sleep(600)
    command_of_two(rank, port, store, run)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("store") / "store")


def two(target: Callable[..., None], *arguments: Path | str) -> list[int | None]:
    port = free_port()
    processes = [CONTEXT.Process(target=target, args=(rank, port, *arguments)) for rank in (0, 1)]
    for process in processes:
        process.start()
    try:
        for process in processes:
            process.join(120)
        return [process.exitcode for process in processes]  # None: it hangs
    finally:
        for process in processes:
            process.kill()
            process.join()


def test_two_processes_do_what_one_does(store: Store, tmp_path: Path) -> None:
    assert two(one_of_two, store.folder, tmp_path) == [0, 0]
    alone = by_plain_gradients(store, Ranks())
    first, second = (load_file(tmp_path / f"{rank}.safetensors") for rank in (0, 1))
    for name, tensor in alone.items():
        torch.testing.assert_close(first[name], tensor, atol=1e-6, rtol=0, msg=lambda m, n=name: f"{n}: {m}")
        assert torch.equal(first[name], second[name]), f"{name} is not the same in both"
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2], "one process alone writes"
    train(TWO_STEPS, [store], tmp_path / "alone", "cpu")
    expected = [json.loads(line) for line in (tmp_path / "alone" / "log.jsonl").read_text().splitlines()]
    assert rows[0]["g"] == pytest.approx(expected[0]["g"], abs=1e-5), "the log shows the mean of all"
    assert rows[0]["real"] == pytest.approx(expected[0]["real"], abs=2e-3), "to the rounding of bfloat16, where the CPU has it"


@pytest.mark.slow
def test_two_processes_begin_with_another_run_and_resume_bit_identical(store: Store, tmp_path: Path) -> None:
    train(replace(CONFIG, steps=1), [store], tmp_path / "other", "cpu")
    settings = ["--init", str(tmp_path / "other"), "--set", "snapshot_every=1"]
    for run, until in (("once", 2), ("twice", 1), ("twice", 2)):
        assert two(command_of_two, store.folder, tmp_path / run, *settings, "--set", f"steps={until}") == [0, 0]
    once, twice = (read_tensors(last_state(tmp_path / run)) for run in ("once", "twice"))
    for network, tensors in once.items():
        assert all(torch.equal(tensor, twice[network][name]) for name, tensor in tensors.items()), network
    assert json.loads((tmp_path / "twice" / "history.json").read_text())[0]["start"]["run"] == "other"
    assert (tmp_path / "twice.txt").read_text().count("identity canvas") == 1, "one process alone fits, and once"


def test_when_one_process_fails_its_error_is_shown_and_the_others_end(store: Store, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "history.json").write_text("[{")
    codes = two(command_that_cannot_part, store.folder, tmp_path / "run")
    assert codes[0] == 1 and codes[1] not in (0, None)
    assert "process 0: error: " in (said := (tmp_path / "run.txt").read_text()) and "history.json is damaged" in said


def test_more_processes_than_gpus_are_refused_(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = torch.cuda.device_count()
    monkeypatch.setenv("WORLD_SIZE", "99")
    monkeypatch.setenv("LOCAL_RANK", str(gpus))
    with pytest.raises(GantlitzError, match=rf"Process {gpus} .* has no GPU of its own: there are {gpus}\."):
        join("cuda")


def test_places_that_cannot_be_shared_are_refused() -> None:
    assert [list(Ranks(rank, 2).part(4)) for rank in (0, 1)] == [[0, 1], [2, 3]]
    with pytest.raises(GantlitzError, match=r"3 processes cannot share the 4 places.*places=3"):
        Ranks(0, 3).part(4)
