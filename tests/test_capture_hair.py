"""Brows, stubble and temples: where hair grows, how it lies, and what it does to each map."""

import dataclasses

import cv2
import numpy as np
import pytest

from trainer.capture import draw_subject
from trainer.capture.brows import _rise, draw_brow
from trainer.capture.canvas import Canvas
from trainer.capture.growth import beard_density, growth_heading, temple_density
from trainer.capture.hair import draw_hair, hair_gloss
from trainer.capture.identity import Identity
from trainer.capture.stubble import draw_stubble

BEARDED = {
    "sex": 1.0,
    "melanin": 0.02,
    "beard": 0.9,
    "beard_shape": 0,
    "beard_patchy": 0.0,
    "neck_shaved": 0.0,
    "shave_missed": 0.0,
    "stubble_length": 3.0,
    "hair_melanin": 0.9,
    "hair_grey": 0.0,
    "vellus": 0.0,
}


def canvas(width: int = 768, **factors: float) -> Canvas:
    return Canvas(dataclasses.replace(Identity.from_seed(3), **{**BEARDED, **factors}), width, width * 2 // 3)


# -- where hair grows


def test_a_beard_grows_on_the_chin_not_on_lips_or_forehead():
    face = canvas()
    density = beard_density(face)
    assert density[face.region("chin") > 0.8].mean() > 0.4
    assert density[face.region("lips") > 0.9].max() < 0.1 and density[face.region("forehead") > 0.5].max() == 0
    assert not beard_density(canvas(beard=0.0)).any()


def test_a_shaved_neck_ends_the_beard_at_a_line():
    grown, shaved = (beard_density(canvas(neck_shaved=value)) for value in (0.0, 1.0))
    _, y = canvas().half
    below, above = (y > 3660) & (grown > 0.1), (y > 3000) & (y < 3300)
    assert shaved[below].mean() < 0.2 * grown[below].mean()
    assert shaved[above].mean() == pytest.approx(grown[above].mean(), rel=0.1)


def test_patchy_beards_have_bare_places():
    even, patchy = (beard_density(canvas(beard_patchy=value)) for value in (0.0, 1.0))
    grown = even > 0.3
    assert patchy[grown].std() / patchy[grown].mean() > 1.2 * even[grown].std() / even[grown].mean()


@pytest.mark.parametrize("shape", [1, 2, 3])
def test_shapes_of_beards_leave_cheeks_or_lip_free(shape: int):
    face = canvas(beard_shape=shape)
    density, full = beard_density(face), beard_density(canvas())
    free = face.region("moustache") > 0.5 if shape == 3 else face.half[0] > 1000
    assert density[free & (full > 0.2)].mean() < 0.2 * full[free & (full > 0.2)].mean()


def test_hair_at_the_temples_thins_out_rather_than_ends():
    density = temple_density(canvas())
    assert density.max() > 0.8
    assert ((density > 0.05) & (density < 0.6)).sum() > 0.3 * (density > 0.6).sum()


def test_hair_grows_down_the_cheek_outward_on_the_lip_and_alike_on_both_sides():
    face = canvas(hair_swirl=0.0)
    for side in (-1, 1):
        cheek = np.exp(1j * growth_heading(face, face.place(np.linspace(1000, 1500, 40), np.full(40, 2700.0), side))).mean()
        lip = np.exp(1j * growth_heading(face, face.place(np.linspace(150, 350, 40), np.full(40, 2560.0), side))).mean()
        assert cheek.imag > 0.5  # y runs down
        assert side * lip.real > 0.1 and lip.imag > 0.3


# -- stubble


def test_strokes_cover_what_their_mean_says_at_every_size():
    sizes = []
    for width in (384, 2304):  # a mean cover, single strokes
        face = canvas(width)
        beard = face.enlarge(face.shared(beard_density)) > 0.3
        sizes.append(draw_stubble(face).dark[beard].mean())
    assert sizes[0] == pytest.approx(sizes[1], rel=0.2)


@pytest.fixture(scope="module")
def close() -> tuple[Canvas, object]:
    face = canvas(4608)
    return face, draw_hair(face)


def test_stubble_lies_in_pits_and_some_of_it_stands_off(close):
    _, hair = close
    chin = (slice(2400, 2600), slice(2200, 2400))
    height, cover = hair.height[chin], hair.stubble[chin]
    detail = [plane - cv2.GaussianBlur(plane, (0, 0), 6) for plane in (height, cover)]
    assert np.corrcoef(detail[0].ravel(), detail[1].ravel())[0, 1] < -0.1
    assert height.min() < -0.1 and height.max() > 0.15


def test_no_two_hairs_are_equally_dark_or_long(close):
    _, hair = close
    chin = hair.stubble[2350:2750, 2000:2600]
    count, _, boxes, _ = cv2.connectedComponentsWithStats((chin > 0.12).astype(np.uint8))
    areas = boxes[1:, cv2.CC_STAT_AREA]
    assert count > 100 and areas.std() > 0.5 * areas.mean()


def test_hair_hides_gloss_and_has_a_bright_side(close):
    face, hair = close
    gloss = hair_gloss(hair)
    beard = face.enlarge(beard_density(face)) > 0.3
    assert gloss[beard].mean() < 0 and gloss.min() > -0.81 and gloss[beard].max() > 0.02


def test_shadow_lies_under_dark_hair_only():
    dark, blond = (draw_stubble(canvas(hair_melanin=value)).shadow.max() for value in (1.0, 0.1))
    assert dark > 2.5 * blond


def test_a_longer_beard_covers_more_and_a_grey_one_is_grey():
    short, long = (draw_stubble(canvas(stubble_length=value)) for value in (1.5, 5.0))
    grown = beard_density(canvas()) > 0.3
    assert long.dark[grown].mean() > 1.5 * short.dark[grown].mean()
    grey = draw_stubble(canvas(hair_grey=0.9))
    assert grey.grey.mean() > 3 * grey.dark.mean()


def test_vellus_is_all_over_a_face_without_a_beard_and_faint():
    face = canvas(3072, beard=0.0, vellus=1.0, hairline=250.0)
    cover = draw_stubble(face).dark[face.enlarge(face.region("upper_lip")) > 0.7]
    assert 0 < cover.mean() < 0.03 and cover.max() < 0.4


# -- brows


def brow(**factors: float) -> tuple[Canvas, np.ndarray]:
    face = canvas(**factors)
    plane, grey = (np.zeros(face.full[::-1], np.float32) for _ in range(2))
    for side in (-1, 1):
        draw_brow(face, side, plane, grey)
    return face, plane


def test_brows_lie_on_their_line():
    face, plane = brow(brow_strays=0.0)
    on = face.region("brow") > 0.05
    assert plane[on].sum() > 0.85 * plane.sum() and plane[face.region("brow") > 0.9].mean() > 0.3


def test_thick_brows_cover_more_and_strays_lie_beside():
    thin, thick = (brow(brow_thickness=value)[1].sum() for value in (0.6, 1.4))
    assert thick > 1.5 * thin
    sums = []
    for strays in (0.0, 1.0):
        face, plane = brow(brow_strays=strays)
        sums.append(plane[face.region("brow") < 0.02].sum())
    assert sums[1] > 1.3 * sums[0]


def test_inner_hairs_stand_up_and_the_rows_meet():
    assert _rise(np.array([0.02]), np.array([0.0]))[0] > 1.3
    upper, lower = _rise(np.array([0.6, 0.6]), np.array([1.0, -1.0]))
    assert upper < 0 < lower


def test_grey_brows_on_dark_skin_are_not_white():
    maps = draw_subject(3, 384, 256, {**BEARDED, "melanin": 0.25, "hair_grey": 0.95, "beard": 0.0})
    on = canvas(384).region("brow") > 0.7
    assert np.quantile(maps.albedo[on].mean(-1), 0.99) < 0.42


def test_both_brows_are_alike_but_not_copies():
    _, plane = brow()
    left, right = plane[:, :384], plane[:, :383:-1]
    assert np.corrcoef(left.ravel(), right.ravel())[0, 1] > 0.6
    assert np.abs(left - right).max() > 0.2
