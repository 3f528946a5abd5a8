"""The store: what is written is read back at every level, whole or not at all, and what is wrong with it is said."""

import json
import os
import resource
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.model.rects import Rect
from trainer.__main__ import main
from trainer.store import Store
from trainer.store_format import CHUNK, STEPS, level_sizes
from trainer.store_writer import StoreWriter

WIDTH, HEIGHT = 768, 512  # three chunks by two
ABOUT = {"maker": "test", "version": 1}
MASK = layout.mask(WIDTH, HEIGHT)


def drawn(seed: int) -> dict[str, np.ndarray]:
    """Maps without meaning, with detail in every octave."""
    rng = np.random.default_rng(seed)
    soft = np.cumsum(rng.normal(0, 0.005, (7, HEIGHT, WIDTH)), axis=2)
    soft += rng.normal(0, 0.02, soft.shape)
    xy = np.clip(soft[3:5], -0.6, 0.6)
    normal = np.stack([*xy, np.sqrt(1 - np.square(xy).sum(axis=0))], axis=-1)
    maps = {"albedo": np.moveaxis(soft[:3] + 0.5, 0, -1).clip(0, 1), "normal": normal}
    maps |= {"specular": (soft[5] + 0.4).clip(0, 1), "displacement": soft[6]}
    return {name: m.astype(np.float32) for name, m in maps.items()}


def stacked(maps: dict[str, np.ndarray]) -> np.ndarray:
    """(7, H, W) of a full set of maps."""
    albedo, normal = (np.moveaxis(maps[name], -1, 0) for name in ("albedo", "normal"))
    return np.stack([*albedo, *normal[:2], maps["specular"], maps["displacement"]])


def write(folder: Path, **subjects: dict[str, np.ndarray]) -> StoreWriter:
    writer = StoreWriter(folder, WIDTH, HEIGHT, MASK, ABOUT)
    for name, maps in subjects.items():
        writer.write(name, maps, {"from": name}, "CC0-1.0", {"age": 0.25})
    return writer


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two whole subjects, and one scan of albedo and normal alone."""
    folder = tmp_path_factory.mktemp("made") / "store"
    scan = {name: m for name, m in drawn(2).items() if name in ("albedo", "normal")}
    write(folder, anna=drawn(0), bert=drawn(1), carl=scan)
    return folder


@pytest.fixture()
def store(made: Path) -> Store:
    return Store(made, canvas_width=2 * WIDTH)  # the store is level 1 of its canvas


@pytest.fixture()
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "store"))


# -- what is read


def test_a_subject_is_read_back_to_half_a_step(store: Store):
    found, wanted = store.subject(0, 1), stacked(drawn(0))
    inside = store.mask > 0
    assert found.dtype == np.float32 and store.names == ["anna", "bert", "carl"] and store.level == 1
    for channel, step, array in zip(found, STEPS, wanted, strict=True):
        np.testing.assert_allclose(channel[inside], array[inside], atol=0.501 * step)


def test_outside_the_mask_a_subject_is_neutral(store: Store):
    outside = store.subject(1, 1)[:, store.mask == 0]
    np.testing.assert_array_equal(outside, np.repeat([[0.5], [0.5], [0.5], [0], [0], [0.5], [0]], outside.shape[1], axis=1))


def test_eight_bit_scans_are_kept_exactly(tmp_path: Path):
    levels = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 4)).astype(np.float32) / 255
    write(tmp_path / "store", scan={"albedo": levels[..., :3], "specular": levels[..., 3]})
    found = Store(tmp_path / "store", canvas_width=None).subject(0, 0)
    inside = MASK > 0.5
    np.testing.assert_array_equal(np.round(255 * found[0][inside]), np.round(255 * levels[inside, 0]))
    np.testing.assert_allclose(found[[0, 1, 2, 5]][:, inside], levels[inside].T, atol=1e-7)


def test_every_level_is_the_area_average_of_the_finer_one(store: Store):
    assert level_sizes(WIDTH, HEIGHT) == [(512, 768), (256, 384), (128, 192), (64, 96), (32, 48)]
    for level in range(1, 5):
        fine, coarse = store.subject(0, level), store.subject(0, level + 1)
        average = fine.reshape(7, coarse.shape[1], 2, coarse.shape[2], 2).mean(axis=(2, 4))
        assert (np.abs(coarse - average) <= 1.01 * np.array(STEPS)[:, None, None]).all(), "each is rounded once"


@pytest.mark.parametrize("rect", [Rect(0, 0, 512, 768), Rect(CHUNK - 5, 3, CHUNK + 40, 700), Rect(511, 767, 512, 768)])
def test_a_rectangle_is_the_crop_of_the_whole_also_mirrored(store: Store, rect: Rect):
    whole = store.subject(0, 1)
    crop = np.s_[:, rect.top : rect.bottom, rect.left : rect.right]
    np.testing.assert_array_equal(store.read(0, 1, rect), whole[crop])
    mirror = whole[..., ::-1].copy()
    mirror[3] *= -1
    np.testing.assert_array_equal(store.read(0, 1, rect, mirrored=True), mirror[crop])
    np.testing.assert_array_equal(store.channel(0, 1, 6), whole[6])


def test_large_levels_are_read_in_part_like_small_ones_that_are_kept(made: Path, monkeypatch: pytest.MonkeyPatch):
    kept = Store(made, canvas_width=None).read(0, 0, Rect(100, 200, 300, 600), mirrored=True)
    monkeypatch.setattr("trainer.store.KEPT_TEXELS", 0)
    np.testing.assert_array_equal(Store(made, canvas_width=None).read(0, 0, Rect(100, 200, 300, 600), mirrored=True), kept)


def test_levels_that_are_kept_stay_within_their_bytes(made: Path, monkeypatch: pytest.MonkeyPatch):
    limit = 3 * 7 * 256 * 384 * 2
    monkeypatch.setattr("trainer.store.KEPT_BYTES", limit)
    store = Store(made, canvas_width=None)
    for index in (0, 1, 2, 0):
        for level in (1, 2, 3):
            store.subject(index, level)
            assert sum(a.nbytes for a in store._kept.values()) <= limit


# -- what is said of subjects


def test_a_modality_that_is_missing_is_zero_and_not_named(store: Store):
    assert store.modalities(0) == ("albedo", "normal", "specular", "displacement")
    assert store.modalities(2) == ("albedo", "normal")
    assert (store.subject(2, 1)[5:] == 0).all() and (store.subject(2, 3)[5:] == 0).all()


def test_a_subject_keeps_what_is_known_of_it(store: Store):
    assert store.labels(1) == {"age": 0.25} and store.provenance(1) == {"from": "bert"}
    assert store.description() == {
        "maker": "test", "version": 1, "name": "store", "width": WIDTH, "height": HEIGHT,
        "subjects": 3, "first": "anna", "last": "carl", "licences": ["CC0-1.0"],
    }  # fmt: skip


def test_moments_are_those_of_all_texels_inside_of_the_subjects_that_have_the_channel(store: Store):
    mean, sigma = store.moments()
    inside = store.mask > 0.5
    for c in range(7):
        values = np.concatenate([store.subject(i, 1)[c][inside] for i in ((0, 1, 2) if c < 5 else (0, 1))])
        assert mean[c] == pytest.approx(values.mean(dtype=np.float64), abs=1e-6)
        assert sigma[c] == pytest.approx(values.std(dtype=np.float64), rel=1e-5)


def test_bands_and_the_coarsest_level_make_up_the_variance(tmp_path: Path):
    StoreWriter(tmp_path / "store", WIDTH, HEIGHT, np.ones_like(MASK), ABOUT).write("anna", drawn(3), {}, "CC0-1.0")
    bands = json.loads((tmp_path / "store" / "subjects" / "anna" / "zarr.json").read_text())["attributes"]["bands"]
    store = Store(tmp_path / "store", canvas_width=None)
    variance = store.subject(0, 0).var(axis=(1, 2), dtype=np.float64)
    np.testing.assert_allclose(np.sum(bands, axis=0) + store.subject(0, 4).var(axis=(1, 2)), variance, rtol=1e-2)


# -- writing


def test_the_order_of_writing_does_not_change_a_byte(made: Path, tmp_path: Path):
    other = write(tmp_path / "store", bert=drawn(1), anna=drawn(0))
    for path in (made / "subjects" / "bert").rglob("*"):
        twin = other.folder / path.relative_to(made)
        assert twin.is_dir() if path.is_dir() else twin.read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"width": 384, "height": 256, "mask": layout.mask(384, 256)}, "width 768"),
        ({"mask": np.ones_like(MASK)}, "mask"),
        ({"about": {"maker": "test", "version": 2}}, "version"),
    ],
)
def test_what_does_not_belong_in_a_store_is_refused_before_anything_is_written(made: Path, changed: dict, word: str):
    with pytest.raises(GantlitzError, match=word) as failure:
        StoreWriter(**{"folder": made, "width": WIDTH, "height": HEIGHT, "mask": MASK, "about": ABOUT, **changed})
    assert failure.value.code == "bad-store"


def test_a_folder_of_other_things_is_not_made_a_store(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(GantlitzError, match="not a store"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_is_not_made_a_store(tmp_path: Path):
    (tmp_path / "store").write_text("dear")
    with pytest.raises(GantlitzError, match="store is a file"):
        write(tmp_path / "store")


def test_an_empty_folder_becomes_a_store_and_stays_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It may be a mounted disk, or the folder one is in; hidden files are some file manager's."""
    (tmp_path / ".DS_Store").touch()
    inode = tmp_path.stat().st_ino
    monkeypatch.chdir(tmp_path)
    write(Path("."), anna=drawn(0))
    assert tmp_path.stat().st_ino == inode
    assert sorted(p.name for p in tmp_path.iterdir()) == [".DS_Store", "mask", "subjects", "zarr.json"]
    assert Store(tmp_path, canvas_width=None).names == ["anna"]


def replaced(name: str, change) -> dict[str, np.ndarray]:
    maps = drawn(0)
    return maps | {name: change(maps[name])}


@pytest.mark.parametrize(
    ("name", "maps", "sentence"),
    [
        ("dora", replaced("displacement", lambda d: d + 5), "reaches .* mm, and a store holds 3.28 mm"),
        ("dora", replaced("specular", lambda s: np.where(MASK > 0.9, np.nan, s)), "dora hold values that are no numbers"),
        ("dora", replaced("albedo", lambda a: a[:64]), "albedo of the subject dora has the shape"),
        ("dora", {"gloss": drawn(0)["specular"]}, "gloss"),
        ("dora", {}, "has the maps"),
        ("../dora", drawn(0), "cannot name a subject"),
        (".dora", drawn(0), "cannot name a subject"),
        ("anna", drawn(0), "already holds the subject anna"),
    ],
)
def test_maps_that_do_not_fit_are_refused_and_leave_nothing(copy: Path, name: str, maps: dict, sentence: str):
    before = sorted(copy.rglob("*"))
    with pytest.raises(GantlitzError, match=sentence):
        write(copy).write(name, maps, {}, "CC0-1.0")
    assert sorted(copy.rglob("*")) == before


def test_what_overshoots_is_clipped_rather_than_wrapped(tmp_path: Path):
    write(tmp_path / "store", anna=replaced("albedo", lambda a: a + 100))
    assert Store(tmp_path / "store", canvas_width=None).subject(0, 0).max() == pytest.approx(1)


def test_nothing_half_written_is_left_where_the_disk_is_full(copy: Path):
    writer, before = write(copy), sorted(copy.rglob("*"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))  # the system refuses larger files, as on a full disk
    try:
        with pytest.raises(GantlitzError, match=r"dora could not be written: .*large") as failure:
            writer.write("dora", drawn(4), {}, "CC0-1.0")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert failure.value.code == "disk-full"
    assert sorted(copy.rglob("*")) == before


def test_of_two_writers_of_one_subject_the_second_is_told(copy: Path, monkeypatch: pytest.MonkeyPatch):
    first, second = write(copy), write(copy)
    work = second._write_levels

    def slow(*arguments):
        figures = work(*arguments)
        monkeypatch.setattr("os.getpid", lambda: 1)  # another process
        first.write("dora", drawn(4), {}, "CC0-1.0")
        return figures

    monkeypatch.setattr(second, "_write_levels", slow)
    with pytest.raises(GantlitzError, match="already holds the subject dora"):
        second.write("dora", drawn(5), {}, "CC0-1.0")
    kept = Store(copy, canvas_width=None)
    inside = kept.mask > 0
    np.testing.assert_allclose(kept.channel(3, 0, 6)[inside], drawn(4)["displacement"][inside], atol=1e-4)
    assert kept.verify() == [] and not list((copy / "subjects").glob(".*"))


def test_what_a_killed_writer_left_is_not_counted_and_swept_up_later(copy: Path):
    left = copy / "subjects" / ".dora.1234"
    left.mkdir()
    assert write(copy).names() == {"anna", "bert", "carl"} == set(Store(copy).names)
    assert left.exists(), "it may still be at work"
    os.utime(left, (0, time.time() - 7200))
    write(copy)
    assert not left.exists()


# -- what is wrong with a store is said


def test_a_folder_that_is_no_store_is_named(tmp_path: Path):
    with pytest.raises(GantlitzError, match="not a store"):
        Store(tmp_path)


def test_a_store_of_the_older_format_is_to_be_drawn_again(tmp_path: Path):
    (tmp_path / "store.json").write_text('{"format": 1}')
    for opened in (lambda: Store(tmp_path), lambda: write(tmp_path)):
        with pytest.raises(GantlitzError, match=r"older format .* trainer capture"):
            opened()


def test_a_store_without_subjects_is_refused(tmp_path: Path):
    write(tmp_path / "store")
    with pytest.raises(GantlitzError, match="no whole subject"):
        Store(tmp_path / "store")


def test_a_store_that_does_not_fit_the_model_is_refused(made: Path):
    with pytest.raises(GantlitzError, match="768"):
        Store(made, canvas_width=1000)


@pytest.mark.parametrize("file", ["0/c/0/1/1", "2/zarr.json"])
def test_a_damaged_array_is_named_with_its_subject(copy: Path, file: str):
    path = copy / "subjects" / "bert" / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    store = Store(copy, canvas_width=None)
    assert store.verify() == [f"The subject bert is damaged: {file} has changed."]
    with pytest.raises(GantlitzError, match=f"subject bert .*: {file} has changed"):
        store.subject(1, int(file[0]))
    store.subject(0, 0)


@pytest.mark.parametrize("content", ["{", "{}", '{"zarr_format": 3, "node_type": "group", "attributes": {}}'])
def test_damaged_attributes_are_named_with_their_subject(copy: Path, content: str):
    (copy / "subjects" / "bert" / "zarr.json").write_text(content)
    store = Store(copy)
    with pytest.raises(GantlitzError, match=r"subject bert .* cannot be read: zarr\.json"):
        store.modalities(1)
    assert [sentence[:28] for sentence in store.verify()] == ["The subject bert is damaged:"]


def test_files_that_are_gone_or_strange_are_found(copy: Path):
    (copy / "subjects" / "anna" / "1" / "c" / "0" / "0" / "1").unlink()
    (copy / "subjects" / "carl" / "note").write_text("?")
    assert Store(copy).verify() == [
        "The subject anna is damaged: 1/c/0/0/1 is missing.",
        "The subject carl is damaged: note does not belong to it.",
    ]


def test_the_command_line_checks_a_store(copy: Path, capsys: pytest.CaptureFixture):
    assert main(["check", str(copy)]) == 0
    (copy / "subjects" / "anna" / "note").write_text("?")
    assert main(["check", str(copy)]) == 1
    said = capsys.readouterr()
    assert "anna" in said.out and "damaged" in said.err
