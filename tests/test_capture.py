"""Procedural subjects: the same from the same seed, different people from different ones, maps that agree."""

import dataclasses
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.slopes import normals_of_displacement
from trainer.capture import Identity, capture_dataset, draw_subject
from trainer.capture.colour import skin_colour, skin_table
from trainer.capture.dataset import CAPTURE_VERSION, MAPS
from trainer.capture.noise import band_noise
from trainer.store import Store
from trainer.store_format import STEPS

WIDTH, HEIGHT = 384, 256
MAP_NAMES = ("albedo", "normal", "specular", "displacement")


@pytest.fixture(scope="module")
def mask() -> np.ndarray:
    return layout.mask(WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def people():
    return [draw_subject(seed, WIDTH, HEIGHT) for seed in range(3)]


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


# -- identity


def test_an_identity_is_its_seed():
    assert Identity.from_seed(7) == Identity.from_seed(7) != Identity.from_seed(8)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Identity.from_seed(7).age = 0


def test_identities_cover_the_range_of_people():
    crowd = [Identity.from_seed(seed) for seed in range(300)]
    melanin = np.array([p.melanin for p in crowd])
    assert (melanin < 0.012).any() and (melanin > 0.2).any() and melanin.min() >= 0.006 and melanin.max() <= 0.35
    assert {p.sex for p in crowd} == {0.0, 1.0}
    assert all(p.beard == 0 for p in crowd if p.sex == 0) and any(p.beard > 0.5 for p in crowd)
    assert np.std([p.age for p in crowd]) > 0.15


# -- maps


def test_the_same_seed_draws_the_same_maps_on_threads_too(people):
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda seed: draw_subject(seed, WIDTH, HEIGHT), (0, 1)))
    for alone, beside in zip(people[:2], together, strict=True):
        for name in MAP_NAMES:
            np.testing.assert_array_equal(getattr(alone, name), getattr(beside, name))


def test_maps_keep_their_ranges_and_units(people):
    for maps in people:
        assert maps.albedo.shape == (HEIGHT, WIDTH, 3) and maps.specular.shape == (HEIGHT, WIDTH)
        assert all(getattr(maps, name).dtype == np.float32 for name in MAP_NAMES)
        assert maps.albedo.min() >= 0 and maps.albedo.max() <= 1
        assert maps.specular.min() >= 0 and maps.specular.max() <= 1
        assert 0.2 < np.abs(maps.displacement).max() < 2.5  # millimetres
        np.testing.assert_allclose(np.linalg.norm(maps.normal, axis=-1), 1, atol=1e-5)
        assert maps.normal[..., 2].min() > 0


def test_outside_the_mask_everything_is_neutral(people, mask):
    away = mask == 0
    away &= cv2.erode(away.astype(np.uint8), np.ones((3, 3))) > 0  # a normal's differences reach one texel
    for maps in people:
        assert (maps.albedo[away] == 0.5).all() and (maps.specular[away] == 0.5).all()
        assert (maps.displacement[away] == 0).all()
        assert (maps.normal[away] == (0, 0, 1)).all()


def test_normals_are_the_slope_of_the_displacement(people):
    texel = layout.texel_mm(WIDTH)
    for maps in people:
        dy, dx = np.gradient(maps.displacement, texel)
        inner = (slice(2, -2), slice(2, -2))
        assert correlation(maps.normal[..., 0][inner], -dx[inner]) > 0.97
        assert correlation(maps.normal[..., 1][inner], dy[inner]) > 0.97  # +Y up, rows run down


def test_a_plane_tilted_by_45_degrees_has_the_normal_of_one():
    ramp = np.repeat(np.arange(32, dtype=np.float32)[None] * 0.25, 32, 0)
    np.testing.assert_allclose(normals_of_displacement(ramp, 0.25)[16, 16], (-(0.5**0.5), 0, 0.5**0.5), atol=1e-6)


# -- one person at any size


def test_a_smaller_size_shows_the_same_person(people, mask):
    large = draw_subject(1, 2 * WIDTH, 2 * HEIGHT)
    skin = mask > 0.9
    for name in ("albedo", "specular", "displacement"):
        small, reduced = getattr(people[1], name), cv2.resize(getattr(large, name), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        assert correlation(small[skin], reduced[skin]) > 0.93, name
        assert np.abs(small[skin] - reduced[skin]).mean() < 0.02, name
    other = people[2].albedo
    assert np.abs(other[skin] - people[1].albedo[skin]).mean() > 0.05


def test_noise_agrees_across_sizes_and_loses_what_is_finer():
    large = band_noise(3, "layer", (768, 512), 128, 1024)
    small = band_noise(3, "layer", (384, 256), 128, 1024)
    assert correlation(small, cv2.resize(large, (384, 256), interpolation=cv2.INTER_AREA)) > 0.98
    assert large.std() == pytest.approx(1, abs=0.2)
    assert not band_noise(3, "layer", (384, 256), 2, 8).any()
    assert correlation(small, band_noise(3, "other", (384, 256), 128, 1024)) < 0.2


# -- people


def test_faces_are_nearly_but_not_quite_symmetric(people):
    for maps in people:
        difference = np.abs(maps.albedo - maps.albedo[:, ::-1]).mean()
        assert 0.001 < difference < 0.012  # published: .008 - .009


def test_seeds_differ_in_tone(people):
    u, v = layout.LANDMARKS["forehead"]
    x, y = int(u * WIDTH), int(v * HEIGHT)
    tones = [maps.albedo[y - 6 : y + 6, x - 10 : x + 10].mean((0, 1)) for maps in people]
    luminance = [float(tone @ (0.2126, 0.7152, 0.0722)) for tone in tones]
    assert np.std(luminance) > 0.08
    assert all(tone[0] > tone[1] > tone[2] for tone in tones)  # skin: red, then green, then blue


@pytest.fixture(scope="module")
def pale():
    return draw_subject(0, WIDTH, HEIGHT, {"melanin": 0.02, "hair_melanin": 0.9, "hair_grey": 0.0})


def test_factors_can_be_overridden(people, pale):
    forehead = (slice(40, 80), slice(160, 220))
    assert pale.albedo[forehead].mean() > people[0].albedo[forehead].mean() + 0.2  # seed 0 is dark


def test_lips_are_redder_than_the_cheek_and_brows_darker_than_the_forehead(pale):
    maps = pale
    u, v = layout.uv_grid(WIDTH, HEIGHT)

    def mean(name: str, least: float) -> np.ndarray:
        return maps.albedo[layout.region(name, u, v) > least].mean(0)

    lips, cheek, brow, forehead = mean("lips", 0.9), mean("cheek", 0.8), mean("brow", 0.8), mean("forehead", 0.9)
    assert lips[0] / lips[1] > 1.1 * cheek[0] / cheek[1]
    assert brow.mean() < forehead.mean() - 0.08


def test_skin_colour_follows_melanin_and_blood():
    table = skin_table(1.8, 0.7, 0.08)
    log = np.log(np.float32([[0.008, 0.25]]))
    blood = np.log(np.float32([[0.03, 0.03]]))
    pale, dark = skin_colour(table, log, blood)[0]
    assert (pale > dark).all() and pale[0] == pytest.approx(0.8, abs=0.06)
    flushed = skin_colour(table, log, blood + 1)[0, 0]
    assert flushed[1] / flushed[0] < pale[1] / pale[0]


@pytest.mark.parametrize("size", [(100, 100), (768, 500), (48, 32), (12288, 8192)])
def test_sizes_that_are_not_the_layout_are_refused(size):
    with pytest.raises(GantlitzError, match="3:2"):
        draw_subject(0, *size)


# -- the dataset


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return capture_dataset(tmp_path_factory.mktemp("capture") / "store", 2, 96, 64, first_seed=3, workers=1, progress=False)


@pytest.fixture()
def tiny(drawn: Path, tmp_path: Path) -> Path:
    """A copy, for tests that may write to it."""
    return Path(shutil.copytree(drawn, tmp_path / "store"))


def files(store: Path) -> dict[str, bytes]:
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in store.rglob("*") if path.is_file()}


def test_a_captured_subject_is_what_was_drawn(drawn: Path):
    store, maps = Store(drawn, canvas_width=96), draw_subject(4, 96, 64)
    assert store.names == ["00003", "00004"] and store.modalities(1) == MAPS
    found = store.subject(1, 0)
    expected = [*np.moveaxis(maps.albedo, -1, 0), *np.moveaxis(maps.normal[..., :2], -1, 0), maps.specular, maps.displacement]
    for channel, step, array in zip(found, STEPS, expected, strict=True):
        np.testing.assert_allclose(channel[store.mask > 0], array[store.mask > 0], atol=0.501 * step)
    np.testing.assert_allclose(store.mask, layout.mask(96, 64), atol=0.51 / 255)


def test_a_captured_subject_says_who_it_is(drawn: Path):
    store, person = Store(drawn, canvas_width=96), Identity.from_seed(4)
    labels = store.labels(1)
    assert labels["age"] == person.age and labels["moles"] == person.moles and "seed" not in labels
    assert store.provenance(1) == {"maker": "capture", "capture_version": CAPTURE_VERSION, "seed": 4}
    assert store.description()["licences"] == ["CC0-1.0"]


def test_capture_goes_on_where_it_stopped(tiny: Path):
    before = files(tiny)
    kept = (tiny / "subjects" / "00003").stat().st_mtime_ns
    shutil.rmtree(tiny / "subjects" / "00004")
    capture_dataset(tiny, 3, 96, 64, first_seed=2, workers=1, progress=False)
    after = files(tiny)
    assert {path: after[path] for path in before} == before
    assert (tiny / "subjects" / "00003").stat().st_mtime_ns == kept
    assert Store(tiny, canvas_width=96).names == ["00002", "00003", "00004"]


def test_workers_draw_what_one_process_draws(drawn: Path, tmp_path: Path):
    capture_dataset(tmp_path / "many", 2, 96, 64, first_seed=3, workers=2, progress=False)
    assert files(tmp_path / "many") == files(drawn)


def test_a_store_of_another_size_is_not_mixed_in(tiny: Path):
    with pytest.raises(GantlitzError, match="width 96"):
        capture_dataset(tiny, 2, 192, 128, workers=1, progress=False)


def test_a_store_of_another_version_is_not_mixed_in(tiny: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trainer.capture.dataset.CAPTURE_VERSION", CAPTURE_VERSION + 1)
    with pytest.raises(GantlitzError, match="capture_version"):
        capture_dataset(tiny, 2, 96, 64, workers=1, progress=False)


@pytest.mark.parametrize("wrong", [{"subjects": 0}, {"workers": 0}, {"first_seed": -1}])
def test_captures_that_make_no_sense_are_refused(tmp_path: Path, wrong: dict):
    with pytest.raises(GantlitzError, match="cannot be drawn"):
        capture_dataset(tmp_path / "store", **{"subjects": 1, "width": 96, "height": 64, **wrong})
