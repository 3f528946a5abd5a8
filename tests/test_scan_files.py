"""A scan's files become maps in the units of a MapSet; what is wrong is named, what was guessed is said."""

import re
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from gantlitz_blender.runtime.completion.scan_files import read_scan
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import TEXELS_PER_MM, texel_mm
from gantlitz_blender.runtime.layout import WIDTH as CANVAS
from gantlitz_blender.runtime.pictures.naming import find_maps
from gantlitz_blender.runtime.slopes import normals_of_displacement, slopes_of_normals
from tests.made_scans import HEIGHT, MM_PER_WHITE, NAMES, WIDTH, made_maps, save, save_scan

ACROSS_MM = CANVAS / TEXELS_PER_MM


def save_exr(path: Path, plane: np.ndarray) -> Path:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"RGB" if plane.ndim == 3 else "Y": np.ascontiguousarray(plane)}).write(str(path))
    return path


def bare_scan(folder: Path, seed: int = 0) -> dict[str, np.ndarray]:
    """A scan whose maps fill their pictures; -> the true maps."""
    maps = made_maps(seed)
    save(folder / NAMES["albedo"], maps["albedo"])
    save(folder / NAMES["normal"], 0.5 + 0.5 * maps["normal"])
    save(folder / NAMES["specular"], maps["specular"])
    save(folder / NAMES["displacement"], 0.5 + maps["displacement"] / MM_PER_WHITE)
    return maps


def test_a_folder_s_maps_come_in_the_units_of_a_map_set(tmp_path):
    true = bare_scan(tmp_path)
    scan = read_scan(find_maps(tmp_path), displacement_mm=MM_PER_WHITE)
    assert set(scan.maps) == set(true) and scan.warnings == []
    assert set(scan.sizes.values()) == {(WIDTH, HEIGHT)}
    for name, array in true.items():
        assert scan.maps[name].dtype == np.float32
        np.testing.assert_allclose(scan.maps[name], array, atol=1e-4, err_msg=name)


def test_maps_of_one_scan_may_differ_in_size_but_not_in_shape(tmp_path):
    bare_scan(tmp_path)
    small = save_exr(tmp_path / "small_disp.exr", made_maps(0, WIDTH // 2, HEIGHT // 2)["displacement"])
    scan = read_scan({"albedo": tmp_path / NAMES["albedo"], "displacement": small})
    assert scan.maps["displacement"].shape == (HEIGHT // 2, WIDTH // 2) and scan.maps["albedo"].shape[:2] == (HEIGHT, WIDTH)
    square = save_exr(tmp_path / "square_disp.exr", made_maps(0, WIDTH, WIDTH)["displacement"])
    with pytest.raises(GantlitzError, match=r"square_disp\.exr is 192x192 and head_Albedo\.png is 192x128"):
        read_scan({"albedo": tmp_path / NAMES["albedo"], "displacement": square})


def test_a_map_that_is_wider_than_asked_for_is_averaged_normals_as_slopes(tmp_path):
    true = bare_scan(tmp_path)
    scan = read_scan(find_maps(tmp_path), displacement_mm=MM_PER_WHITE, most=WIDTH // 2)

    def mean(plane: np.ndarray) -> np.ndarray:
        return cv2.resize(plane, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)

    assert scan.sizes["albedo"] == (WIDTH, HEIGHT)
    for name in ("albedo", "specular", "displacement"):
        np.testing.assert_allclose(scan.maps[name], mean(true[name]), atol=1e-4, err_msg=name)
    for found, slope in zip(slopes_of_normals(scan.maps["normal"]), slopes_of_normals(true["normal"]), strict=True):
        np.testing.assert_allclose(found, mean(slope), atol=3e-4)
    assert read_scan(find_maps(tmp_path), most=10 * WIDTH).maps["albedo"].shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("height", [1200, 1201, 997])  # strips of 3 rows to one, of all rows, and of another division
def test_strips_of_a_large_normal_map_leave_no_seam(tmp_path, height):
    relief = cv2.resize(made_maps(1)["displacement"], (300, height), interpolation=cv2.INTER_CUBIC)
    normal = normals_of_displacement(relief, texel_mm(300))
    path = save_exr(tmp_path / "big_normal.exr", normal)
    found = slopes_of_normals(read_scan({"normal": path}, most=100).maps["normal"])
    for one, slope in zip(found, slopes_of_normals(normal), strict=True):
        np.testing.assert_allclose(one, cv2.resize(slope, one.shape[::-1], interpolation=cv2.INTER_AREA), atol=1e-5)


# -- conventions


def directx(folder: Path) -> Path:
    normal = made_maps(0)["normal"] * np.float32([1, -1, 1])
    save(folder / "head_Normal.png", 0.5 + 0.5 * normal)
    return folder / "head_Normal.png"


def test_green_that_points_down_is_turned_when_that_is_said_and_doubted_when_not(tmp_path):
    path = directx(tmp_path)
    told = read_scan({"normal": path}, directx=True)
    np.testing.assert_allclose(told.maps["normal"], made_maps(0)["normal"], atol=1e-4)
    assert told.warnings == []
    (doubt,) = read_scan({"normal": path}).warnings
    assert "head_Normal.png is read with green pointing up (OpenGL), but seems to have it down (DirectX)" in doubt


def test_a_displacement_in_integers_without_a_range_is_measured_by_the_normals_or_assumed(tmp_path):
    true = bare_scan(tmp_path)
    files = find_maps(tmp_path)
    measured = read_scan(files, across_mm=ACROSS_MM)
    (warning,) = measured.warnings
    assert "from the normals" in warning and "State the range" in warning
    assert np.std(measured.maps["displacement"]) == pytest.approx(np.std(true["displacement"]), rel=0.1)
    (warning,) = read_scan({"displacement": files["displacement"]}, across_mm=ACROSS_MM).warnings
    assert "2.2 mm, assumed" in warning


def test_a_displacement_in_floats_is_millimetres(tmp_path):
    true = bare_scan(tmp_path)
    files = {"normal": find_maps(tmp_path)["normal"], "displacement": save_exr(tmp_path / "a_disp.exr", true["displacement"])}
    scan = read_scan(files, across_mm=ACROSS_MM)
    assert scan.warnings == []
    np.testing.assert_array_equal(scan.maps["displacement"], true["displacement"])
    save_exr(tmp_path / "a_disp.exr", true["displacement"] / 10)  # centimetres
    (warning,) = read_scan(files, across_mm=ACROSS_MM).warnings
    assert "a_disp.exr is taken to be in millimetres, but a unit seems to be" in warning


def test_a_stated_depth_is_doubted_where_the_normals_tell_otherwise(tmp_path):
    bare_scan(tmp_path)
    files = find_maps(tmp_path)
    assert read_scan(files, displacement_mm=MM_PER_WHITE, across_mm=ACROSS_MM).warnings == []
    scan = read_scan(files, displacement_mm=10 * MM_PER_WHITE, across_mm=ACROSS_MM)
    (warning,) = scan.warnings
    assert "head_Displacement.png is stated to have 30 mm" in warning and "seem to be 3 mm" in warning
    assert np.std(scan.maps["displacement"]) == pytest.approx(10 * np.std(made_maps(0)["displacement"]), rel=1e-3)


def test_a_displacement_that_moves_the_skin_by_far_too_much_is_doubted(tmp_path):
    bare_scan(tmp_path)
    path = find_maps(tmp_path)["displacement"]
    (warning,) = read_scan({"displacement": path}, displacement_mm=1000).warnings
    assert "head_Displacement.png moves the skin by 6" in warning
    metres = save_exr(tmp_path / "a_disp.exr", made_maps(0)["displacement"] * 1000)
    assert any("a_disp.exr moves the skin by" in warning for warning in read_scan({"displacement": metres}).warnings)


@pytest.mark.parametrize(
    ("offset", "said"), [(3.0, r"a_disp\.exr: 3 mm is taken .*median"), (0.5, r"a_disp\.exr: 0\.5 mm is taken")]
)
def test_the_offset_of_floats_is_taken_off_and_that_is_said(tmp_path, offset, said):
    true = np.clip(made_maps(0)["displacement"], -0.4, 0.4)
    true -= np.median(true)
    scan = read_scan({"displacement": save_exr(tmp_path / "a_disp.exr", true + np.float32(offset))})
    assert np.mean(scan.maps["displacement"]) == pytest.approx(np.mean(true), abs=0.02)
    (warning,) = scan.warnings
    assert re.search(said, warning)


def test_a_middle_far_from_grey_is_said(tmp_path):
    save(tmp_path / "a_disp.png", 0.2 + made_maps(0)["displacement"] / 8)
    (warning,) = read_scan({"displacement": tmp_path / "a_disp.png"}, displacement_mm=8).warnings
    assert re.search(r"a_disp\.png: 0\.2\d* of white is taken for the plain skin", warning)


def test_a_depth_that_is_stated_of_floats_is_said_to_be_of_no_use(tmp_path):
    true = made_maps(0)["displacement"]
    path = save_exr(tmp_path / "a_disp.exr", true)
    scan = read_scan({"displacement": path}, displacement_mm=4)
    np.testing.assert_array_equal(scan.maps["displacement"], true)
    (warning,) = scan.warnings
    assert "a_disp.exr holds floats, which are millimetres: the stated 4 mm are not used" in warning
    assert read_scan({"displacement": path}, displacement_mm=1).warnings == []


def test_linear_colour_is_encoded(tmp_path):
    albedo = made_maps(0)["albedo"]
    path = save_exr(tmp_path / "a_albedo.exr", np.where(albedo <= 0.04045, albedo / 12.92, ((albedo + 0.055) / 1.055) ** 2.4))
    scan = read_scan({"albedo": path})
    np.testing.assert_allclose(scan.maps["albedo"], albedo, atol=1e-5)
    assert scan.warnings == []


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grey_albedo_is_used_with_a_warning(tmp_path, channels):
    grey = made_maps(0)["albedo"][..., 1]
    save(tmp_path / "a_albedo.png", grey if channels == 1 else np.dstack([grey] * 3))
    scan = read_scan({"albedo": tmp_path / "a_albedo.png"})
    np.testing.assert_allclose(scan.maps["albedo"], np.dstack([grey] * 3), atol=1e-4)
    assert any("a_albedo.png is grey" in warning for warning in scan.warnings)


# -- what is refused


def refused(maps: dict[str, Path], said: str, **options) -> None:
    with pytest.raises(GantlitzError, match=said) as caught:
        read_scan(maps, **options)
    assert caught.value.fix


def test_nan_is_counted_and_placed(tmp_path):
    broken = made_maps(0)["displacement"].copy()
    broken[5, 7] = np.nan
    broken[9, 1] = -np.inf
    path = save_exr(tmp_path / "a_disp.exr", broken)
    refused({"displacement": path}, r"a_disp\.exr holds NaN or infinite values in 2 texels, the first at \(7, 5\)")


def test_what_is_no_picture_or_shows_nothing_is_named(tmp_path):
    (tmp_path / "a_albedo.png").write_text("a letter")
    refused({"albedo": tmp_path / "a_albedo.png"}, r"a_albedo\.png cannot be read")
    refused({"albedo": tmp_path / "gone.png"}, r"gone\.png cannot be read: No such file")
    refused({"albedo": tmp_path}, "cannot be read")
    save(tmp_path / "flat.png", np.full((20, 30, 3), 0.5))
    refused({"albedo": tmp_path / "flat.png"}, r"flat\.png has one value everywhere")
    save(tmp_path / "skin.png", made_maps(0)["albedo"])
    refused({"normal": tmp_path / "skin.png"}, r"skin\.png is not bluish")


def test_a_picture_of_too_many_texels_is_refused(tmp_path):
    cv2.imwrite(str(tmp_path / "long.png"), np.arange(20000, dtype=np.uint8)[None])
    refused({"specular": tmp_path / "long.png"}, r"long\.png is 20000 x 1, larger than 16384 texels a side")


def test_maps_must_have_names_that_are_known(tmp_path):
    refused({}, "no map")
    refused({"gloss": tmp_path / "a.png"}, "'gloss'")


def test_a_folder_must_hold_one_scan(tmp_path):
    with pytest.raises(GantlitzError, match="is not a folder"):
        find_maps(tmp_path / "gone")
    with pytest.raises(GantlitzError, match="no picture at all"):
        find_maps(tmp_path)
    save_scan(tmp_path)
    save(tmp_path / "other_albedo.png", made_maps(1)["albedo"])
    with pytest.raises(GantlitzError, match=r"2 albedo maps: head_Albedo\.png, other_albedo\.png"):
        find_maps(tmp_path)
