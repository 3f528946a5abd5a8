"""Directions with a meaning: an edit changes its label by what was asked, a lock holds another; and they travel in the model."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from gantlitz_blender.runtime.directions import Directions
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.model import checkpoint
from gantlitz_blender.runtime.model.weights_file import provenance
from gantlitz_blender.runtime.recipe import Recipe
from tests.tiny_model import TINY, save_tiny_model

NAMES = ("age", "tone", "redness")


def made(gradients: torch.Tensor) -> Directions:
    """The directions of labels with known gradients (L, w_dim), for w of a lopsided covariance."""
    spread = covariance() @ gradients.T
    return Directions(NAMES[: len(gradients)], spread, gradients @ spread)


def covariance() -> torch.Tensor:
    a = torch.randn(16, 16, generator=torch.Generator().manual_seed(1))
    return a @ a.T / 16 + 0.1 * torch.eye(16)


@pytest.fixture(scope="module")
def gradients() -> torch.Tensor:
    return torch.randn(3, 16, generator=torch.Generator().manual_seed(0))


def test_an_edit_changes_its_label_by_what_was_asked(gradients: torch.Tensor) -> None:
    moved = made(gradients).shift({"age": 1.5})
    assert moved.shape == (1, 16)
    assert gradients[0] @ moved[0] == pytest.approx(1.5, abs=1e-4)
    assert abs(gradients[1] @ moved[0]) > 0.01, "a label of its own would not need a lock"


def test_a_lock_holds_another_label(gradients: torch.Tensor) -> None:
    moved = made(gradients).shift({"age": 1.5}, ["redness"])
    torch.testing.assert_close(gradients[[0, 2]] @ moved[0], torch.tensor([1.5, 0.0]), atol=1e-4, rtol=0)


def test_edits_hold_together_and_win_over_locks(gradients: torch.Tensor) -> None:
    moved = made(gradients).shift({"age": -1.0, "tone": 2.0}, ["tone", "redness"])
    torch.testing.assert_close(gradients @ moved[0], torch.tensor([-1.0, 2.0, 0.0]), atol=1e-4, rtol=0)


def test_of_all_such_moves_it_is_the_least_unusual(gradients: torch.Tensor) -> None:
    moved = made(gradients).shift({"age": 1.0})[0]
    metric = torch.linalg.inv(covariance())
    other = gradients[0] / gradients[0].square().sum()  # the shortest one by plain length
    assert gradients[0] @ other == pytest.approx(1.0, abs=1e-4)
    assert moved @ metric @ moved < 0.9 * (other @ metric @ other)


def test_labels_that_always_go_together_move_together_instead_of_far_away(gradients: torch.Tensor) -> None:
    twins = gradients.clone()
    twins[1] = 1.001 * twins[0]
    moved = made(twins).shift({"age": 1.0}, ["tone"])[0]
    alone = made(twins).shift({"age": 1.0})[0]
    assert moved.norm() <= alone.norm()
    assert twins[0] @ moved == pytest.approx(0.5, abs=0.01), "half way between what one asks and what the other holds"


def test_an_unknown_label_is_refused_and_an_unknown_lock_is_no_hindrance(gradients: torch.Tensor) -> None:
    directions = made(gradients)
    with pytest.raises(GantlitzError, match="'charm'") as caught:
        directions.shift({"charm": 1.0})
    assert caught.value.code == "no-direction" and "age, tone, redness" in caught.value.fix
    assert torch.equal(directions.shift({"age": 1.0}, ["charm"]), directions.shift({"age": 1.0}))
    with pytest.raises(GantlitzError) as caught:
        Directions.none(16).shift({"age": 1.0})
    assert "knows: none" in caught.value.fix


@pytest.fixture(scope="module")
def directed(tmp_path_factory: pytest.TempPathFactory, gradients: torch.Tensor) -> Path:
    folder = tmp_path_factory.mktemp("directed")
    plain = save_tiny_model(folder / "plain.safetensors")
    checkpoint.save_with_directions(plain, folder / "tiny.safetensors", made(gradients), {"figures": {"age": {"response": 1.0}}})
    return folder / "tiny.safetensors"


def test_directions_travel_in_the_model_and_leave_the_rest_as_it_is(directed: Path, gradients: torch.Tensor) -> None:
    plain = directed.with_name("plain.safetensors")
    before, after = load_file(plain), load_file(directed)
    assert set(after) - set(before) == {"directions.spread", "directions.gram"}
    for name, tensor in before.items():
        assert torch.equal(tensor, after[name]) and tensor.dtype == after[name].dtype, name
    model = FaceModel.load(directed, "cpu")
    assert model.directions.labels == NAMES
    assert torch.equal(model.directions.spread, made(gradients).spread)
    assert model.provenance["trained"] == "never" and model.licence == "CC0-1.0"
    assert model.provenance["directions"]["figures"]["age"]["response"] == 1.0
    assert FaceModel.load(plain, "cpu").directions.labels == ()


def test_older_versions_can_say_that_they_are_too_old(directed: Path) -> None:
    formats = [checkpoint.load(directed.with_name(name))[1]["format"] for name in ("plain.safetensors", "tiny.safetensors")]
    assert formats == ["1", "2"]


def test_new_directions_replace_the_old(directed: Path, tmp_path: Path, gradients: torch.Tensor) -> None:
    checkpoint.save_with_directions(directed, tmp_path / "again.safetensors", made(gradients[:1]), {})
    model = FaceModel.load(tmp_path / "again.safetensors", "cpu")
    assert model.directions.labels == ("age",) and model.provenance["directions"] == {"labels": ["age"]}


@pytest.mark.parametrize("labels", [None, [], ["age"], ["age", "tone", 3], "age"])
def test_damaged_directions_are_refused(directed: Path, tmp_path: Path, labels: object) -> None:
    tensors, config, header = checkpoint.FILE.load(directed)
    story = provenance(header) | {"directions": {} if labels is None else {"labels": labels}}
    path = tmp_path / "damaged.safetensors"
    checkpoint.FILE.save(path, tensors, config, story, "CC0-1.0")
    with pytest.raises(GantlitzError, match=r"damaged\.safetensors") as caught:
        checkpoint.load(path)
    assert caught.value.code == "model-broken"


def test_an_edit_changes_the_face_and_one_of_zero_does_not(directed: Path) -> None:
    model = FaceModel.load(directed, "cpu", "float32")
    plain = model.render(Recipe(3), level=3).stacked()
    np.testing.assert_array_equal(model.render(Recipe(3, edits={"age": 0.0}, locks=("tone",)), level=3).stacked(), plain)
    assert np.abs(model.render(Recipe(3, edits={"age": 2.0}), level=3).stacked() - plain).max() > 0.01
    moved = model.w(Recipe(3, edits={"age": 2.0}, locks=("tone",))) - model.w(Recipe(3))
    torch.testing.assert_close(moved, model.directions.shift({"age": 2.0}, ["tone"]), atol=1e-5, rtol=0)


def test_an_edit_moves_every_style_of_a_mixed_face(directed: Path) -> None:
    model = FaceModel.load(directed, "cpu", "float32")
    mixed = {"mix": {"fine": {"seed": 5, "amount": 1.0}}}
    moved = model.w(Recipe(3, edits={"age": 2.0}, **mixed)) - model.w(Recipe(3, **mixed))
    assert moved.shape == (1, TINY.styles, TINY.w_dim)
    torch.testing.assert_close(moved[0], model.directions.shift({"age": 2.0}).expand(TINY.styles, -1), atol=1e-5, rtol=0)


def test_a_model_without_directions_refuses_edits(tiny_model_path: Path) -> None:
    with pytest.raises(GantlitzError) as caught:
        FaceModel.load(tiny_model_path, "cpu").w(Recipe(3, edits={"age": 1.0}))
    assert caught.value.code == "no-direction"
