"""Seams and previews: what holds for any model, shown on the tiny one."""

import numpy as np
import pytest

from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.recipe import Recipe
from trainer.metrics.preview import preview_fidelity, preview_windows
from trainer.metrics.seams import seam_difference

RECIPE = Recipe(3, 1.0, noise_seed=3)


@pytest.fixture(scope="module")
def model(tiny_model_path):
    return FaceModel.load(tiny_model_path, "cpu", "float32")


class Seamed:
    """A model whose tiles do not agree: each is a little lighter the smaller it is."""

    def __init__(self, model):
        self._model, self.width, self.height = model, model.width, model.height

    def render(self, recipe, *, region, tile):
        maps = self._model.render(recipe, region=region, tile=tile)
        return MapSet(maps.albedo + np.float32(1 / tile), maps.normal, maps.specular, maps.displacement)


def test_tiles_agree_to_the_last_bit(model):
    assert seam_difference(model, RECIPE) == {"largest": 0.0, "differing": 0.0}


def test_tiles_that_differ_are_found(model):
    found = seam_difference(Seamed(model), RECIPE)
    assert found["largest"] == pytest.approx(1 / 64 - 1 / 256, rel=0.02) and found["differing"] > 0.3


def test_a_preview_of_the_full_level_is_the_render(model):
    found = preview_fidelity(model, [RECIPE], 0)["preview"]
    assert all(v["rms"] == 0 and v["correlation"] == pytest.approx(1) for v in found.values())


def test_a_coarser_preview_is_further_from_the_render_than_a_finer_one(model):
    finer, coarser = (preview_fidelity(model, [RECIPE], level)["preview"] for level in (1, 2))
    assert all(coarser[m]["rms"] > 0 and finer[m]["rms"] > 0 for m in finer)
    assert coarser["albedo"]["correlation"] < finer["albedo"]["correlation"]


def test_drafts_are_told_beside_previews(model):
    found = preview_fidelity(model, [RECIPE], 1)
    assert set(found) == {"preview", "draft"}
    assert all(np.isfinite(v["rms"]) for v in found["draft"].values())


def test_windows_lie_on_the_face_at_every_level(model):
    for level in range(3):
        height, width = model.config.size(level)
        assert all(r.left >= 0 and r.top >= 0 and r.right <= width and r.bottom <= height for r in preview_windows(model, level))
