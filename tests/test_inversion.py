"""Fits: a known face found in the model, in codes and noise, from any of its maps."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.inversion.codes import CodesPlan
from gantlitz_blender.runtime.inversion.details import DetailsPlan
from gantlitz_blender.runtime.inversion.fit import Fit, FittedNoise
from gantlitz_blender.runtime.inversion.fitting import FitPlan
from gantlitz_blender.runtime.inversion.likeness import colour_of, scales_of, unlikeness
from gantlitz_blender.runtime.inversion.prior import CodePrior
from gantlitz_blender.runtime.inversion.variables import NoiseVariables, area_of, layers_of, level_of
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.model.generator import layer_key
from gantlitz_blender.runtime.model.noise import LARGEST, HashNoise, hash_noise
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.octaves import octaves_of
from gantlitz_blender.runtime.recipe import Recipe
from tests.tiny_model import TINY, tiny_generator

NAMES = ("albedo", "normal", "specular", "displacement")
PLAN = FitPlan(codes=CodesPlan(alone=30, together=30), details=DetailsPlan(passes=(8,)))
SHORT = FitPlan(codes=CodesPlan(alone=2, together=2), details=DetailsPlan(passes=(2,), tile=64))
LEVEL = 2


@pytest.fixture(scope="module")
def model(tiny_model_path: Path) -> FaceModel:
    return FaceModel.load(tiny_model_path, "cpu", "float32")


def face(model: FaceModel, seed: int, level: int = LEVEL) -> MapSet:
    return model.render(Recipe(seed, psi=0.8, noise_seed=seed), level=level)


def some(maps: MapSet, *names: str) -> dict[str, np.ndarray]:
    return {name: getattr(maps, name) for name in names}


def error(found: MapSet, truth: MapSet, name: str) -> float:
    return float(np.abs(getattr(found, name) - getattr(truth, name)).mean())


@pytest.mark.parametrize("names", [("albedo",), ("normal",), ("albedo", "displacement"), NAMES], ids="+".join)
def test_a_fit_is_nearer_to_the_known_maps_than_the_mean_face_is(model: FaceModel, names: tuple[str, ...]) -> None:
    truth = face(model, 5)
    mean = model.render(Recipe(0, psi=0.0), level=LEVEL)
    fit = model.complete(some(truth, *names), plan=PLAN)
    found = model.render(model.remember(fit), level=LEVEL)
    for name in names:
        assert error(found, truth, name) < (0.98 if name == "normal" else 0.7) * error(mean, truth, name), name


def test_noise_is_fitted_along_with_the_codes(model: FaceModel) -> None:
    """Codes alone leave what the noise of the face made: a fit without its second stage is farther away."""
    truth = face(model, 3)
    with_noise = model.complete(some(truth, "albedo"), plan=PLAN)
    codes_alone = Fit(model.sha256, with_noise.codes)
    far, near = (error(model.render(model.remember(f), level=LEVEL), truth, "albedo") for f in (codes_alone, with_noise))
    assert near < 0.9 * far


def test_only_what_is_named_as_known_counts(model: FaceModel) -> None:
    truth, other = face(model, 5), face(model, 6)
    maps = some(truth, "albedo") | some(other, "normal")
    assert model.complete(maps, ["albedo"], plan=SHORT).sha256 == model.complete(some(truth, "albedo"), plan=SHORT).sha256


def test_what_is_not_trusted_does_not_count(model: FaceModel) -> None:
    truth = face(model, 5)
    spoilt = truth.albedo.copy()
    trust = np.ones(truth.specular.shape, np.float32)
    trust[:, 96:], spoilt[:, 112:] = 0, 0.9
    one, other = (model.complete({"albedo": albedo}, trust=trust, plan=SHORT) for albedo in (truth.albedo, spoilt))
    torch.testing.assert_close(one.codes, other.codes, atol=1e-4, rtol=0)


def test_a_guide_stands_in_for_missing_maps(model: FaceModel) -> None:
    truth = face(model, 5)
    free = model.complete(some(truth, "albedo"), plan=PLAN)
    led = model.complete(some(truth, "albedo"), guide=truth, plan=PLAN)
    for name in ("specular", "displacement"):
        wide, near = (error(model.render(model.remember(f), level=LEVEL), truth, name) for f in (free, led))
        assert near < wide


def test_a_finer_answer_made_small_again_is_what_was_known(model: FaceModel) -> None:
    """Super-resolution: a level finer than the known one is made, whose area average is fitted."""
    truth = face(model, 4, level=2)
    fit = model.complete(some(truth, "albedo"), level=1, plan=PLAN)
    found = model.render(model.remember(fit), level=1).resized(truth.width, truth.height)
    mean = model.render(Recipe(0, psi=0.0), level=1).resized(truth.width, truth.height)
    assert error(found, truth, "albedo") < 0.8 * error(mean, truth, "albedo")
    assert not {layer for layer in fit.noise if level_of(layer) == 1}  # finer noise stays what it is for everybody


def test_a_map_of_the_coarsest_level_is_fitted_by_codes_alone(model: FaceModel) -> None:
    fit = model.complete(some(face(model, 4, level=TINY.levels), "albedo"), level=2, plan=SHORT)
    assert not fit.noise
    assert model.render(model.remember(fit), level=2).width == 192


def test_the_same_fit_twice_is_the_same_to_the_bit(model: FaceModel) -> None:
    maps = some(face(model, 5), "albedo")
    assert model.complete(maps, plan=SHORT).sha256 == model.complete(maps, plan=SHORT).sha256


def test_a_fit_that_was_broken_off_ends_as_if_it_had_not_been(model: FaceModel) -> None:
    maps, kept = some(face(model, 5, level=1), "albedo"), []
    whole = model.complete(maps, plan=SHORT, kept=kept.append)
    assert len(kept) == 4  # after the codes, and after the noise of levels 3, 2 and 1
    assert [model.complete(maps, plan=SHORT, begun=begun).sha256 for begun in kept] == [whole.sha256] * 4


def test_a_fit_is_shown_from_its_first_step_on(model: FaceModel) -> None:
    shown: list[Fit] = []
    fit = model.complete(some(face(model, 5), "albedo"), plan=SHORT, shown=shown.append)
    assert shown and not shown[0].codes.equal(fit.codes)


def test_progress_rises_and_cancelling_ends_it(model: FaceModel) -> None:
    shares: list[float] = []
    model.complete(some(face(model, 5), "albedo"), plan=SHORT, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
    with pytest.raises(Cancelled):
        model.complete(some(face(model, 5), "albedo"), plan=SHORT, cancelled=lambda: True)


@pytest.fixture(scope="module")
def fit(model: FaceModel) -> Fit:
    return model.complete(some(face(model, 5), "albedo"), plan=SHORT)


def test_a_recipe_finds_its_fit_in_the_file_beside_it(model: FaceModel, fit: Fit, tmp_path: Path) -> None:
    expected = model.render(model.remember(fit), level=LEVEL).stacked()
    fit.save(tmp_path / "face_fit.safetensors")
    recipe = model.stamped(Recipe(0, 1.0, fit="face_fit.safetensors", fit_sha256=fit.sha256))
    fresh = FaceModel(tiny_generator(), model.name, model.sha256, {}, "cpu", torch.float32)
    read = Recipe.from_json(recipe.to_json()).beside(tmp_path)
    assert np.abs(fresh.render(read, level=LEVEL).stacked() - expected).max() < 2e-3  # its weights are not rounded to halves
    assert np.array_equal(model.render(read, level=LEVEL).stacked(), expected)


def test_a_fit_is_edited_like_any_face(model: FaceModel, fit: Fit) -> None:
    recipe = model.remember(fit)
    whole = model.render(recipe, level=LEVEL).stacked()
    region = model.render(recipe, level=LEVEL, region=(11, 25, 90, 77)).stacked()
    assert np.abs(whole[25:77, 11:90] - region).max() < 1e-5
    mean = model.render(Recipe(0, psi=0.0), level=LEVEL).stacked()
    other_pores = model.stamped(Recipe(0, 1.0, 7, fit=recipe.fit, fit_sha256=recipe.fit_sha256))
    tamer = model.stamped(Recipe(0, 0.5, 7, fit=recipe.fit, fit_sha256=recipe.fit_sha256))
    assert not np.array_equal(model.render(other_pores, level=LEVEL).stacked(), whole)
    distances = [np.abs(model.render(r, level=LEVEL).stacked() - mean).mean() for r in (tamer, other_pores)]
    assert distances[0] < distances[1]


def test_a_missing_or_foreign_fit_is_refused_in_one_sentence(model: FaceModel, fit: Fit, tmp_path: Path) -> None:
    recipe = model.stamped(Recipe(0, 1.0, fit=str(tmp_path / "gone.safetensors"), fit_sha256="0" * 64))
    with pytest.raises(GantlitzError, match="is not there") as caught:
        model.render(recipe)
    assert caught.value.code == "fit-missing"
    fit.save(tmp_path / "gone.safetensors")
    with pytest.raises(GantlitzError, match="not the one that the recipe was made with"):
        model.render(recipe)
    (tmp_path / "torn.safetensors").write_bytes((tmp_path / "gone.safetensors").read_bytes()[:500])
    with pytest.raises(GantlitzError, match=r"torn\.safetensors cannot be read as a fit"):
        Fit.load(tmp_path / "torn.safetensors", TINY)


def test_fitted_noise_is_drawn_noise_where_nothing_was_fitted() -> None:
    layer = layer_key(1, 0)
    held = torch.full((8, 6), 127, dtype=torch.int8)
    noise = FittedNoise(Fit("", torch.zeros(1, 1), {layer: held}))
    out = noise(layer, [Rect(-2, 3, 10, 9)], 1)[0, 0]
    expected = hash_noise(0, layer, Rect(-2, 3, 10, 9))[0, 0]
    assert (out[2:10, :3] == LARGEST).all()
    assert torch.equal(out[:2], expected[:2]) and torch.equal(out[:, 3:], expected[:, 3:])
    assert torch.equal(noise(layer + 2, [Rect(0, 0, 4, 4)], 1), HashNoise(0)(layer + 2, [Rect(0, 0, 4, 4)], 1))


def test_gathered_gradients_are_those_of_the_whole() -> None:
    """Two tiles, gathered one after the other, as one whole picture would have it."""
    generator, level = tiny_generator(), 3
    w = generator.mapping(torch.randn(1, TINY.z_dim, generator=torch.Generator().manual_seed(1)))
    height, width = TINY.size(level)
    gradients = []
    for parts in ([Rect(0, 0, height, width)], [Rect(0, 0, height, 40), Rect(0, 40, height, width)]):
        noise = NoiseVariables(TINY, "cpu")
        values = noise.unlock(layers_of(level))
        for part in parts:
            generator(w, level, [part], noise, ["albedo"])["albedo"].square().sum().backward()
            noise.gather()
        gradients.append([value.grad for value in values])
    for one, other in zip(*gradients, strict=True):
        assert one is not None and other is not None and one.abs().max() > 0
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_layers_know_their_level_and_area() -> None:
    for level in (*range(-len(TINY.global_channels), 0), *range(TINY.levels)):
        assert [level_of(layer) for layer in layers_of(level)] == [level, level]
    seen: dict[int, Rect] = {}

    def spy(layer: int, rects: list[Rect], batch: int) -> torch.Tensor:
        seen[layer] = rects[0]
        return HashNoise(0)(layer, rects, batch)

    tiny_generator()(torch.zeros(1, TINY.w_dim), 3, [Rect(0, 0, 8, 8)], spy, ["albedo"])
    for level in range(-len(TINY.global_channels), 0):
        assert all(area_of(TINY, layer) == seen[layer] for layer in layers_of(level))


def test_white_noise_is_white_and_other_noise_is_not() -> None:
    white = hash_noise(1, 2, Rect(0, 0, 128, 128))
    blurred = torch.nn.functional.avg_pool2d(white, 3, 1, 1) * 3
    assert float(colour_of(white)) < 0.05
    assert float(colour_of(blurred)) > 10 * float(colour_of(white))
    assert float(colour_of(white * 2)) > 10 * float(colour_of(white))


def test_octaves_add_up_and_unlikeness_is_nothing_for_the_same() -> None:
    x = torch.randn(1, 3, 64, 48, generator=torch.Generator().manual_seed(0))
    parts = octaves_of(x, 3)
    whole = parts[-1]
    for part in reversed(parts[:-1]):
        whole = torch.nn.functional.interpolate(whole, scale_factor=2, mode="bilinear", align_corners=False) + part
    torch.testing.assert_close(whole, x)
    scales = scales_of(x, 3)
    assert float(unlikeness(x, x, scales)) == 0
    assert 0 < float(unlikeness(x + 0.1 * x.flip(-1), x, scales)) < float(unlikeness(x.flip(-1), x, scales))


def test_the_prior_makes_the_mappings_own_codes_standard_normal() -> None:
    generator = tiny_generator()
    prior = CodePrior(generator)
    w = generator.mapping(torch.randn(4000, TINY.z_dim, generator=torch.Generator().manual_seed(9)))
    v = (w - prior.mean) @ torch.linalg.inv(prior.spread)
    assert v.mean(dim=0).abs().max() < 0.1
    assert v.std(dim=0).max() < 1.1
    torch.testing.assert_close(prior.w(v), w, atol=1e-3, rtol=1e-3)
