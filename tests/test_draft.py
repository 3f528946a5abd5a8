"""Drafts: near to the exact preview, made of fewer channels, whatever the recipe asks for."""

import numpy as np
import pytest

from gantlitz_blender.runtime import draft
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.model.config import MODALITIES
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.runtime.recipe_parts import Grain, Mix

from .tiny_model import tiny_generator

# Root mean squares: less than two steps of an 8-bit albedo, half a degree, half a hundredth of gloss and of a millimetre.
NEAR = {"albedo": 2 / 255, "normal": 0.008, "specular": 0.005, "displacement": 0.005}
RECIPES = {
    "a face": Recipe(7, 0.7),
    "beyond what was measured": Recipe(11, 1.0),
    "mixed, with other pores": Recipe(
        3, 0.7, noise_seed=5, mix={"coarse": Mix(8, 0.5)}, grain={"wrinkles": Grain(1.5, None), "pores": Grain(0.5, 4)}
    ),
    "another noise strength": Recipe(5, 0.7, noise_strength=0.4),
}


@pytest.fixture(scope="module")
def bundled():
    return FaceModel.load(device="cpu", precision="float32")


@pytest.mark.parametrize("name", RECIPES)
def test_a_draft_is_near_to_the_exact_preview(bundled, name):
    exact, quick = (bundled.preview(RECIPES[name], 384, draft=chosen) for chosen in (False, True))
    for kind, most in NEAR.items():
        error = np.sqrt(np.mean(np.square(getattr(quick, kind) - getattr(exact, kind))))
        assert 0 < error < most, kind


def test_its_finest_levels_have_fewer_channels(bundled):
    generator = bundled._generator
    found = draft.measure(generator, 4)
    assert set(found) == {m.name for m in MODALITIES}
    for thinnings in found.values():
        assert set(thinnings) == {4, 5}
        for level, thinning in thinnings.items():
            conv0, conv1 = generator.patch_stage.convs(level)
            assert len(thinning.inner.channels) < conv0.weight.shape[0] / 2
            assert len(thinning.outer.channels) <= conv1.weight.shape[0] / 2


def test_the_coarsest_level_has_nothing_to_thin():
    assert draft.measure(tiny_generator(), tiny_generator().config.levels) == {}


def test_the_same_model_measures_the_same():
    first, second = (draft.measure(tiny_generator(), 1) for _ in range(2))
    for name, levels in first.items():
        for level, thinning in levels.items():
            assert thinning.inner.channels.tolist() == second[name][level].inner.channels.tolist()
            assert np.array_equal(thinning.outer.mix.numpy(), second[name][level].outer.mix.numpy())


def test_every_level_of_a_model_can_be_drafted(tiny_model_path):
    model = FaceModel.load(tiny_model_path, "cpu")
    for level in range(model.levels + 1):
        assert model.preview(Recipe(1), model.width >> level, draft=True).width == model.width >> level
