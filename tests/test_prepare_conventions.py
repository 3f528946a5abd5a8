"""Conventions are found in the data: which way green points, how colour is encoded, how many millimetres a grey is."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import texel_mm
from gantlitz_blender.runtime.pictures.checks import check_map
from gantlitz_blender.runtime.pictures.conventions import albedo_encoding, displacement_scale, displacement_zero, normal_handedness
from gantlitz_blender.runtime.pictures.decoding import load_albedo, load_grey, load_slopes
from gantlitz_blender.runtime.pictures.reading import Facts, Image
from tests.made_scans import HEIGHT, MM_PER_WHITE, WIDTH, face, made_maps, noise, pictures
from trainer.prepare.checks import check_aspects, check_colour
from trainer.prepare.masking import agreed, agreement, background, soft_mask

SIZE = (WIDTH, HEIGHT)
TEXEL = texel_mm(WIDTH)


def as_image(picture: np.ndarray, bits: int = 16, name: str = "a.png") -> Image:
    """A picture in [0, 1] as if read from a file of 8 or 16 bits, or of floats (32)."""
    pixels = np.atleast_3d(picture).astype(np.float32)
    if bits < 32:
        full = 2**bits - 1
        pixels = np.round(np.clip(pixels, 0, 1) * full).astype(np.uint8 if bits == 8 else np.uint16)
    height, width, channels = pixels.shape
    return Image(Facts(Path(name), "", width, height, channels, bits, bits == 32), pixels)


@pytest.fixture(scope="module")
def maps() -> dict[str, np.ndarray]:
    return made_maps(3)


@pytest.fixture(scope="module")
def mask() -> np.ndarray:
    return soft_mask(~face())


# -- normals


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("height_is", ["absent", "there", "inverted"])
@pytest.mark.parametrize("handed", ["opengl", "directx"])
def test_which_way_green_points_is_in_the_data(maps, mask, handed, height_is, bits):
    normal = maps["normal"] * np.float32([1, 1 if handed == "opengl" else -1, 1])
    image = as_image(0.5 + 0.5 * normal, bits)
    raw = {"absent": None, "there": maps["displacement"], "inverted": -maps["displacement"]}[height_is]
    decision = normal_handedness(image.facts, load_slopes(image, SIZE), mask, raw)
    assert decision.value == handed
    assert ("displacement" in decision.how) == (raw is not None)


def test_an_option_and_the_name_come_before_the_data(maps, mask):
    image = as_image(0.5 + 0.5 * maps["normal"], name="head_Normal_DX.png")
    slopes = load_slopes(image, SIZE)
    assert normal_handedness(image.facts, slopes, mask, None).value == "directx"
    assert normal_handedness(image.facts, slopes, mask, None, "opengl").value == "opengl"


def test_slopes_without_a_surface_decide_nothing(mask):
    """Two unrelated noises are no gradient: the usual convention is assumed, and said to be."""
    slopes = (0.1 * noise(1, 2), 0.1 * noise(2, 2))
    decision = normal_handedness(as_image(np.zeros((4, 4, 3))).facts, slopes, mask, None)
    assert decision.value == "opengl" and "assumed" in decision.how


@pytest.mark.parametrize("flat", [127, 128])
def test_a_flat_8_bit_normal_map_is_flat_whichever_middle_it_uses(flat):
    pixels = np.full((HEIGHT, WIDTH, 3), (flat, flat, 255), np.uint8)
    pixels[:10, :10, 0] = 160
    image = Image(Facts(Path("n.png"), "", WIDTH, HEIGHT, 3, 8, False), pixels)
    dx, dy = load_slopes(image, SIZE)
    assert (dx[20:] == 0).all() and (dy == 0).all() and (dx[:10, :10] < -0.2).all()


# -- colour


@pytest.mark.parametrize(("bits", "expected"), [(8, "srgb"), (16, "srgb"), (32, "linear")])
def test_integers_are_encoded_and_floats_linear(maps, bits, expected):
    picture = maps["albedo"] if expected == "srgb" else maps["albedo"] ** 2.2
    assert albedo_encoding(as_image(picture, bits)).value == expected


def test_brightness_overrules_the_format():
    light, dark = (np.full((8, 8, 3), c, np.float32) for c in ((0.8, 0.62, 0.55), (0.09, 0.04, 0.02)))
    assert albedo_encoding(as_image(light, 32)).value == "srgb"  # no skin reflects as much
    assert albedo_encoding(as_image(dark, 16)).value == "linear"
    assert albedo_encoding(as_image(light, 32), "linear").value == "linear"
    assert albedo_encoding(as_image(light, 8, "head_color_linear.png")).value == "linear"


def test_a_linear_albedo_becomes_srgb():
    linear = np.array([0, 0.002, 0.0406, 0.2140, 1], np.float32)
    picture = np.repeat(linear[None, :, None], 3, axis=2)
    encoded = load_albedo(as_image(picture, 32), (5, 1), "linear")[0, :, 0]
    np.testing.assert_allclose(encoded, [0, 0.02584, 0.2225, 0.5, 1], atol=2e-3)


# -- displacement


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("sign", [1, -1])
def test_millimetres_are_found_from_the_normals(maps, mask, bits, sign):
    image = as_image(0.5 + sign * maps["displacement"] / MM_PER_WHITE, bits)
    slopes = load_slopes(as_image(0.5 + 0.5 * maps["normal"]), SIZE)
    decision = displacement_scale(image.facts, load_grey(image, SIZE), slopes, mask, TEXEL)
    assert decision.value == pytest.approx(sign * MM_PER_WHITE, rel=0.03)
    assert "normals" in decision.how


def test_without_normals_the_scale_is_assumed_and_said_to_be(maps, mask):
    grey, floats = as_image(0.5 + maps["displacement"]), as_image(maps["displacement"], 32)
    for image, expected in ((grey, 2.2), (floats, 1.0)):
        decision = displacement_scale(image.facts, load_grey(image, SIZE), None, mask, TEXEL)
        assert decision.value == expected and "assumed" in decision.how
    assert displacement_scale(grey.facts, load_grey(grey, SIZE), None, mask, TEXEL, 5).value == 5


def test_unrelated_normals_set_no_scale(maps, mask):
    image = as_image(0.5 + maps["displacement"] / MM_PER_WHITE)
    other = load_slopes(as_image(0.5 + 0.5 * made_maps(50)["normal"]), SIZE)
    assert "assumed" in displacement_scale(image.facts, load_grey(image, SIZE), other, mask, TEXEL).how


def test_the_zero_is_mid_grey_the_median_or_0(maps, mask):
    def zero(image: Image) -> float:
        return displacement_zero(image.facts, load_grey(image, SIZE), mask).value

    grey = maps["displacement"] / MM_PER_WHITE
    assert zero(as_image(0.53 + grey, 8)) == 0.5
    assert zero(as_image(0.2 + grey, 8)) == pytest.approx(0.2, abs=0.02)
    assert zero(as_image(maps["displacement"], 32)) == 0
    assert zero(as_image(0.5 + grey, 32)) == 0.5


# -- what is refused


@pytest.mark.parametrize(
    ("kind", "picture", "said"),
    [
        ("albedo", np.repeat(noise(0, 2)[..., None] * 0.1 + 0.5, 3, axis=2), "grey"),
        ("albedo", noise(0, 2) * 0.1 + 0.5, "grey"),
        ("normal", made_maps(0)["albedo"], "bluish"),
        ("normal", noise(0, 2) * 0.1 + 0.5, "grey"),
        ("normal", 0.5 + 0.3 * made_maps(0)["normal"], "length 0.6"),
        ("specular", np.full((9, 9), 0.4), "one value"),
        ("displacement", np.full((9, 9), 0.4), "one value"),
        ("displacement", made_maps(0)["albedo"], "three different"),
    ],
)
def test_what_cannot_be_such_a_map_is_refused_by_name(kind, picture, said):
    with pytest.raises(GantlitzError, match=rf"bad\.png.*{said}"):
        image = as_image(picture, 16, "bad.png")
        check_map(image, kind)
        check_colour(image)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_sound_maps_pass(maps, bits):
    for kind, picture in pictures(maps).items():
        check_map(as_image(picture, bits), kind)
    check_map(as_image(maps["normal"], 32), "normal")  # the vectors themselves


@pytest.mark.parametrize("value", [0.0, -0.3, 1e-3])
def test_floats_of_one_value_are_no_map(value):
    with pytest.raises(GantlitzError, match="one value"):
        check_map(as_image(np.full((9, 9), value), 32), "displacement")


@pytest.mark.parametrize("bits", [16, 32])
def test_a_weak_displacement_of_many_bits_is_one_all_the_same(maps, bits):
    check_map(as_image(0.5 + maps["displacement"] / 1000, bits), "displacement")


def test_sizes_may_differ_but_not_shapes():
    def facts(width: int, height: int) -> Facts:
        return Facts(Path(f"{width}x{height}.png"), "", width, height, 3, 8, False)

    check_aspects([facts(300, 200), facts(150, 100), facts(1499, 1000)], 600, 400)
    with pytest.raises(GantlitzError, match=r"200x200\.png"):
        check_aspects([facts(300, 200), facts(200, 200)], 600, 400)
    with pytest.raises(GantlitzError, match="--size"):
        check_aspects([facts(200, 200)], 600, 400)


# -- the mask


def test_deep_integers_show_their_background_too(maps):
    deep = np.round(pictures(maps)["displacement"][..., None] * (2**32 - 1)).astype(np.uint32)
    image = Image(Facts(Path("a.tif"), "", WIDTH, HEIGHT, 1, 32, False), deep)
    assert agreement(background(image, SIZE), ~face()) > 0.95


@pytest.mark.parametrize(("bits", "name"), [(16, "a.png"), (8, "a.png"), (8, "a.jpg")])
def test_the_background_is_what_is_constant_along_the_border(maps, bits, name):
    image = as_image(pictures(maps)["albedo"], bits, name)
    if name.endswith("jpg"):
        _, data = cv2.imencode(".jpg", image.pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
        image = Image(image.facts, cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
    assert agreement(background(image, SIZE), ~face()) > (0.8 if name.endswith("jpg") else 0.99)


def test_skin_up_to_the_border_has_no_background(maps):
    assert not background(as_image(maps["albedo"]), SIZE).any()


def test_subjects_vote_on_the_mask():
    behind = ~face()
    wrong = behind.copy()
    wrong[:, : WIDTH // 2] = True
    np.testing.assert_array_equal(agreed([behind, wrong, behind, np.zeros_like(behind)]), behind)
    assert agreed([np.zeros_like(behind)]) is None


def test_the_mask_is_soft_inward_and_holds_no_islands():
    behind = ~face()
    behind[2:6, 2:6] = False  # an eye's corner of the texture
    behind[60:62, 90:92] = True  # a speck
    mask = soft_mask(behind)
    assert (mask[~face()] == 0).all() and mask[61, 91] == 1 and 0 < mask[face()].min() < 1
