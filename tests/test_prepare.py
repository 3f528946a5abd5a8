"""python -m trainer prepare: a studio's folder in, a store out; what is wrong is named, the rest goes on."""

import hashlib
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.pictures.bands import band
from gantlitz_blender.runtime.slopes import normals_of_displacement
from tests.made_scans import HEIGHT, NAMES, WIDTH, face, made_maps, pictures, save, save_scan
from trainer.__main__ import main
from trainer.store import Store

TEXEL = layout.texel_mm(WIDTH)
INNER = cv2.erode(face().astype(np.uint8), np.ones((13, 13))) > 0  # where the soft mask is 1 and no filter sees its border
OPTIONS = ["--size", f"{WIDTH}x{HEIGHT}", "--high-pass", "0", "--licence", "CC0"]


def prepare(scans: Path, store: Path, *options: str) -> int:
    return main(["prepare", str(scans), str(store), *OPTIONS, *options])


def opened(store: Path) -> Store:
    return Store(store, WIDTH)


def maps_of(store: Path, name: str) -> dict[str, np.ndarray]:
    held = opened(store)
    a = held.subject(held.names.index(name), 0).astype(np.float32)
    return {"albedo": np.moveaxis(a[:3], 0, -1), "normal": np.moveaxis(a[3:5], 0, -1), "specular": a[5], "displacement": a[6]}


def r(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a[INNER].ravel(), b[INNER].ravel())[0, 1])


@pytest.fixture(scope="module")
def scans(tmp_path_factory) -> Path:
    """Three subjects: one whole, one of normals alone, one without normals."""
    folder = tmp_path_factory.mktemp("scans")
    save_scan(folder / "anna", 1)
    save_scan(folder / "ben", 2, ("albedo", "normal"))
    save_scan(folder / "cleo", 3, ("albedo", "specular", "displacement"))
    save(folder / "cleo" / "head_Gloss.png", made_maps(3)["specular"])
    return folder


@pytest.fixture(scope="module")
def store(scans, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("stores") / "store"
    assert prepare(scans, out) == 0
    return out


# -- what comes out


def test_a_whole_subject_comes_out_as_it_is(store):
    found, true = maps_of(store, "anna"), made_maps(1)
    np.testing.assert_allclose(found["albedo"][INNER], true["albedo"][INNER], atol=1e-3)
    np.testing.assert_allclose(found["normal"][INNER], true["normal"][..., :2][INNER], atol=5e-4)
    np.testing.assert_allclose(found["specular"][INNER], true["specular"][INNER], atol=1e-3)
    assert r(found["displacement"], true["displacement"]) > 0.999
    assert found["displacement"][INNER].std() == pytest.approx(true["displacement"][INNER].std(), rel=0.05)


def test_outside_the_mask_all_is_neutral(store):
    mask = opened(store).mask
    assert 0 < mask.mean() < 1 and (mask[~face()] == 0).all()
    for name, modalities in {"anna": 4, "ben": 3, "cleo": 4}.items():
        found = maps_of(store, name)
        assert len(opened(store).modalities(opened(store).names.index(name))) == modalities
        assert (found["displacement"][~face()] == 0).all() and (found["normal"][~face()] == 0).all()
        np.testing.assert_allclose(found["albedo"][~face()], 0.5, atol=1e-3)


def test_a_missing_displacement_is_integrated(store):
    found, true = maps_of(store, "ben")["displacement"], made_maps(2)["displacement"]
    assert r(found, true) > 0.999
    assert found[INNER].std() == pytest.approx(true[INNER].std(), rel=0.02)


def test_missing_normals_are_the_slopes_of_the_displacement(store):
    found, inside = maps_of(store, "cleo"), opened(store).mask > 0
    np.testing.assert_allclose(
        found["normal"][inside], normals_of_displacement(found["displacement"], TEXEL)[inside][:, :2], atol=5e-4
    )
    assert found["normal"].std() > 0.01


def test_a_mirrored_normal_belongs_to_the_mirrored_displacement(store):
    """The reader mirrors, so nothing is written twice; ben's displacement is integrated, cleo's normals are derived."""
    held = opened(store)
    assert held.names == ["anna", "ben", "cleo"]
    for index in range(3):
        mirrored = held.read(index, 0, Rect(0, 0, HEIGHT, WIDTH), mirrored=True)
        slopes = normals_of_displacement(mirrored[6], TEXEL)
        inner = INNER[:, ::-1]
        for channel in (0, 1):
            given, derived = mirrored[3 + channel][inner], slopes[..., channel][inner]
            assert np.corrcoef(given, derived)[0, 1] > 0.99


def test_a_store_says_where_its_subjects_come_from(store, scans):
    held = opened(store)
    anna, ben, cleo = (held.provenance(i) for i in range(3))
    source = anna["sources"]["normal"]
    assert source["file"] == NAMES["normal"]
    assert source["sha256"] == hashlib.sha256((scans / "anna" / NAMES["normal"]).read_bytes()).hexdigest()
    assert anna["decided"]["normal convention"]["value"] == "opengl" and anna["derived"] == {}
    assert set(ben["derived"]) == {"displacement"} and set(cleo["derived"]) == {"normal"}
    assert "no specular map" in ben["notes"][0] and "gloss" in cleo["ignored"]["head_Gloss.png"]
    assert {"high-pass displacement, mm": 0.0} in anna["steps"]
    assert held.verify() == []


def test_directx_normals_large_sizes_floats_and_a_crop_make_no_difference(tmp_path, store):
    true = pictures(made_maps(1))
    turned = true["normal"].copy()
    turned[..., 1] = 1 - turned[..., 1]
    for kind, picture in (true | {"normal": turned}).items():
        wide = np.pad(picture, ((0, 0), (WIDTH // 2, WIDTH // 2), *((0, 0),) * (picture.ndim - 2)), mode="edge")
        save(tmp_path / "anna" / NAMES[kind], cv2.resize(wide, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST))
    assert prepare(tmp_path, tmp_path / "out", "--crop", "0.25,0,0.75,1") == 0
    found, expected = maps_of(tmp_path / "out", "anna"), maps_of(store, "anna")
    for kind, array in expected.items():
        assert r(found[kind], array) > 0.999 and np.abs(found[kind] - array)[INNER].max() < 0.02, kind


def test_linear_floats_in_millimetres_come_out_as_they_are(tmp_path):
    true, inside = made_maps(1), face()
    linear = np.where(true["albedo"] > 0.04045, ((true["albedo"] + 0.055) / 1.055) ** 2.4, true["albedo"] / 12.92)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    folder = tmp_path / "anna"
    folder.mkdir()
    OpenEXR.File(header, {"RGB": (linear * inside[..., None]).astype(np.float32)}).write(str(folder / "a_color.exr"))
    OpenEXR.File(header, {"Y": true["displacement"] * inside}).write(str(folder / "a_disp.exr"))
    assert prepare(tmp_path, tmp_path / "out") == 0
    found = maps_of(tmp_path / "out", "anna")
    np.testing.assert_allclose(found["albedo"][INNER], true["albedo"][INNER], atol=1e-3)
    np.testing.assert_allclose(found["displacement"][INNER], true["displacement"][INNER], atol=1e-4)


def test_a_high_pass_keeps_the_detail(tmp_path, scans):
    assert main(["prepare", str(scans / "anna"), str(tmp_path / "out"), *OPTIONS[:2], "--licence", "x"]) == 0
    found, true = maps_of(tmp_path / "out", "anna")["displacement"], made_maps(1)["displacement"]
    whole = np.ones_like(true)
    assert r(found, band(true, whole, TEXEL, longest=10)) > 0.98
    assert found[INNER].std() < 0.8 * true[INNER].std()


# -- how it is run


def test_a_dry_run_tells_all_and_writes_nothing(scans, tmp_path, capsys):
    assert prepare(scans, tmp_path / "out", "--dry-run") == 0
    assert list(tmp_path.iterdir()) == []
    said = capsys.readouterr().out
    for expected in (
        "head_Normal.png  192x128 16-bit RGB",
        "opengl (its slopes and those of the displacement correlate",
        "will be made: integrated from the normals",
        "head_Gloss.png: a gloss map",
        "3 can be prepared, 0 failed",
    ):
        assert expected in said


def test_a_dry_run_beside_a_store_says_what_is_left_to_do(scans, store, capsys):
    assert prepare(scans, store, "--dry-run") == 0
    assert "0 can be prepared, 3 were there, 0 failed" in capsys.readouterr().out


def test_files_that_changed_after_they_were_prepared_are_named(tmp_path, capsys):
    scans, out = tmp_path / "scans", tmp_path / "out"
    for seed, name in enumerate(("anna", "ben", "cleo")):
        save_scan(scans / name, seed, ("albedo", "normal"))
    assert prepare(scans, out) == 0 and "AGAIN" not in capsys.readouterr().out
    save_scan(scans / "anna", 9, ("albedo",), bits=8)
    save_scan(scans / "ben", 1, ("specular",))
    for name in ("anna", "ben"):
        assert prepare(scans, out) == 0
        said = capsys.readouterr().out
        assert f"{name}: NOT PREPARED AGAIN" in said and str(out / "subjects" / name) in said
    assert "another specular map" in said and "another albedo map" in said and "cleo" not in said
    gone(scans / "anna")
    assert prepare(scans, out) == 0
    shutil.rmtree(out / "subjects" / "ben")
    assert prepare(scans, out) == 0
    assert opened(out).modalities(1) == ("albedo", "normal", "specular", "displacement")


def test_a_killed_run_goes_on_where_it_was(tmp_path, capsys):
    scans, out = tmp_path / "scans", tmp_path / "out"
    for seed in range(12):
        save_scan(scans / f"s{seed:02}", seed)
    command = [sys.executable, "-m", "trainer", "prepare", str(scans), str(out), *OPTIONS, "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as running:
        while not list(out.glob("subjects/s02")):
            assert running.poll() is None
            time.sleep(0.02)
        running.kill()
    for _ in range(500):
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.02)
    else:
        pytest.fail("its workers outlive it")
    whole = len(opened(out))
    assert 0 < whole < 12
    assert prepare(scans, out) == 0
    assert f"{12 - whole} were prepared, {whole} were there, 0 failed" in capsys.readouterr().out
    assert len(opened(out)) == 12 and opened(out).verify() == []


def test_the_licence_is_an_option_or_a_file(scans, tmp_path, capsys):
    options = [*OPTIONS[:4]]
    assert main(["prepare", str(scans / "anna"), str(tmp_path / "out"), *options]) == 1
    assert "--licence" in capsys.readouterr().out
    save_scan(tmp_path / "scans" / "dora", 4, ("albedo",))
    (tmp_path / "scans" / "LICENSE.txt").write_text("\nOurs alone, 2024\nand more\n")
    assert main(["prepare", str(tmp_path / "scans"), str(tmp_path / "out"), *options]) == 0
    assert "licence: Ours alone, 2024" in capsys.readouterr().out


def test_two_processes_write_the_same_store(scans, store, tmp_path):
    assert prepare(scans, tmp_path / "out", "--workers", "2") == 0
    for name in opened(store).names:
        for kind, array in maps_of(store, name).items():
            np.testing.assert_array_equal(maps_of(tmp_path / "out", name)[kind], array)


def test_other_settings_do_not_go_into_the_same_store(scans, store, capsys):
    for more in ((), ("--dry-run",)):
        assert prepare(scans, store, "--texels-per-mm", "2", *more) == 1
        assert "texels_per_mm 0.578125, but 2.0" in capsys.readouterr().err


def test_a_mask_can_be_given_be_the_layouts_or_cover_all(tmp_path):
    save_scan(tmp_path / "scans" / "anna", 1)
    given = np.zeros((HEIGHT, WIDTH), np.float32)
    given[20:60, 30:90] = 1
    save(tmp_path / "mask.png", given)
    expected = {str(tmp_path / "mask.png"): given, "layout": layout.mask(WIDTH, HEIGHT), "whole": np.ones_like(given)}
    for i, (option, mask) in enumerate(expected.items()):
        assert prepare(tmp_path / "scans", tmp_path / f"out{i}", "--mask", option) == 0
        np.testing.assert_allclose(opened(tmp_path / f"out{i}").mask, mask, atol=0.5 / 255)


def test_a_mask_of_another_shape_is_not_stretched(scans, tmp_path, capsys):
    save(tmp_path / "mask.png", np.ones((HEIGHT, HEIGHT)))
    assert prepare(scans, tmp_path / "out", "--mask", str(tmp_path / "mask.png")) == 1
    assert "mask.png is 128x128" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_crop_that_leaves_nothing_is_said_to(scans, tmp_path, capsys):
    assert prepare(scans, tmp_path / "out", "--crop", "0,0,0.001,0.001") == 1
    assert "leaves nothing of" in capsys.readouterr().out and not list(tmp_path.glob("out/subjects/*/"))


def test_options_that_make_no_sense_are_refused(scans, tmp_path, capsys):
    for option, value in (
        ("--size", "many"),
        ("--crop", "1,0,0,1"),
        ("--crop", "x"),
        ("--texels-per-mm", "0"),
        ("--mask", "none.png"),
    ):
        assert prepare(scans, tmp_path / "out", option, value) == 1
        assert value.split(",")[0] in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# -- bad input


def grey_albedo(folder: Path) -> None:
    save(folder / NAMES["albedo"], np.repeat(made_maps(9)["specular"][..., None], 3, axis=2))


def cut_off(folder: Path) -> None:
    path = folder / NAMES["albedo"]
    path.write_bytes(path.read_bytes()[:1000])


def other_shape(folder: Path) -> None:
    save(folder / NAMES["albedo"], pictures(made_maps(9))["albedo"][:, : WIDTH // 2])


def no_map(folder: Path) -> None:
    for name in NAMES.values():
        (folder / name).unlink()
    save(folder / "head_AO.png", made_maps(9)["specular"])


def gone(folder: Path) -> None:
    (folder / NAMES["albedo"]).unlink()
    (folder / NAMES["albedo"]).symlink_to(folder / "moved away.png")


def namesake(folder: Path) -> None:
    save_scan(folder.parent / "second" / "ben", 4)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (grey_albedo, NAMES["albedo"]),
        (cut_off, NAMES["albedo"]),
        (other_shape, NAMES["albedo"]),
        (no_map, "head_AO.png"),
        (gone, NAMES["albedo"]),
        (namesake, "second"),
    ],
)
def test_a_bad_subject_is_named_the_others_go_on_and_a_rerun_resumes(tmp_path, capsys, spoil, named):
    scans, out = tmp_path / "scans", tmp_path / "out"
    for seed, name in enumerate(("anna", "ben", "cleo")):
        save_scan(scans / name, seed)
    spoil(scans / "ben")
    assert prepare(scans, out) == 1
    said = capsys.readouterr()
    problem = next(line for line in said.out.splitlines() if "NOT PREPARED" in line)
    assert problem.startswith("ben:") and named in problem
    assert "could not be prepared: ben." in said.err
    assert opened(out).names == ["anna", "cleo"]

    before = {p: p.stat().st_mtime_ns for p in (out / "subjects" / "anna").rglob("*") if p.is_file()}
    for path in (*(scans / "ben").iterdir(), *(scans / "second").rglob("*.png")):
        path.unlink()
    save_scan(scans / "ben", 1)
    assert prepare(scans, out) == 0
    assert "1 were prepared, 2 were there, 0 failed" in capsys.readouterr().out
    assert opened(out).names == ["anna", "ben", "cleo"]
    assert before and before == {p: p.stat().st_mtime_ns for p in before}


def test_a_scan_of_another_layout_does_not_join(tmp_path, capsys):
    scans = tmp_path / "scans"
    for seed, name in enumerate(("anna", "ben", "cleo")):
        save_scan(scans / name, seed)
    for kind, picture in pictures(made_maps(1)).items():
        squeezed = np.pad(picture[:, ::2], ((0, 0), (0, WIDTH // 2), *((0, 0),) * (picture.ndim - 2)), mode="edge")
        save(scans / "ben" / NAMES[kind], squeezed)
    assert prepare(scans, tmp_path / "out") == 1
    assert "background of" in capsys.readouterr().out
    assert opened(tmp_path / "out").names == ["anna", "cleo"]


def test_a_full_disk_fails_what_does_not_fit_and_leaves_nothing_of_it(tmp_path):
    """No file may grow over 40 kB: ben's noise does not fit, anna's plain skin does. Then there is room again."""
    scans, out = tmp_path / "scans", tmp_path / "out"
    inside = face()[..., None]
    plain = np.broadcast_to(np.linspace(0.4, 0.7, WIDTH)[None, :, None] * [1, 0.8, 0.7], (HEIGHT, WIDTH, 3))
    save(scans / "anna" / "head_Albedo.png", plain * inside, 8)
    save(scans / "ben" / "head_Albedo.png", np.random.default_rng(0).uniform(0.3, 0.9, (HEIGHT, WIDTH, 3)) * inside)
    command = [sys.executable, "-m", "trainer", "prepare", str(scans), str(out), *OPTIONS]
    limit = 40_000
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "could not be written" in done.stdout and str(out / "subjects" / "ben") in done.stdout
    assert [p.name for p in (out / "subjects").iterdir() if p.is_dir()] == ["anna"]
    assert prepare(scans, out) == 0
    assert opened(out).names == ["anna", "ben"]
