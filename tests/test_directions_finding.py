"""Directions are found where labels are linear in w, and a slider that does not do what it says is not shipped."""

import numpy as np
import pytest
import torch

from gantlitz_blender.look import LABELS as SLIDERS
from gantlitz_blender.runtime.errors import GantlitzError
from trainer.directions.finding import chosen, directions_of, whitened
from trainer.directions.labels import LABELS, SEEN_IN_MEANS, labels_of
from trainer.directions.readers import alike, fit_reader, held_out, within
from trainer.directions.validation import Answer, answer_of, failing

NAMES = ("age", "tone", "redness")
GOOD = Answer(response=0.9, monotonic=1.0, others={}, locked_response=0.9, locked={})
PERSON = {
    "age": 40.0, "melanin": 0.1, "blood": 0.05, "redness": 0.2, "oil": 0.5, "freckles": 0.3, "beard": 0.0, "relief": 1.0,
    "pore_size": 1.0,
}  # fmt: skip


def drawn(count: int, width: int, seed: int) -> np.ndarray:
    return np.random.RandomState(seed).standard_normal((count, width))


# ---------------------------------------------------------------- labels


def test_every_label_has_a_slider_and_every_slider_a_label() -> None:
    assert tuple(LABELS) == SLIDERS
    assert set(SEEN_IN_MEANS) < set(LABELS)


@pytest.mark.parametrize(
    ("label", "factor"),
    [
        ("age", "age"), ("tone", "melanin"), ("redness", "blood"), ("redness", "redness"), ("oiliness", "oil"),
        ("freckles", "freckles"), ("stubble", "beard"), ("roughness", "relief"), ("roughness", "pore_size"),
    ],
)  # fmt: skip
def test_more_of_a_factor_is_more_of_its_label_alone(label: str, factor: str) -> None:
    before, after = labels_of([PERSON, PERSON | {factor: PERSON[factor] + 0.1}])
    changed = dict(zip(LABELS, after - before, strict=True))
    assert changed.pop(label) > 0
    assert not any(changed.values())


def test_scans_have_no_factors() -> None:
    with pytest.raises(GantlitzError, match="age") as caught:
        labels_of([PERSON, {}])
    assert caught.value.code == "no-labels"


# ---------------------------------------------------------------- readers


def test_a_reader_finds_what_is_linear_and_says_how_much_it_explains() -> None:
    features = drawn(120, 30, 0)
    labels = features[:, :2] @ [[1.0, 0.0], [0.0, 2.0]] + [5.0, -3.0]
    unrelated = drawn(120, 1, 1)
    explained = held_out(features, np.hstack([labels, unrelated]))
    assert explained[:2].min() > 0.98
    assert explained[2] < 0.2
    new = drawn(10, 30, 2)
    np.testing.assert_allclose(fit_reader(features, labels)(new)[:, 1], 2 * new[:, 1] - 3, atol=0.1)


def test_a_feature_that_faces_have_otherwise_than_people_is_not_trusted() -> None:
    people = drawn(400, 4, 0)
    faces = drawn(400, 4, 1) * [1, 1, 3, 0.3] + [0, 1, 0, 0]
    assert alike(people, faces).tolist() == [True, False, False, False]


def test_readings_stay_near_what_people_range_over() -> None:
    people = np.array([[-1.0], [1.0]])  # a standard deviation of 1
    assert within(people, np.array([[-9.0], [-1.2], [0.3], [1.4], [7.0]]))[:, 0].tolist() == [-1.5, -1.2, 0.3, 1.4, 1.5]


# ---------------------------------------------------------------- directions


@pytest.fixture(scope="module")
def known() -> dict[str, np.ndarray]:
    """w's of a lopsided covariance that leaves one axis out, and labels that are linear in them."""
    mixing = drawn(16, 15, 3)
    ws = drawn(600, 15, 4) @ mixing.T
    gradients = drawn(3, 16, 5)
    deviation = np.sqrt(np.diag(gradients @ mixing @ mixing.T @ gradients.T))
    gradients /= deviation[:, None]
    return {"ws": ws, "covariance": mixing @ mixing.T, "gradients": gradients, "values": ws @ gradients.T}


def test_a_direction_that_was_found_moves_its_label_by_what_is_asked_and_holds_locks(known: dict[str, np.ndarray]) -> None:
    coordinates, whitener = whitened(torch.from_numpy(known["ws"]), np.zeros(16), known["covariance"])
    assert coordinates.shape == (600, 15), "an axis along which nothing varies says nothing"
    np.testing.assert_allclose(coordinates.std(axis=0), 1, atol=0.15)
    found = directions_of(NAMES, coordinates, whitener, known["covariance"], known["values"])
    moved = known["gradients"] @ found.shift({"age": 2.0}, ["tone", "redness"])[0].numpy()
    np.testing.assert_allclose(moved, [2, 0, 0], atol=0.03)
    some = chosen(found, ["redness", "age"])
    assert some.labels == ("redness", "age")
    torch.testing.assert_close(some.shift({"age": 1.0}, ["redness"]), found.shift({"age": 1.0}, ["redness"]))


def test_an_answer_is_measured_on_the_edited_faces(known: dict[str, np.ndarray]) -> None:
    coordinates, whitener = whitened(torch.from_numpy(known["ws"]), np.zeros(16), known["covariance"])
    found = directions_of(NAMES, coordinates, whitener, known["covariance"], known["values"])
    ws = torch.from_numpy(known["ws"][:5]).float()

    def half(ws: torch.Tensor) -> np.ndarray:  # faces that do half of what is asked
        return 0.5 * ws.double().numpy() @ known["gradients"].T

    answer = answer_of("tone", found, ws, half(ws), half)
    assert answer.response == pytest.approx(0.5, abs=0.02)
    assert answer.monotonic == 1.0
    assert set(answer.others) == {"age", "redness"}
    assert answer.locked_response == pytest.approx(0.5, abs=0.02)
    assert max(map(abs, answer.locked.values())) < 0.02
    backwards = answer_of("tone", found, ws, -half(ws), lambda ws: -half(ws))
    assert backwards.response == pytest.approx(-0.5, abs=0.02)
    assert backwards.monotonic == 0.0


@pytest.mark.parametrize(
    ("read", "reach", "changed", "reason"),
    [
        (0.3, 1.0, {}, "can be read"),
        (0.9, 1.0, {"response": 0.4}, "it answers with"),
        (0.9, 0.2, {}, "what people differ by"),
        (0.9, 1.0, {"monotonic": 0.7}, "of the faces only"),
    ],
)
def test_a_slider_that_fails_says_why(read: float, reach: float, changed: dict[str, float], reason: str) -> None:
    assert failing(0.9, 1.0, GOOD) == ""
    assert reason in failing(read, reach, Answer(**(GOOD.to_dict() | changed)))  # type: ignore[arg-type]
