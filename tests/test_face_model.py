"""What a user holds: the same recipe gives the same maps, whole or in pieces, here or in another process."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.face_model import FaceModel
from gantlitz_blender.runtime.maps import MapSet
from gantlitz_blender.runtime.model.noise import HashNoise
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.recipe import Recipe

RECIPE = Recipe(seed=11, psi=0.8, noise_seed=3)
MAPS = ("albedo", "normal", "specular", "displacement")


@pytest.fixture(scope="module")
def model(tiny_model_path: Path) -> FaceModel:
    return FaceModel.load(tiny_model_path, device="cpu", precision="float32")


@pytest.fixture(scope="module")
def whole(model: FaceModel) -> MapSet:
    return model.render(RECIPE)


def digest(maps: MapSet) -> str:
    return hashlib.sha256(maps.stacked().tobytes()).hexdigest()


def test_maps_keep_their_promised_shapes_and_ranges(model: FaceModel, whole: MapSet) -> None:
    assert (whole.width, whole.height) == (model.width, model.height) == (768, 512)
    assert 0 <= whole.albedo.min() < whole.albedo.max() <= 1
    assert 0 <= whole.specular.min() < whole.specular.max() <= 1
    np.testing.assert_allclose(np.linalg.norm(whole.normal, axis=2), 1, atol=1e-5)
    assert whole.normal[..., 2].min() > 0


def test_it_is_the_plain_generator_made_fast(model: FaceModel, whole: MapSet) -> None:
    rect = Rect(128, 64, 256, 320)
    slow = model._generator(model.w(RECIPE), 0, [rect], HashNoise(RECIPE.noise_seed))
    _, sigma = model._generator.normalisation("normal")
    xy = (slow["normal"][0] * sigma[:, None, None]).permute(1, 2, 0)
    np.testing.assert_allclose(whole.normal[128:256, 64:320, :2], xy, atol=1e-5)
    fast = {"albedo": whole.albedo, "specular": whole.specular[..., None], "displacement": whole.displacement[..., None]}
    for name, got in fast.items():
        mean, sigma = model._generator.normalisation(name)
        want = (slow[name][0] * sigma[:, None, None] + mean[:, None, None]).permute(1, 2, 0).numpy()
        want = want.clip(0, 1) if name != "displacement" else want
        np.testing.assert_allclose(got[128:256, 64:320], want, atol=1e-5)


@pytest.mark.parametrize(("tile", "threads"), [(64, 1), (100, 2), (333, 3), (512, 2)])
def test_tile_size_and_threads_change_no_bit(model: FaceModel, whole: MapSet, tile: int, threads: int) -> None:
    assert digest(model.render(RECIPE, tile=tile, threads=threads)) == digest(whole)


@pytest.mark.parametrize("region", [(0, 0, 1, 1), (701, 13, 768, 57), (101, 203, 404, 511), (0, 448, 768, 512)])
def test_a_region_is_the_crop_of_the_whole_to_the_bit(model: FaceModel, whole: MapSet, region: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = region
    part = model.render(RECIPE, region=region)
    for name in MAPS:
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[y0:y1, x0:x1])


def test_a_fresh_process_makes_the_same_maps(whole: MapSet, tiny_model_path: Path) -> None:
    script = (
        "import sys, hashlib; from gantlitz_blender.runtime import FaceModel, Recipe\n"
        "m = FaceModel.load(sys.argv[1], device='cpu', precision='float32')\n"
        "s = m.render(Recipe(seed=11, psi=0.8, noise_seed=3), tile=200).stacked()\n"
        "print(hashlib.sha256(s.tobytes()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tiny_model_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(whole)


def test_bfloat16_stays_within_one_8_bit_level_of_albedo(tiny_model_path: Path, whole: MapSet) -> None:
    half = FaceModel.load(tiny_model_path, device="cpu", precision="bfloat16").render(RECIPE, tile=200)
    assert digest(half) != digest(whole)
    assert np.abs(half.albedo - whole.albedo).max() < 1 / 255


def test_psi_pulls_towards_the_mean_face(model: FaceModel) -> None:
    at = {psi: model.w(Recipe(1, psi=psi)) for psi in (0.0, 0.5, 1.0)}
    assert bool((at[0.0] == model._generator.w_avg).all())
    np.testing.assert_allclose(at[0.5], (at[0.0] + at[1.0]) / 2, atol=1e-6)
    assert bool((model.w(Recipe(1, psi=0)) == model.w(Recipe(2, psi=0))).all())


def test_the_noise_seed_changes_detail_and_noise_strength_zero_removes_it(model: FaceModel) -> None:
    def albedo(**fields: float) -> np.ndarray:
        return model.render(Recipe(1, **fields), level=1).albedo

    base, other = albedo(noise_seed=0), albedo(noise_seed=1)
    assert np.abs(base - other).max() > 0.01
    np.testing.assert_array_equal(albedo(noise_seed=0, noise_strength=0), albedo(noise_seed=1, noise_strength=0))


def test_seeds_are_the_numbers_of_the_frozen_mersenne_twister(model: FaceModel) -> None:
    z = np.random.RandomState(7).standard_normal(3)
    np.testing.assert_allclose(z, [1.69052570, -0.46593737, 0.03282016], atol=1e-8)


@pytest.mark.parametrize("level", [1, 2, 4])
def test_coarser_levels_are_smaller_pictures_of_the_same_face(model: FaceModel, whole: MapSet, level: int) -> None:
    small = model.render(RECIPE, level=level)
    assert (small.width, small.height) == (768 >> level, 512 >> level)


def test_a_preview_has_the_width_asked_for(model: FaceModel) -> None:
    maps = model.preview(RECIPE, 100)
    assert (maps.width, maps.height) == (100, 67)
    np.testing.assert_allclose(np.linalg.norm(maps.normal, axis=2), 1, atol=1e-5)


def test_progress_rises_to_one(model: FaceModel) -> None:
    seen: list[float] = []
    model.render(RECIPE, tile=128, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_cancel_stops_between_tiles(model: FaceModel) -> None:
    asked = []
    with pytest.raises(Cancelled):
        model.render(RECIPE, tile=64, cancelled=lambda: asked.append(1) or len(asked) > 1)
    assert len(asked) < 96, "fewer questions than tiles"


def test_what_lies_outside_the_mask_is_left_out_without_a_change_inside(tiny_model_path: Path) -> None:
    """With a mask that leaves some tiles empty, and others partly so."""
    model = FaceModel.load(tiny_model_path, "cpu", precision="float32")
    mask, level = model._generator.mask.fill_(1), model.config.mask_level
    everything = model.render(RECIPE, level=level, tile=64).stacked()
    height, width = everything.shape[:2]
    mask[..., : height // 3, :] = 0
    mask[..., :, : width // 2] = 0
    found = model.render(RECIPE, level=level, tile=16).stacked()
    inside = np.s_[height // 3 :, width // 2 :]
    np.testing.assert_array_equal(found[inside], everything[inside])
    assert len(np.unique(found[: height // 3].reshape(-1, 8), axis=0)) == 1, "the outside is one colour"


def test_outside_the_mask_the_maps_are_neutral(tiny_model_path: Path) -> None:
    model = FaceModel.load(tiny_model_path, device="cpu")
    model._generator.mask.zero_()
    maps = model.render(RECIPE, level=2)
    assert (maps.albedo == 0.5).all()
    assert (maps.specular == 0.5).all()
    assert (maps.displacement == 0).all()
    assert (maps.normal == (0, 0, 1)).all()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"level": -1}, "level"),
        ({"level": 5}, "level"),
        ({"region": (0, 0, 0, 5)}, "region"),
        ({"region": (-1, 0, 5, 5)}, "region"),
        ({"region": (0, 0, 769, 5)}, "region"),
        ({"tile": 0}, "tile"),
    ],
)
def test_bad_requests_are_refused_in_a_sentence(model: FaceModel, options: dict, word: str) -> None:
    with pytest.raises(GantlitzError, match=word) as caught:
        model.render(RECIPE, **options)
    assert caught.value.fix


def test_a_recipe_of_another_model_is_refused(model: FaceModel) -> None:
    with pytest.raises(GantlitzError) as caught:
        model.render(Recipe(1, model="other", model_sha256="0" * 64))
    assert caught.value.code == "model-mismatch"
    assert model.stamped(RECIPE).model_sha256 == model.sha256
    model.render(model.stamped(RECIPE), level=4)


@pytest.mark.parametrize("options", [{"device": "tpu"}, {"precision": "int4"}])
def test_unknown_devices_and_precisions_are_refused(tiny_model_path: Path, options: dict) -> None:
    with pytest.raises(GantlitzError):
        FaceModel.load(tiny_model_path, **options)
