"""The sliders of the model that ships do what they say, as its maps show it: by plain measures, not by what found them."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from gantlitz_blender.look import LABELS
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.layout import uv_grid
from gantlitz_blender.runtime.layout_regions import region
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.recipe import Recipe

SEEDS = (0, 7, 21)
FACE, CHEEK, EYE = (4, None), (2, (430, 460, 590, 620)), (2, (150, 300, 400, 460))  # level, region


@pytest.fixture(scope="module")
def model() -> FaceModel:
    return FaceModel.load(device="cpu", precision="float32")


def over(image: np.ndarray, name: str) -> float:
    """Mean over a region of the whole face."""
    weights = region(name, *uv_grid(image.shape[1], image.shape[0]))
    return float((image * weights).sum() / weights.sum())


def density(maps: MapSet) -> np.ndarray:
    """(H, W, 3): pigments add up in it."""
    return -np.log(maps.albedo.clip(0.02) ** 2.2)


def busy(image: np.ndarray) -> float:
    """How much detail there is."""
    return float((image - cv2.GaussianBlur(image, (0, 0), 4)).std())


SEEN: dict[str, tuple[tuple, Callable[[MapSet], float]]] = {
    "age": (EYE, lambda maps: busy(maps.displacement)),
    "tone": (FACE, lambda maps: over(density(maps).mean(axis=2), "cheek")),
    "redness": (FACE, lambda maps: over(density(maps)[..., 1] - density(maps)[..., 0], "cheek")),
    "oiliness": (FACE, lambda maps: over(maps.specular, "forehead")),
    "freckles": (CHEEK, lambda maps: busy(density(maps)[..., 2])),
    "stubble": (FACE, lambda maps: over(density(maps)[..., 0], "beard") - over(density(maps)[..., 0], "cheek")),
    "roughness": (CHEEK, lambda maps: busy(maps.displacement)),
}


def test_it_has_sliders_that_the_panel_knows(model: FaceModel) -> None:
    assert set(model.directions.labels) <= set(LABELS) == set(SEEN)
    assert len(model.directions.labels) >= 5
    figures = model.provenance["directions"]["figures"]
    assert all(figures[label]["response"] >= 0.5 and figures[label]["monotonic"] >= 0.8 for label in model.directions.labels)


@pytest.mark.parametrize("label", LABELS)
def test_more_of_a_slider_is_more_of_what_it_says(model: FaceModel, label: str) -> None:
    if label not in model.directions.labels:
        assert label in model.provenance["directions"]["dropped"]
        return
    (level, at), seen = SEEN[label]
    for seed in SEEDS:
        less, more = (seen(model.render(Recipe(seed, edits={label: step}), level=level, region=at)) for step in (-1.5, 1.5))
        assert more > less, (label, seed, less, more)
