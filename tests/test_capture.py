"""Procedural subjects: the same from the same seed, different people from different ones, maps that agree."""

import dataclasses
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.errors import GantlitzError
from trainer.capture import Identity, capture_dataset, draw_subject
from trainer.capture.colour import skin_colour, skin_table
from trainer.capture.dataset import DISPLACEMENT_SCALE_MM, MAPS, pack, subject_path
from trainer.capture.noise import band_noise
from trainer.capture.subject import normals

WIDTH, HEIGHT = 384, 256
MAP_NAMES = ("albedo", "normal", "specular", "displacement")


@pytest.fixture(scope="module")
def mask() -> np.ndarray:
    return layout.mask(WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def people():
    return [draw_subject(seed, WIDTH, HEIGHT) for seed in range(5)]


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


def test_the_same_seed_draws_the_same_maps(people):
    again = draw_subject(0, WIDTH, HEIGHT)
    for name in MAP_NAMES:
        np.testing.assert_array_equal(getattr(people[0], name), getattr(again, name))


def test_threads_do_not_change_a_subject(people):
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda seed: draw_subject(seed, WIDTH, HEIGHT), (1, 2)))
    for alone, beside in zip(people[1:3], together, strict=True):
        np.testing.assert_array_equal(alone.albedo, beside.albedo)


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
    np.testing.assert_allclose(normals(ramp, 0.25)[16, 16], (-(0.5**0.5), 0, 0.5**0.5), atol=1e-6)


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
        assert 0.001 < difference < 0.02


def test_seeds_differ_in_tone(people):
    u, v = layout.LANDMARKS["forehead"]
    x, y = int(u * WIDTH), int(v * HEIGHT)
    tones = [maps.albedo[y - 6 : y + 6, x - 10 : x + 10].mean((0, 1)) for maps in people]
    luminance = [float(tone @ (0.2126, 0.7152, 0.0722)) for tone in tones]
    assert np.std(luminance) > 0.08
    assert all(tone[0] > tone[1] > tone[2] for tone in tones)  # skin: red, then green, then blue


def test_factors_can_be_overridden():
    pale, dark = (draw_subject(4, 192, 128, {"melanin": m}).albedo[20:40, 80:110].mean() for m in (0.008, 0.3))
    assert pale > dark + 0.2


def test_lips_are_redder_than_the_cheek_and_brows_darker_than_the_forehead():
    maps = draw_subject(11, 768, 512, {"melanin": 0.02, "hair_melanin": 0.9, "hair_grey": 0.0})
    u, v = layout.uv_grid(768, 512)

    def mean(name: str, least: float) -> np.ndarray:
        return maps.albedo[layout.region(name, u, v) > least].mean(0)

    lips, cheek, brow, forehead = mean("lips", 0.9), mean("cheek", 0.8), mean("brow", 0.8), mean("forehead", 0.9)
    assert lips[0] / lips[1] > 1.1 * cheek[0] / cheek[1]
    assert brow.mean() < forehead.mean() - 0.08


def test_skin_colour_follows_melanin_and_blood():
    table = skin_table(1.8, 0.7)
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


@pytest.fixture()
def tiny(tmp_path: Path) -> Path:
    capture_dataset(tmp_path / "store", 2, 96, 64, workers=1, progress=False)
    return tmp_path / "store"


def test_a_store_holds_what_its_header_says(tiny: Path):
    header = json.loads((tiny / "store.json").read_text())
    assert header["subjects"] == [0, 1] and (header["width"], header["height"]) == (96, 64) and header["format"] == 1
    maps = draw_subject(1, 96, 64)
    albedo, normal, specular, displacement = (np.load(subject_path(tiny, 1, name)) for name in MAPS)
    assert albedo.dtype == np.uint8 and albedo.shape == (64, 96, 3)
    assert normal.dtype == np.int16 and normal.shape == (64, 96, 2)
    assert specular.dtype == np.uint8 and displacement.dtype == np.int16
    np.testing.assert_allclose(albedo / 255, maps.albedo, atol=0.51 / 255)
    np.testing.assert_allclose(normal / 32767, maps.normal[..., :2], atol=1e-4)
    np.testing.assert_allclose(displacement * DISPLACEMENT_SCALE_MM, maps.displacement, atol=1e-4)
    assert np.load(tiny / "mask.npy").shape == (64, 96)


def test_capture_goes_on_where_it_stopped(tiny: Path):
    kept = os.stat(subject_path(tiny, 0, "albedo")).st_mtime_ns
    lost = subject_path(tiny, 1, "normal")
    before = lost.read_bytes()
    lost.unlink()
    capture_dataset(tiny, 3, 96, 64, workers=1, progress=False)
    assert lost.read_bytes() == before
    assert os.stat(subject_path(tiny, 0, "albedo")).st_mtime_ns == kept
    assert json.loads((tiny / "store.json").read_text())["subjects"] == [0, 1, 2]


def test_workers_draw_what_one_process_draws(tiny: Path, tmp_path: Path):
    capture_dataset(tmp_path / "many", 2, 96, 64, workers=2, progress=False)
    for path in tiny.glob("*.npy"):
        assert (tmp_path / "many" / path.name).read_bytes() == path.read_bytes(), path.name


def test_nothing_half_written_is_left_or_counted(tiny: Path, monkeypatch: pytest.MonkeyPatch):
    def full_disk(file, array):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full_disk)
    with pytest.raises(GantlitzError, match="could not be written") as failure:
        capture_dataset(tiny, 3, 96, 64, workers=1, progress=False)
    assert failure.value.code == "disk-full"
    assert json.loads((tiny / "store.json").read_text())["subjects"] == [0, 1]
    assert not [path for path in tiny.iterdir() if path.name.startswith((".", "00002"))]


def test_a_store_of_another_size_is_not_mixed_in(tiny: Path):
    with pytest.raises(GantlitzError, match="width 96"):
        capture_dataset(tiny, 2, 192, 128, workers=1, progress=False)


def test_packing_rounds_rather_than_wraps():
    maps = draw_subject(0, 96, 64)
    maps.displacement[0, 0] = 50.0
    assert pack(maps)["displacement"][0, 0] == 32767
