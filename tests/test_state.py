"""States on disk: whole or not there, the last two kept, damage noticed, older runs understood."""

import dataclasses
import json
import multiprocessing
import resource
import shutil
from pathlib import Path

import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from tests.tiny_run import CONFIG
from trainer.history import History, cut_log
from trainer.state import fill, last_state, read_counters, read_tensors, save_state, tensors_of

SPAWN = multiprocessing.get_context("forkserver")


def networks(seed: int = 0) -> tuple[dict[str, torch.nn.Module], dict[str, torch.optim.Adam]]:
    """A network that has made two steps."""
    torch.manual_seed(seed)
    network = torch.nn.Linear(30, 40)
    adam = torch.optim.Adam(network.parameters())
    for _ in range(2):
        network(torch.ones(1, 30)).square().sum().backward()
        adam.step()
    return {"network": network}, {"adam": adam}


def save(run: Path, step: int) -> Path:
    return save_state(run, tensors_of(*networks(step)), {"step": step}, {"seed": step})


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    modules, optimisers = networks()
    folder = save_state(tmp_path, tensors_of(modules, optimisers), {"step": 7}, {"seed": 3})
    others, theirs = networks(1)
    fill(others, theirs, read_tensors(folder))
    for name, tensors in tensors_of(modules, optimisers).items():
        for key, tensor in tensors.items():
            assert torch.equal(tensor, tensors_of(others, theirs)[name][key]), key
    assert read_counters(folder) == {"step": 7} and json.loads((folder / "config.json").read_text()) == {"seed": 3}


def test_moments_come_back_in_the_memory_layout_of_their_parameters(tmp_path: Path) -> None:
    network = torch.nn.Conv2d(8, 8, 3).to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 8, 4, 4)).square().sum().backward()
    adam.step()
    read = read_tensors(save_state(tmp_path, tensors_of({"network": network}, {"adam": adam}), {"step": 1}, {}))
    assert read["adam"]["0.exp_avg"].stride() != network.weight.stride(), "files know of no layout"
    fill({"network": network}, {"adam": adam}, read)
    for parameter in network.parameters():
        for field in ("exp_avg", "exp_avg_sq"):
            assert adam.state[parameter][field].stride() == parameter.stride(), field


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        save(tmp_path, step)
    assert [p.name for p in sorted((tmp_path / "states").iterdir())] == ["000020", "000030"]
    assert last_state(tmp_path) == tmp_path / "states" / "000030"


@pytest.mark.parametrize("file", ["network.safetensors", "adam.safetensors", "counters.json", "checksums.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_state_is_passed_over_and_named(
    tmp_path: Path, file: str, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path, 10)
    path = save(tmp_path, 20) / file
    content = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(content[:-5] if damage == "cut" else content[:-5] + bytes([content[-5] ^ 64]) + content[-4:])
    assert last_state(tmp_path) == tmp_path / "states" / "000010"
    said = capsys.readouterr().err
    assert "000020 is damaged" in said and said.count("\n") == 1
    save(tmp_path, 15)
    assert [p.name for p in sorted((tmp_path / "states").iterdir())] == ["000010", "000015"], "what will be made again goes"


def test_a_run_with_nothing_but_damage_is_not_begun_anew(tmp_path: Path) -> None:
    (save(tmp_path, 10) / "network.safetensors").write_bytes(b"")
    with pytest.raises(GantlitzError, match="no whole state"):
        last_state(tmp_path)
    assert last_state(tmp_path / "new") is None


@pytest.mark.parametrize("name", ["state", ".state.old"])
def test_the_one_state_of_an_older_version_counts(tmp_path: Path, name: str) -> None:
    older = tmp_path / name
    shutil.move(save(tmp_path, 10), older)
    for added in ("checksums.json", "config.json"):
        (older / added).unlink()
    assert last_state(tmp_path) == older
    save(tmp_path, 20)
    assert last_state(tmp_path) == tmp_path / "states" / "000020" and older.exists(), "it is the one before"
    save(tmp_path, 30)
    assert not older.exists()


def save_with_little_room(run: Path, room: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        save(run, 20)
    except GantlitzError as error:
        (run / "said").write_text(f"{error.code}: {error}"[:room])


@pytest.mark.parametrize("room", [300, 6000])
def test_a_disk_that_is_full_in_mid_save_costs_nothing_and_says_so(tmp_path: Path, room: int) -> None:
    save(tmp_path, 10)
    process = SPAWN.Process(target=save_with_little_room, args=(tmp_path, room))
    process.start()
    process.join(60)
    said = (tmp_path / "said").read_text()
    assert said.startswith("not-saved: The state of step 20 could not be written")
    assert room < 1000 or str(tmp_path / "states" / "000010") in said
    assert last_state(tmp_path) == tmp_path / "states" / "000010"
    assert [p.name for p in (tmp_path / "states").iterdir()] == ["000010"]


def entry(**changes: object) -> dict:
    return {"config": dataclasses.asdict(dataclasses.replace(CONFIG, **changes)), "data": []}


def test_a_changed_setting_is_named(tmp_path: Path) -> None:
    history = History(tmp_path / "history.json")
    history.add(0, entry())
    again = History(tmp_path / "history.json")
    assert again.check(entry()) == []
    assert again.check(entry(lr_g=0.5, steps=99)) == ["steps: 15 -> 99", "lr_g: 0.002 -> 0.5"]
    assert "stores" in again.check({**entry(), "data": [{"name": "other"}]})[0]


def test_another_model_is_refused_by_the_names_of_its_fields(tmp_path: Path) -> None:
    history = History(tmp_path / "history.json")
    history.add(0, entry())
    model = dataclasses.replace(CONFIG.model, w_dim=32)
    with pytest.raises(GantlitzError, match=r"model\.w_dim was 16 and is 32") as refused:
        history.check(entry(model=model, lr_g=1))
    assert "lr_g" not in str(refused.value)
    with pytest.raises(GantlitzError, match="d_channels was"):
        history.check(entry(d_channels=(16, 32)))


def test_a_run_that_did_not_know_a_setting_yet_had_its_default(tmp_path: Path) -> None:
    older = entry()
    del older["config"]["lr_d"]
    history = History(tmp_path / "history.json")
    history.add(0, older)
    assert history.check(entry()) == []


def test_going_back_to_an_earlier_state_forgets_what_was_noted_later(tmp_path: Path) -> None:
    history = History(tmp_path / "history.json")
    for step, rate in ((0, 1), (10, 2), (20, 3)):
        history.add(step, entry(lr_g=rate))
    history.add(15, entry(lr_g=3))
    assert [(e["from_step"], e["config"]["lr_g"]) for e in History(history.path).entries] == [(0, 1), (10, 2), (15, 3)]


def test_a_log_is_cut_at_the_step_that_is_resumed(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(f'{{"step": {i}}}\n' for i in range(1, 6)) + '{"step": 6, "g"')
    cut_log(log, 3)
    assert [json.loads(line)["step"] for line in log.read_text().splitlines()] == [1, 2, 3]
