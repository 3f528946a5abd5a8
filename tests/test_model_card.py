"""A model card says what the file itself says, read without torch."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.model_card import BUNDLED, NOBODY, UNKNOWN, consent_of, read_card

DRAWN = {"maker": "capture", "capture_version": 2, "subjects": 3, "first_seed": 0, "name": "a"}


def test_the_bundled_model_tells_on_whom_it_was_trained():
    card = read_card(None)
    assert card.name == BUNDLED.stem and (card.width, card.height) == (6144, 4096)
    assert card.sha256 == hashlib.sha256(BUNDLED.read_bytes()).hexdigest()
    assert card.subjects > 0 and card.sources == ("capture",) and card.consent == NOBODY
    assert card.steps > 0 and card.licence not in ("", UNKNOWN)


def test_a_model_without_a_history_says_that_nothing_is_recorded(tiny_model_path):
    card = read_card(tiny_model_path)
    model = FaceModel.load(tiny_model_path, "cpu")
    assert (card.name, card.sha256, card.width, card.height) == (model.name, model.sha256, 768, 512)
    assert card.licence == "CC0-1.0" and card.consent == UNKNOWN
    assert (card.subjects, card.sources, card.steps, card.seconds) == (0, (), 0, None)


def test_one_unrecorded_consent_is_not_hidden_by_the_others():
    scanned = {"maker": "prepare", "name": "b", "subjects": 2, "consent": "Signed forms"}
    assert consent_of([{"data": [DRAWN]}]) == NOBODY
    assert set(consent_of([{"data": [DRAWN, scanned]}]).split("; ")) == {NOBODY, "Signed forms"}
    assert consent_of([{"data": [DRAWN, {**scanned, "consent": ""}]}]) == UNKNOWN
    assert consent_of([{"data": [DRAWN], "start": {"model": "x"}}]) == UNKNOWN


def test_a_file_that_is_none_says_what_is_wrong(tmp_path, tiny_model_path):
    whole = tiny_model_path.read_bytes()
    contents = {"gone": None, "cut": whole[:100], "text": b"not a model at all", "long": b"\xff" * 64}
    for name, content in contents.items():
        path = tmp_path / f"{name}.safetensors"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(GantlitzError) as caught:
            read_card(path)
        assert caught.value.code == ("model-not-found" if content is None else "model-broken") and str(path) in str(caught.value)


def test_another_kind_of_safetensors_file_is_refused(tmp_path):
    import torch
    from safetensors.torch import save_file

    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors", metadata={"kind": "something"})
    with pytest.raises(GantlitzError, match="not a GANtlitz face model") as caught:
        read_card(tmp_path / "other.safetensors")
    assert caught.value.code == "model-wrong"


def test_it_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None; from gantlitz_blender.runtime.model_card import read_card; "
        "assert read_card(None).subjects"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
