"""Training the completer: it learns, resumes exactly, and says what it needs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from gantlitz_blender.runtime.completion.completer import Completer
from gantlitz_blender.runtime.completion.network import channel_flags
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.rects import Rect
from tests.tiny_completer_run import CONFIG
from tests.tiny_run import WIDTH, make_store
from trainer.__main__ import main
from trainer.completer.batches import _read_clamped
from trainer.completer.config import CompleterTrainConfig, configured
from trainer.completer.run import MODEL, train
from trainer.completer.trainer import CompleterTrainer
from trainer.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("stores") / "tiny")


def trainer(store: Store, **changes: object) -> CompleterTrainer:
    return CompleterTrainer(replace(CONFIG, **changes), [store], "cpu", torch.float32)


def test_it_learns_displacement_and_specular_of_unworn_albedo(store: Store) -> None:
    learner = trainer(store, adversarial=0.0, wear=0.0, files=(1.0,), albedo_only=1.0, lr_decay=0.0, lr=0.01, steps=80)
    losses = [float(learner.train_step()["octave"]) for _ in range(80)]
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:10])


def test_a_batch_hides_what_is_not_known_and_judges_nothing_else(store: Store) -> None:
    found = trainer(store)
    batch = found.batches.at_level(np.random.default_rng(3), 0)
    for level, seen in batch.known.items():
        assert not (seen.maps * (1 - channel_flags(seen.flags))).any()
        assert ((batch.missing(level) > 0) != (channel_flags(seen.flags) > 0)).all()
        assert seen.flags.sum(dim=1).max() < 4
    estimates = found.estimates(batch)
    known = channel_flags(batch.known[0].flags).expand_as(batch.target[0]) > 0
    rows, columns = batch.rects[0].seen.slices_of(batch.rects[0].request)
    given = batch.known[0].maps[..., rows, columns]
    assert torch.allclose(estimates[0].maps[known], given[known], atol=1e-4)


def test_unworn_known_maps_are_the_truth(store: Store) -> None:
    batch = trainer(store).batches.at_level(np.random.default_rng(3), 0, ("albedo", "normal"))
    for level, rects in batch.rects.items():
        rows, columns = rects.seen.slices_of(rects.request)
        assert torch.equal(batch.known[level].maps[:, :5, rows, columns], batch.target[level][:, :5])


def test_worn_maps_differ_from_the_truth_but_show_the_same_face(store: Store) -> None:
    found = trainer(store, wear=1.0, rescan=0.0, files=(1.0,))
    alike = []
    for i in range(12):
        batch = found.batches.at_level(np.random.default_rng(i), 0)
        rows, columns = batch.rects[0].seen.slices_of(batch.rects[0].request)
        given, flags = batch.known[0].maps[..., rows, columns], batch.known[0].flags
        for one, truth, flag in zip(given, batch.target[0], flags, strict=True):
            if flag[0]:
                assert torch.isfinite(one).all() and not torch.equal(one[:3], truth[:3])
                alike.append(np.corrcoef(one[1].ravel(), truth[1].ravel())[0, 1])
    assert np.mean(alike) > 0.5


def test_the_same_step_draws_the_same_batch(store: Store) -> None:
    first, second = trainer(store).batches.draw(5), trainer(store).batches.draw(5)
    assert first.level == second.level and torch.equal(first.known[2].maps, second.known[2].maps)
    assert not torch.equal(first.known[2].maps, trainer(store).batches.draw(6).known[2].maps)


def test_a_resumed_run_ends_with_the_same_bits(store: Store, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    train(CONFIG, [store], tmp_path / "whole", "cpu")
    train(replace(CONFIG, steps=4, lr_decay=0.0), [store], tmp_path / "parts", "cpu")
    train(replace(CONFIG, lr_decay=0.0), [store], tmp_path / "parts", "cpu")
    train(replace(CONFIG, lr_decay=0.0), [store], tmp_path / "once", "cpu")
    ends = [load_file(tmp_path / run / "states" / "000008" / "net.safetensors") for run in ("parts", "once", "whole")]
    assert all(torch.equal(t, ends[1][name]) for name, t in ends[0].items())
    assert any(not torch.equal(t, ends[2][name]) for name, t in ends[0].items())  # the control: another learning rate
    rows = [json.loads(line) for line in (tmp_path / "parts" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(1, 9))
    assert {"octave", "total", "slope", "g", "d"} <= rows[0].keys()


def test_a_run_leaves_pictures_and_a_completer_that_says_what_it_is_of(store: Store, tmp_path: Path) -> None:
    train(replace(CONFIG, steps=4), [store], tmp_path, "cpu")
    assert len(list((tmp_path / "samples").glob("*.png"))) == 1
    completer = Completer.load(tmp_path / MODEL)
    assert completer.provenance["data"][0]["licences"] == ["CC0-1.0"] and completer.provenance["step"] == 4
    albedo = np.full((WIDTH * 2 // 3, WIDTH, 3), 0.5, np.float32)
    assert completer.complete({"albedo": albedo}).displacement.shape == (WIDTH * 2 // 3, WIDTH)


def test_another_network_is_refused(store: Store, tmp_path: Path) -> None:
    train(replace(CONFIG, steps=1), [store], tmp_path, "cpu")
    other = replace(CONFIG, net=replace(CONFIG.net, channels=(12, 12)))
    with pytest.raises(GantlitzError, match="does not fit"):
        train(other, [store], tmp_path, "cpu")


def test_settings_are_read_and_judged() -> None:
    config = configured(["steps=5", "net.carry=4", "schedule=[[1.0,[0,1]]]"])
    assert (config.steps, config.net.carry, config.schedule) == (5, 4, ((1.0, (0, 1)),))
    for wrong in ("stepz=5", "steps=many", "wear=2", "steps=0", "schedule=[[1.0,[0.5]]]", "net.channels=3"):
        with pytest.raises(GantlitzError):
            configured([wrong])
    with pytest.raises(GantlitzError, match="larger than level"):
        CompleterTrainConfig(patch=256, schedule=((1.0, (0, 0, 0, 0, 0.5, 0.5)),))


def test_the_command_trains(store: Store, tmp_path: Path) -> None:
    sizes = [f"net.{name}={json.dumps(value)}" for name, value in CONFIG.net.to_dict().items()]
    settings = [*sizes, "schedule=[[1.0,[1.0]]]", "patch=32", "batch=2", "steps=2"]
    chosen = [word for setting in settings for word in ("--set", setting)]
    assert main(["train-completer", str(store.folder), "--outdir", str(tmp_path / "run"), *chosen]) == 0
    assert (tmp_path / "run" / MODEL).is_file()


def test_a_rectangle_beyond_the_canvas_repeats_its_border(store: Store) -> None:
    whole, size = store.subject(0, 1), (store.height >> 1, store.width >> 1)
    out = _read_clamped(store, 0, 1, Rect(-3, size[1] - 5, 10, size[1] + 4), False, size)
    assert np.array_equal(out, np.pad(whole, ((0, 0), (3, 0), (0, 4)), mode="edge")[:, :13, size[1] - 5 :])
    beyond = _read_clamped(store, 0, 1, Rect(size[0] + 2, 0, size[0] + 6, 8), False, size)
    assert np.array_equal(beyond, np.repeat(whole[:, -1:, :8], 4, axis=1))
