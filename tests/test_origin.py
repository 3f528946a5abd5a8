"""What a fresh run begins with: an exported model's generator, or a run's networks, of which some stages may stay as they are."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model_card import read_card
from tests.tiny_run import CONFIG, make_store
from trainer.export import export_model
from trainer.origin import Origin, is_fitted
from trainer.presets import configured
from trainer.state import last_state, read_tensors
from trainer.store import Store
from trainer.trainer import Trainer
from trainer.training_loop import train

SHORT = replace(CONFIG, steps=2, snapshot_every=2)
FOLLOWS = ("canvas.origin", "canvas.projection")  # from the mapping that was taken over


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    torch.set_num_threads(1)
    return make_store(tmp_path_factory.mktemp("store") / "store")


@pytest.fixture(scope="module")
def finished(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("finished") / "run"
    train(SHORT, [store], run, "cpu")
    return run


@pytest.fixture(scope="module")
def model(finished: Path) -> Path:
    return export_model(finished, finished.parent / "model.safetensors")


def test_a_fresh_run_can_begin_with_a_models_generator(store: Store, model: Path) -> None:
    begun, plain = Trainer(SHORT, [store], origin=Origin(model)), Trainer(SHORT, [store])
    exported, fitted = checkpoint.load(model)[0].state_dict(), plain.generator.state_dict()
    for name, tensor in begun.generator.state_dict().items():
        if name not in FOLLOWS:
            assert torch.equal(tensor, (fitted if is_fitted(name) else exported)[name]), name
    assert not torch.equal(exported["mapping.layers.0.weight"], fitted["mapping.layers.0.weight"])
    for name, tensor in begun.discriminator.state_dict().items():
        assert torch.equal(tensor, plain.discriminator.state_dict()[name]), f"{name}: a discriminator of its own, begun anew"


def test_a_run_keeps_the_name_and_digest_of_the_model_it_began_with(store: Store, model: Path, tmp_path: Path) -> None:
    train(replace(SHORT, steps=1), [store], tmp_path / "run", "cpu", start=model)
    train(SHORT, [store], tmp_path / "run", "cpu", start=model)
    card = read_card(model)
    origin = {"model": "model.safetensors", "sha256": card.sha256, "consent": card.consent}
    assert [e["start"] for e in json.loads((tmp_path / "run" / "history.json").read_text())] == [origin, origin]
    exported = export_model(tmp_path / "run", tmp_path / "next.safetensors")
    assert json.loads(checkpoint.load(exported)[1]["provenance"])["history"][0]["start"] == origin


def test_a_model_of_another_shape_is_refused_with_what_to_set(store: Store, model: Path, tmp_path: Path) -> None:
    other = replace(SHORT, model=replace(SHORT.model, w_dim=32, channels=(16, 32), plan="other"))
    with pytest.raises(GantlitzError) as refused:
        Trainer(other, [store], origin=Origin(model))
    assert "model.channels is [16,16] there and [16,32] here, model.w_dim is 16 there and 32 here." in refused.value.sentence
    words = refused.value.fix.replace("'", "").split()
    assert words[:2] == ["Begin", "with"] and words[2::2] == ["--set", "--set"]
    assert asdict(configured("XS", words[3::2][1:]).model)["w_dim"] == 16, "as the command line takes it"
    Trainer(replace(SHORT, model=replace(SHORT.model, plan="named otherwise")), [store], origin=Origin(model))


def test_what_is_fitted_to_the_stores_may_have_other_sizes(store: Store, model: Path) -> None:
    other = replace(SHORT, model=replace(SHORT.model, components=1, component_level=1, mean_level=1, mask_level=1))
    begun, plain = Trainer(other, [store], origin=Origin(model)), Trainer(other, [store])
    assert torch.equal(begun.generator.canvas.mean["1"], plain.generator.canvas.mean["1"])
    assert torch.equal(begun.generator.embedding["albedo"], checkpoint.load(model)[0].embedding["albedo"])


def test_a_run_of_other_networks_is_refused_with_what_to_set(store: Store, finished: Path) -> None:
    with pytest.raises(GantlitzError, match=r"d_slopes is true there and false here\. Begin with --set d_slopes=true"):
        Trainer(replace(SHORT, d_slopes=False), [store], origin=Origin(finished))


def test_a_model_that_is_not_there_or_is_none_is_named(store: Store, finished: Path, tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match=r"There is no model at .*nothing\.safetensors"):
        Origin(tmp_path / "nothing.safetensors")
    with pytest.raises(GantlitzError, match="not a GANtlitz face model"):
        Trainer(SHORT, [store], origin=Origin(last_state(finished) / "ema.safetensors"))


def test_a_run_with_a_damaged_state_is_begun_with_its_last_whole_one_and_says_so_once(
    store: Store, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Path(shutil.copytree(finished, tmp_path / "other"))
    train(replace(SHORT, steps=3), [store], other, "cpu")
    (last_state(other) / "ema.safetensors").write_bytes(b"")
    capsys.readouterr()
    train(replace(SHORT, steps=1), [store], tmp_path / "run", "cpu", start=other)
    assert capsys.readouterr().err.count("000003 is damaged") == 1
    assert json.loads((tmp_path / "run" / "history.json").read_text())[0]["start"]["step"] == 2


def moved(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> dict[str, bool]:
    assert before.keys() == after.keys()
    return {name: not torch.equal(tensor, after[name]) for name, tensor in before.items()}


def test_frozen_stages_stay_bit_equal_while_the_rest_learns_also_after_a_resume(
    store: Store, finished: Path, tmp_path: Path
) -> None:
    config = replace(SHORT, freeze_d=2, steps=4, r1_every=1)
    train(config, [store], tmp_path / "once", "cpu", start=finished)
    train(replace(config, steps=2), [store], tmp_path / "twice", "cpu", start=finished)
    train(config, [store], tmp_path / "twice", "cpu", start=finished)
    before, once, twice = (read_tensors(last_state(run)) for run in (finished, tmp_path / "once", tmp_path / "twice"))
    changed = moved(before["discriminator"], once["discriminator"])
    assert {name for name, moves in changed.items() if not moves} == {n for n in changed if n.startswith(("stem.", "blocks.0."))}
    assert moved(before["ema"], once["ema"])["mapping.layers.0.weight"], "the generator learns through them"
    for network, tensors in once.items():
        assert not any(moved(tensors, twice[network]).values()), network


def test_frozen_stages_have_no_gradients_to_be_sent_and_pass_them_on_to_the_image(store: Store, finished: Path) -> None:
    trainer = Trainer(replace(SHORT, freeze_d=4), [store], origin=Origin(finished))
    row = trainer.train_step()
    assert row["r1"] > 0, "with respect to the image, through all of them"
    frozen = [p for stage in trainer.discriminator.stages for p in stage.parameters()]
    assert len(trainer.discriminator.stages) == 4 and all(p.grad is None for p in frozen)
    assert all(p.grad is not None and p.grad.any() for p in trainer.discriminator.out.parameters())
    assert trainer.generator.embedding["albedo"].grad.any()


def test_freezing_can_be_ended_on_the_way(store: Store, finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(replace(SHORT, freeze_d=2), [store], run, "cpu", start=finished)
    frozen = read_tensors(last_state(run))["discriminator"]
    train(replace(SHORT, steps=4), [store], run, "cpu")
    assert all(moved(frozen, read_tensors(last_state(run))["discriminator"]).values())


def test_a_discriminator_that_has_learnt_nothing_is_not_frozen(store: Store, model: Path, tmp_path: Path) -> None:
    for start in (None, model):
        with pytest.raises(GantlitzError, match=r"freeze_d 1 .* begins with random ones\. Begin with --init RUN"):
            train(replace(SHORT, freeze_d=1), [store], tmp_path / "run", "cpu", start=start)
    shutil.rmtree(tmp_path / "run")


@pytest.mark.parametrize("stages", [-1, 5])
def test_no_more_stages_can_be_frozen_than_there_are(stages: int) -> None:
    with pytest.raises(GantlitzError, match=f"freeze_d cannot be {stages}: the discriminator has 4 stages"):
        replace(SHORT, freeze_d=stages)
