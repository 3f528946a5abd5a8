"""Which file is which map, and what is in it: every bit of it, or a sentence that names the file."""

import os
import re
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
from PIL import Image as Pillow

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.pictures.naming import recognise
from gantlitz_blender.runtime.pictures.reading import read_image
from trainer.prepare.subjects import find_subjects

COLOUR = np.random.default_rng(0).random((20, 30, 3), np.float32)
GREY = COLOUR[..., 0].copy()


# -- names


@pytest.mark.parametrize(
    ("kind", "names"),
    {
        "albedo": "anna_albedo.png anna_BaseColor.png anna-diff.jpg Head_Colour_8k.tif VFace_Albedo_16k.tif"
        " Std_Skin_Head_Diffuse.png FaceColor_MAIN.png Color_MAIN.tga m002_head_color.tga Map-COL.jpg Head_Diffuse.1001.exr"
        " object_ID_3_diffuse.png"
        " anna_base.png anna_diffusemap.jpg Head_Albedo_1024.png Head_Basecolor.png anna_base_color_2k.png",
        "normal": "anna_nor.png anna_Normal_DX.png anna_nrm_gl.png Std_Skin_Head_Normal.png FaceNormal_MAIN.png"
        " m002_head_normal.tga Infinite-Level_02_Tangent_SmoothUV.jpg HEAD_NORMALMAP.TIF"
        " Head_NormalMap_1024.png",
        "specular": "anna_spec.png anna_Specularity.tif m002_head_specular.tga Map-SPEC.jpg Head_Specular_4k.png specmap.tga",
        "displacement": "anna_disp.exr anna_height.png VFACE_DISP_32bit.exr Infinite-Level_02_Disp_NoSmoothUV-4096.jpg"
        " Head_Displacement_8k.tif",
    }.items(),
)
def test_common_namings_are_recognised(kind, names):
    for name in names.split():
        assert recognise(Path(name)) == (kind, ""), name


@pytest.mark.parametrize(
    ("name", "why"),
    {
        "Head_Gloss.png": "gloss",
        "head_glossmap.png": "gloss",
        "head_albedo.psd": "PSD is not read",
        "FaceRoughness_MAIN.png": "roughness",
        "head_ao.png": "shading",
        "Cavity_MAIN.png": "shading",
        "Std_Skin_Head_SSSMap.png": "not one",
        "Std_Skin_Head_MicroN.png": "not one",
        "FaceColor_CM1.png": "expression",
        "Normal_WM3.png": "expression",
        "anna_normal_object.png": "tangent",
        "m002_body_color.tga": "another part",
        "skin_albedo.1002.exr": "UDIM",
        "IMG_0001.png": "says of no map",
    }.items(),
)
def test_other_maps_are_left_aside_with_a_reason(name, why):
    kind, said = recognise(Path(name))
    assert kind is None and re.search(why, said), said


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_is_a_subject_and_a_flat_folder_is_one(tmp_path):
    touch(tmp_path / "scans" / "anna" / "a_color.png", tmp_path / "scans" / "ben" / "Textures" / "4K" / "b_color.png")
    touch(tmp_path / "scans" / ".trash" / "c_color.png", tmp_path / "scans" / "anna" / "._a_color.png")
    assert [s.name for s in find_subjects(tmp_path / "scans")] == ["anna", "ben"]
    (flat,) = find_subjects(tmp_path / "scans" / "anna")
    assert flat.name == "anna" and set(flat.files) == {"albedo"} and flat.problem is None


def test_a_linked_folder_has_its_own_name(tmp_path):
    for name in ("anna", "ben"):
        touch(tmp_path / "assets" / name / "v001" / "a_color.png")
        (tmp_path / "scans").mkdir(exist_ok=True)
        (tmp_path / "scans" / name).symlink_to(tmp_path / "assets" / name / "v001")
    assert [(s.name, s.problem) for s in find_subjects(tmp_path / "scans")] == [("anna", None), ("ben", None)]


def test_pictures_that_are_no_maps_are_left_aside_with_the_subject_they_lie_around(tmp_path):
    touch(tmp_path / "sheet.jpg", tmp_path / "anna" / "a_color.png", tmp_path / "anna" / "reference" / "IMG_1.jpg")
    (anna,) = find_subjects(tmp_path)
    assert anna.name == "anna" and anna.problem is None
    assert set(anna.ignored) == {tmp_path, tmp_path / "anna" / "reference"}


def test_a_folder_of_files_that_are_not_read_is_a_problem_and_not_silence(tmp_path):
    touch(tmp_path / "anna" / "a_color.psd", tmp_path / "ben" / "b_color.png")
    problems = {s.name: s.problem for s in find_subjects(tmp_path)}
    assert problems["ben"] is None and "a_color.psd: PSD is not read" in problems["anna"].sentence


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_a_problem_of_its_subject(tmp_path):
    touch(tmp_path / "anna" / "a_color.png", tmp_path / "ben" / "b_color.png")
    (tmp_path / "anna").chmod(0)
    problems = {s.name: s.problem for s in find_subjects(tmp_path)}
    (tmp_path / "anna").chmod(0o700)
    assert problems["ben"] is None and str(tmp_path / "anna") in problems["anna"].sentence


@pytest.mark.parametrize("other", ["Anna/x_color.png", "second/anna/x_color.png"])
def test_two_subjects_of_one_name_are_told_apart_by_nobody(tmp_path, other):
    touch(tmp_path / "anna" / "a_color.png", tmp_path / other, tmp_path / "ben" / "b_color.png")
    problems = {s.name: s.problem for s in find_subjects(tmp_path)}
    assert problems.pop("ben") is None
    for problem in problems.values():
        assert problem and problem.code == "name-clash"
        assert str(tmp_path / "anna") in problem.sentence and str((tmp_path / other).parent) in problem.sentence


def test_what_names_cannot_decide_is_a_problem_of_that_subject(tmp_path):
    touch(tmp_path / "two" / "a_color.png", tmp_path / "two" / "b_diffuse.png", tmp_path / "none" / "a_ao.png")
    problems = {s.name: s.problem for s in find_subjects(tmp_path)}
    assert "a_color.png, b_diffuse.png" in problems["two"].sentence
    assert "a_ao.png: shading" in problems["none"].sentence


def test_a_folder_without_images_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(GantlitzError, match=str(folder)):
            find_subjects(folder)


# -- pixels


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("full", [255, 65535])
def test_integers_come_through_with_all_their_bits(tmp_path, suffix, full):
    pixels = np.round(COLOUR * full).astype(np.uint8 if full == 255 else np.uint16)
    for name, array in {"colour": pixels, "grey": pixels[..., :1]}.items():
        path = tmp_path / f"{name}.{suffix}"
        cv2.imwrite(str(path), array[..., ::-1])
        image = read_image(path)
        assert image.facts.bits == pixels.itemsize * 8
        np.testing.assert_array_equal(image.pixels, array)  # red first
        np.testing.assert_allclose(image.plane(0), COLOUR[..., 0], atol=0.51 / full)


def test_floats_come_through_with_all_their_bits(tmp_path):
    wide = COLOUR * 40 - 20  # below 0 and above 1
    cv2.imwrite(str(tmp_path / "colour.tif"), wide[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 1])
    Pillow.fromarray(wide[..., 0].copy()).save(tmp_path / "grey.tif")
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"RGB": wide}).write(str(tmp_path / "colour.exr"))
    OpenEXR.File(header, {"Y": wide[..., 0].copy()}).write(str(tmp_path / "grey.exr"))
    OpenEXR.File(header, {"RGBA": np.dstack([wide, wide[..., 0]])}).write(str(tmp_path / "alpha.exr"))
    for name in ("colour.tif", "grey.tif", "colour.exr", "grey.exr", "alpha.exr"):
        image = read_image(tmp_path / name)
        assert image.facts.is_float and image.facts.bits == 32
        np.testing.assert_array_equal(image.pixels, wide[..., :1] if "grey" in name else wide)


def test_32_bit_integers_halves_and_targa_are_read(tmp_path):
    cv2.imwrite(str(tmp_path / "deep.tif"), (GREY * 2**31).astype(np.int32))
    np.testing.assert_allclose(read_image(tmp_path / "deep.tif").plane(0), GREY / 2, atol=1e-6)
    header = {"compression": OpenEXR.PIZ_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"Y": GREY.astype(np.float16)}).write(str(tmp_path / "half.exr"))
    np.testing.assert_allclose(read_image(tmp_path / "half.exr").plane(0), GREY, atol=5e-4)
    bytes_ = np.round(COLOUR * 255).astype(np.uint8)
    for name, array in {"colour": bytes_, "grey": bytes_[..., 0]}.items():
        Pillow.fromarray(array).save(tmp_path / f"{name}.tga")
        np.testing.assert_array_equal(read_image(tmp_path / f"{name}.tga").pixels.squeeze(), array)


def save_exr(path: Path, channels: dict[str, np.ndarray], **header) -> Path:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **header}
    OpenEXR.File(header, {name: np.ascontiguousarray(plane) for name, plane in channels.items()}).write(str(path))
    return path


@pytest.mark.parametrize("names", ["r g b", "diffuse.R diffuse.G diffuse.B", "N.X N.Y N.Z", "Red Green Blue", "nx ny nz"])
def test_colours_of_an_exr_have_many_names(tmp_path, names):
    channels = {name: COLOUR[..., i] for i, name in enumerate(names.split())}
    path = save_exr(tmp_path / "a.exr", channels | {"A": GREY, "depth.Z": GREY, "other": GREY})
    np.testing.assert_array_equal(read_image(path).pixels, COLOUR)


@pytest.mark.parametrize("name", ["displacement.Z", "R", "height", "layer.y"])
def test_the_only_channel_of_an_exr_is_grey_whatever_its_name(tmp_path, name):
    np.testing.assert_array_equal(read_image(save_exr(tmp_path / "a.exr", {"A": GREY + 1, name: GREY})).pixels[..., 0], GREY)


def test_an_exr_without_one_picture_is_refused(tmp_path):
    layers = {f"{layer}.{c}": COLOUR[..., i] for layer in ("diffuse", "gloss") for i, c in enumerate("RGB")}
    with pytest.raises(GantlitzError, match=r"a\.exr .*several layers \(diffuse, gloss\)"):
        read_image(save_exr(tmp_path / "a.exr", layers))
    with pytest.raises(GantlitzError, match=r"a\.exr .*alpha"):
        read_image(save_exr(tmp_path / "a.exr", {"A": GREY}))
    main = {c: 1 - COLOUR[..., i] for i, c in enumerate("RGB")}
    np.testing.assert_array_equal(read_image(save_exr(tmp_path / "a.exr", layers | main)).pixels, 1 - COLOUR)


@pytest.mark.parametrize("corner", [(4, 3), (-5, -2), (-40, 0), (70, 70)])
def test_the_data_of_an_exr_lies_where_its_window_says(tmp_path, corner):
    def window(x: int, y: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        return np.array([x, y], np.int32), np.array([x + width - 1, y + height - 1], np.int32)

    height, width = GREY.shape
    path = save_exr(
        tmp_path / "a.exr",
        {"Y": GREY},
        dataWindow=window(*corner, width, height),
        displayWindow=window(0, 0, width + 6, height + 6),
    )
    wide = np.zeros((300, 300), np.float32)
    wide[100 + corner[1] :, 100 + corner[0] :][:height, :width] = GREY
    np.testing.assert_array_equal(read_image(path).pixels[..., 0], wide[100 : 106 + height, 100 : 106 + width])


def test_a_wrong_suffix_does_not_matter(tmp_path):
    save_exr(tmp_path / "a.exr", {"Y": GREY}).rename(tmp_path / "a.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").pixels[..., 0], GREY)
    Pillow.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "b.png")
    assert read_image((tmp_path / "b.png").rename(tmp_path / "b.exr")).channels == 3


def test_palettes_grey_with_alpha_and_cmyk_are_read_as_their_colours(tmp_path):
    few = np.uint8([[[200, 30, 30], [20, 120, 220]], [[0, 0, 0], [250, 250, 10]]]).repeat(16, 0).repeat(16, 1)
    Pillow.fromarray(few).quantize(4).save(tmp_path / "palette.png")
    Pillow.fromarray(few).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=100, subsampling=0)
    Pillow.fromarray(np.dstack([few[..., 0], 255 - few[..., 0]]), "LA").save(tmp_path / "grey.png")
    np.testing.assert_array_equal(read_image(tmp_path / "palette.png").pixels, few)
    np.testing.assert_allclose(read_image(tmp_path / "cmyk.jpg").plane(1) * 255, few[..., 1], atol=6)
    np.testing.assert_array_equal(read_image(tmp_path / "grey.png").pixels[..., 1], few[..., 0])


def test_alpha_is_left_out(tmp_path):
    pixels = np.round(np.dstack([COLOUR, COLOUR[..., 0]]) * 65535).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").pixels, pixels[..., 2::-1])


@pytest.mark.parametrize("name", ["cut.png", "cut.jpg", "cut.tif", "cut.tga", "cut.exr"])
def test_a_damaged_file_is_refused_by_name(tmp_path, name):
    path = tmp_path / name
    bytes_ = np.round(COLOUR * 255).astype(np.uint8)
    if name.endswith("exr"):
        OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, {"RGB": COLOUR}).write(str(path))
    else:
        Pillow.fromarray(bytes_).save(path)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) * 2 // 3], b"", b"not an image"):
        path.write_bytes(damaged)
        with pytest.raises(GantlitzError, match=name) as caught:
            read_image(path)
        assert "OpenCV" not in caught.value.sentence and "object at" not in caught.value.sentence
        assert caught.value.code == "file-unreadable"


def test_a_turned_bit_in_a_png_is_noticed(tmp_path):
    path = tmp_path / "rotten.png"
    cv2.imwrite(str(path), np.round(COLOUR * 255).astype(np.uint8))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(GantlitzError, match=r"rotten\.png"):
        read_image(path)


def test_a_missing_file_and_infinite_values_are_refused(tmp_path):
    with pytest.raises(GantlitzError, match="No such file"):
        read_image(tmp_path / "gone.png")
    broken = GREY.copy()
    broken[0, 0] = np.inf
    Pillow.fromarray(broken).save(tmp_path / "inf.tif")
    with pytest.raises(GantlitzError, match="infinite"):
        read_image(tmp_path / "inf.tif")
