"""Under which terms a model may be used: those of everybody it has learnt from."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from tests.tiny_run import CONFIG, make_store
from trainer.export import export_model
from trainer.training_loop import train

OURS = "our scans, with consent"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of one step, on a store of scans that are somebody's own."""
    folder = tmp_path_factory.mktemp("run")
    train(replace(CONFIG, steps=1), [make_store(folder / "store", licence=OURS)], folder / "run", "cpu")
    return folder / "run"


@pytest.fixture
def history(run: Path):
    """The run's history, to be changed; it is put back."""
    path = run / "history.json"
    before = path.read_text()
    yield lambda change: path.write_text(json.dumps(change(json.loads(before))))
    path.write_text(before)


def exported(run: Path, tmp_path: Path, licence: str | None = None) -> str:
    return FaceModel.load(export_model(run, tmp_path / "m.safetensors", licence), device="cpu").licence


def test_a_model_has_the_licence_of_the_scans_it_was_trained_on(run: Path, tmp_path: Path) -> None:
    assert exported(run, tmp_path) == OURS


def test_what_an_earlier_run_or_model_has_learnt_from_counts_too(run: Path, tmp_path: Path, history) -> None:
    earlier = {"run": "first", "history": [{"data": [{"licences": ["CC0-1.0"]}], "start": {"model": "m", "licence": "CC-BY-4.0"}}]}
    history(lambda entries: [entries[0] | {"start": earlier}])
    assert exported(run, tmp_path) == f"CC-BY-4.0; CC0-1.0; {OURS}"


def test_it_can_be_said_otherwise(run: Path, tmp_path: Path) -> None:
    assert exported(run, tmp_path, "CC-BY-NC-4.0") == "CC-BY-NC-4.0"


def test_a_run_that_knows_none_asks_for_one(run: Path, tmp_path: Path, history) -> None:
    history(lambda entries: [entries[0] | {"data": [{"name": "old"}]}])
    with pytest.raises(GantlitzError, match="licences") as raised:
        exported(run, tmp_path)
    assert "--licence" in raised.value.fix and not (tmp_path / "m.safetensors").exists()
