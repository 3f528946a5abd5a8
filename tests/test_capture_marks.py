"""Marks on procedural skin: what each is in every map, where it lies, and that it is the same at every size."""

import dataclasses

import cv2
import numpy as np
import pytest

from trainer.capture import blemishes, patches, scars, spots
from trainer.capture.canvas import Canvas
from trainer.capture.falloff import bell, disc, dome
from trainer.capture.identity import Identity, generator
from trainer.capture.marks import Marks, sow
from trainer.capture.skin_marks import draw_marks
from trainer.capture.stamps import Stamps
from trainer.capture.strokes import draw_hairs
from trainer.capture.vessels import draw_vessels

UNMARKED = {
    "freckles": 0.0,
    "spots": 0.0,
    "moles": 0,
    "papules": 0.0,
    "acne": 0.0,
    "acne_marks": 0.0,
    "acne_pits": 0.0,
    "razor_bumps": 0.0,
    "milia": 0.0,
    "pox_scars": 0,
    "scars": 0,
    "capillaries": 0.0,
    "melasma": 0.0,
    "tan_line": 0.0,
    "age": 0.0,  # no angiomas
}


def canvas(width: int = 768, **factors: float) -> Canvas:
    person = dataclasses.replace(Identity.from_seed(2), **{**UNMARKED, "melanin": 0.02, **factors})
    return Canvas(person, width, width * 2 // 3)


# -- shapes


def test_stamps_reach_no_farther_than_their_outline_and_edge():
    plane = np.zeros((2048, 3072), np.float32)
    stamps = Stamps(generator(0, "t"), np.array([[2000.0, 1000.0]]), np.array([60.0]), ragged=0.0, stretch=1.0)
    stamps.add(plane, 2.0, disc)
    y, x = np.mgrid[:2048, :3072]
    r = np.hypot(2 * x + 1 - 2000, 2 * y + 1 - 1000) / 60
    assert plane[r < 0.6] == pytest.approx(2.0) and not plane[r > 1.36].any()


def test_outlines_differ_from_mark_to_mark():
    points = np.array([[1000.0, 1000.0], [3000.0, 1000.0]])
    plane = np.zeros((2048, 3072), np.float32)
    Stamps(generator(0, "t"), points, np.array([60.0, 60.0]), 0.3).add(plane, 1.0, disc)
    one, other = plane[400:600, 400:600], plane[400:600, 1400:1600]
    assert np.abs(one - other).mean() > 0.02 * one.mean()


def test_a_mark_finer_than_a_texel_keeps_its_amount():
    points = np.array([[3000.0, 2000.0]])
    amounts = []
    for width in (3072, 384):
        plane = np.zeros((width * 2 // 3, width), np.float32)
        Stamps(generator(0, "t"), points, np.array([9.0]), 0.0, 1.0).add(plane, 1.0, bell)
        amounts.append(plane.sum() * (3072 / width) ** 2)
    assert amounts[0] == pytest.approx(amounts[1], rel=0.15)


def test_points_are_sown_where_the_weight_is_and_alike_at_every_size():
    sown = []
    for width in (384, 768):
        face = canvas(width)
        sown.append(sow(generator(1, "t"), face, face.region("nose"), 200))
    assert all(points.shape == (200, 2) for points in sown)
    face = canvas()
    assert (face.sample(face.region("nose"), sown[1]) > 0).all()
    same = np.isclose(sown[0][:50, None], sown[1][None, :60], atol=1e-6).all(-1).any(1)
    assert same.mean() > 0.8


def test_hairs_drawn_in_one_call_are_the_lines_drawn_one_by_one():
    random = generator(3, "t")
    paths = random.uniform(20, 200, (12, 2, 2))
    paths[:, :, 1] = (np.arange(12) * 40 + 20)[:, None] + random.uniform(-8, 8, (12, 2))
    alpha = random.uniform(0.2, 1, (12, 1))
    together, alone = np.zeros((500, 240), np.uint8), np.zeros((500, 240), np.uint8)
    draw_hairs(together, paths, alpha)
    for path, level in zip(np.round(paths * 16).astype(np.int32), alpha[:, 0], strict=True):
        cv2.line(alone, path[0].tolist(), path[1].tolist(), (float(level * 255),), 1, cv2.LINE_AA, 4)
    assert together.any() and np.abs(together.astype(int) - alone).max() <= 2


def test_the_darker_hair_lies_over_the_lighter():
    ink = np.zeros((20, 20), np.uint8)
    cross = np.array([[[2.0, 10.0], [18.0, 10.0]], [[10.0, 2.0], [10.0, 18.0]]])
    draw_hairs(ink, cross, np.array([[1.0], [0.3]]))
    assert ink[10, 10] > 220


# -- what marks do


def test_skin_without_marks_has_none():
    marks = draw_marks(canvas())
    for field in dataclasses.fields(Marks):
        assert not getattr(marks, field.name).any(), field.name


@pytest.mark.parametrize(
    ("factor", "value", "plane", "sign"),
    [
        ("freckles", 1.0, "melanin", 1),
        ("spots", 1.0, "melanin", 1),
        ("moles", 12, "melanin", 1),
        ("papules", 1.0, "height", 1),
        ("acne", 1.0, "blood", 1),
        ("acne", 1.0, "height", 1),
        ("acne_marks", 1.0, "blood", 1),
        ("acne_pits", 1.0, "height", -1),
        ("pox_scars", 4, "height", -1),
        ("scars", 2, "smooth", 1),
        ("scars", 2, "melanin", -1),
        ("milia", 1.0, "height", 1),
        ("milia", 1.0, "melanin", -1),
        ("capillaries", 1.0, "blood", 1),
        ("melasma", 1.0, "melanin", 1),
    ],
)
def test_a_factor_shows_in_its_map(factor: str, value: float, plane: str, sign: int):
    drawn = sign * getattr(draw_marks(canvas(**{factor: value})), plane)
    assert drawn.max() > 0.05
    assert drawn.sum() > 0


def test_razor_bumps_grow_where_a_beard_does():
    marks = draw_marks(canvas(razor_bumps=1.0, beard=1.0, beard_shape=0))
    assert marks.height.max() > 0.3 and not marks.height[: marks.height.shape[0] // 3].any()
    assert not draw_marks(canvas(razor_bumps=1.0, beard=0.0)).height.any()


def test_freckles_never_stand_out_and_moles_only_where_they_are_raised():
    assert not draw_marks(canvas(freckles=1.0)).height.any()
    assert not draw_marks(canvas(moles=12, moles_raised=0.0)).height.any()
    assert draw_marks(canvas(moles=12, moles_raised=1.0)).height.max() > 1


def test_freckles_cluster_on_nose_and_cheeks():
    face = canvas(freckles=1.0)
    melanin = cv2.resize(draw_marks(face).melanin, face.coarse, interpolation=cv2.INTER_AREA)
    central, neck = face.region("nose") > 0.5, face.region("neck") > 0.9
    assert melanin[central].mean() > 4 * melanin[neck].mean()


def test_scars_and_pits_have_lost_their_pores_where_they_lie():
    face = canvas(1536, scars=2)
    marks = Marks.blank(face)
    scars.draw_scars(face, marks)
    deep = np.abs(marks.height) > 0.6 * np.abs(marks.height).max()
    assert marks.smooth[deep].mean() > 0.7 and marks.gloss[deep].min() > 0
    assert (marks.smooth > 0).mean() < 0.02


def test_capillaries_are_lines():
    face = canvas(3072, capillaries=1.0)
    marks = Marks.blank(face)
    draw_vessels(face, marks)
    fine = marks.blood - cv2.GaussianBlur(marks.blood, (0, 0), 6)
    strong = (fine > 0.15).astype(np.uint8)
    lengths = cv2.connectedComponentsWithStats(strong)[2][1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA]]
    longest = lengths[lengths[:, 2].argmax()]
    assert longest[:2].max() > 15 and longest[2] < 0.35 * longest[0] * longest[1]


def test_melasma_is_nearly_symmetric_and_spares_the_jaw():
    face = canvas(melasma=1.0)
    marks = Marks.blank(face)
    patches.draw_patches(face, marks)
    patch = marks.melanin
    assert np.corrcoef(patch.ravel(), patch[:, ::-1].ravel())[0, 1] > 0.7
    assert patch[face.region("cheekbone") > 0.7].mean() > 3 * patch[face.region("neck") > 0.8].mean()


@pytest.mark.parametrize(("shape", "pale", "tanned"), [(0, "orbit", "forehead"), (1, "hair", "cheek"), (2, "neck", "cheek")])
def test_what_was_covered_is_paler_than_the_tan(shape: int, pale: str, tanned: str):
    face = canvas(tan_line=1.0, tan_shape=shape)
    marks = Marks.blank(face)
    patches.draw_patches(face, marks)
    if shape == 1:  # above the cap's edge
        covered, rest = marks.melanin[40:80, 300:468].mean(), marks.melanin[200:300, 300:468].mean()
    else:
        covered, rest = marks.melanin[face.region(pale) > 0.98].min(), marks.melanin[face.region(tanned) > 0.9].mean()
    assert covered < rest - 0.05


def test_marks_are_gained_as_the_same_marks_at_every_size():
    factors = {"acne": 1.0, "moles": 12, "acne_pits": 0.8, "spots": 0.8, "capillaries": 0.5, "melasma": 0.5}
    small, large = (draw_marks(canvas(width, **factors)) for width in (768, 1536))
    for name in ("melanin", "blood"):
        reduced = cv2.resize(getattr(large, name), small.melanin.shape[::-1], interpolation=cv2.INTER_AREA)
        assert np.corrcoef(reduced.ravel(), getattr(small, name).ravel())[0, 1] > 0.9, name


def test_profiles_fall_from_one_to_nothing():
    r = np.linspace(0, 3, 301, dtype=np.float32)
    for profile in (bell, disc, dome):
        values = profile(r)
        assert values[0] == pytest.approx(1) and abs(values[-1]) < 1e-3 and (np.diff(values) <= 1e-6).all()


def test_dark_skin_is_marked_brown_and_light_skin_red():
    light, dark = (draw_marks(canvas(melanin=melanin, acne_marks=1.0)) for melanin in (0.01, 0.25))
    assert dark.melanin.sum() / dark.blood.sum() > 2 * light.melanin.sum() / light.blood.sum()


def test_prevalence_is_that_of_people():
    crowd = [Identity.from_seed(seed) for seed in range(600)]
    dark = [p for p in crowd if p.melanin > 0.2]
    assert all(p.papules == 0 for p in crowd if p.melanin < 0.08) and 0.1 < np.mean([p.papules > 0 for p in dark]) < 0.7
    assert all(p.razor_bumps == 0 for p in crowd if p.beard == 0)
    assert np.mean([p.melasma > 0 for p in crowd if p.sex == 0]) > 2 * np.mean([p.melasma > 0 for p in crowd if p.sex == 1])
    old, young = ([p.capillaries for p in crowd if (p.age > 0.5) == late] for late in (True, False))
    assert np.mean(old) > np.mean(young)


def test_the_modules_of_marks_draw_nothing_they_were_not_asked_for():
    face = canvas()
    for draw in (spots.draw_spots, blemishes.draw_blemishes, scars.draw_scars, patches.draw_patches, draw_vessels):
        marks = Marks.blank(face)
        draw(face, marks)
        assert not marks.height.any() and not marks.smooth.any()
