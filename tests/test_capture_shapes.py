import dataclasses
from functools import cache

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from trainer.capture import Identity
from trainer.capture.canvas import Canvas
from trainer.capture.detail import Detail, Window, add_details
from trainer.capture.ears import draw_ears
from trainer.capture.eyes import Lids, draw_eyes
from trainer.capture.features import face_features
from trainer.capture.lips import draw_lips
from trainer.capture.nose import draw_nostrils

SIZE = (768, 512)
PARTS = {"eyes": draw_eyes, "nostrils": draw_nostrils, "lips": draw_lips, "ears": draw_ears}


def canvas(seed: int = 3, size: tuple[int, int] = SIZE, **factors: float) -> Canvas:
    return Canvas(dataclasses.replace(Identity.from_seed(seed), **factors), *size)


@cache
def drawn(part: str) -> list[Detail]:
    """One kind of windows on the plain canvas of these tests; not to be changed."""
    return PARTS[part](canvas())


def laid_out(details: list[Detail], name: str, neutral: float = 0.0, size: tuple[int, int] = SIZE) -> np.ndarray:
    """One plane of all details in its place on a full plane."""
    plane = np.full(size[::-1], neutral, np.float32)
    add_details([dataclasses.replace(d, **{name: getattr(d, name) - neutral}) for d in details], name, plane)
    return plane


def at(plane: np.ndarray, view: Canvas, point: tuple[float, float], side: int) -> float:
    """A full-size plane's value at a half-face point of the plain layout, where it lies on this face."""
    (x, y), scale = view.place([point[0]], [point[1]], side)[0], view.scale
    return float(plane[int(y * scale), int(x * scale)])


# -- windows


@pytest.mark.parametrize("part", PARTS)
def test_a_window_holds_planes_of_its_box_within_their_ranges(part):
    for detail in drawn(part):
        box = np.zeros(SIZE[::-1])[detail.box].shape
        for field in dataclasses.fields(detail)[1:]:
            plane = getattr(detail, field.name)
            assert plane.shape == box and plane.dtype == np.float32 and np.isfinite(plane).all(), field.name
        assert detail.shade.min() > 0 and detail.shade.max() <= 1.1
        assert detail.fill.min() >= -1e-3 and detail.fill.max() <= 1.001
        assert detail.gloss.min() > 0


@pytest.mark.parametrize("part", PARTS)
def test_a_window_fades_into_the_face_at_its_edges(part):
    for detail in drawn(part):
        for name, neutral in (("height", 0), ("shade", 1), ("melanin", 0), ("blood", 0), ("fill", 0), ("gloss", 1)):
            plane = getattr(detail, name) - neutral
            edge = np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])
            assert np.abs(edge).max() <= 0.15 * max(np.abs(plane).max(), 0.2), name


@pytest.mark.parametrize("part", PARTS)
def test_a_smaller_size_shows_the_same_shapes(part):
    small = laid_out(drawn(part), "shade", 1)
    large_size = (2 * SIZE[0], 2 * SIZE[1])
    large = laid_out(PARTS[part](canvas(size=large_size)), "shade", 1, large_size)
    reduced = cv2.resize(large, SIZE, interpolation=cv2.INTER_AREA)
    shaded = (small < 0.97) | (reduced < 0.97)
    assert np.corrcoef(small[shaded], reduced[shaded])[0, 1] > 0.95


@pytest.mark.parametrize("part", PARTS)
def test_both_sides_are_alike_but_not_the_same(part):
    details = PARTS[part](canvas(asymmetry=0.5))
    for name, neutral in (("shade", 1.0), ("blood", 0.0)):
        plane = laid_out(details, name, neutral) - neutral
        difference, size = np.abs(plane - plane[:, ::-1]).mean(), np.abs(plane).mean()
        assert 0 < difference < (0.6 if part == "lips" else 0.35) * size, name  # no furrow of a lip has a twin


@pytest.mark.parametrize("side", [-1, 1])
def test_distances_to_a_curve_are_signed_and_in_canvas_texels(side):
    window = Window(canvas(asymmetry=0), (700, 1800, 1300, 2200), side)
    distance, t = window.to_curve(np.array([(800.0, 2000.0), (1000.0, 2000.0), (1200.0, 2000.0)]))
    between = (window.a > 850) & (window.a < 1150) & (np.abs(window.y - 2000) < 150)
    np.testing.assert_allclose(distance[between], (window.y - 2000)[between], rtol=0.25, atol=4)  # the warp stretches a little
    np.testing.assert_allclose(t[between], ((window.a - 800) / 400)[between], atol=0.12)
    beyond = window.a > 1260
    assert (np.abs(distance[beyond]) > 40).all()


def test_noise_of_a_window_is_mostly_shared_by_the_sides():
    left, right = (Window(canvas(), (300, 1150, 960, 1860), side).noise("any", 120) for side in (-1, 1))
    assert left.std() == pytest.approx(1, abs=0.25)
    assert 0.7 < np.corrcoef(left.ravel(), right.ravel())[0, 1] < 0.97


# -- what they show


@pytest.mark.parametrize("seed", range(4))
def test_the_eyes_opening_is_filled_between_the_lids_and_nowhere_else(seed):
    view = canvas(seed)
    fill = laid_out(draw_eyes(view), "fill")
    for side in (-1, 1):
        assert at(fill, view, layout.half_point("eye_centre"), side) > 0.7
        for name in ("cheek", "brow_peak", "nostril"):
            assert at(fill, view, layout.half_point(name), side) == 0
    outside = layout.eye_opening(*view.uv) > 1.7
    assert fill[outside].max() < 0.05


def test_the_lower_lids_wet_margin_has_less_pigment_and_more_gloss_than_the_skin_below():
    view = canvas()
    lids = Lids(view.identity)
    a = np.float32([593.0])
    margin = (593.0, float((lids.lower(a) + 0.5 * lids.lower_margin(a))[0]))
    skin = (593.0, margin[1] + 110)
    melanin, gloss = laid_out(drawn("eyes"), "melanin"), laid_out(drawn("eyes"), "gloss", 1.0)
    assert at(melanin, view, margin, 1) < at(melanin, view, skin, 1) - 0.15
    assert at(gloss, view, margin, 1) > at(gloss, view, skin, 1) + 0.1


def test_a_single_lid_has_no_crease():
    def crease(fold: float) -> float:
        view = canvas(lid_fold=fold, lid_hood=0.0, epicanthus=0.0, lid_crepe=0.0, size=(1536, 1024))
        lids = Lids(view.identity)
        a = np.linspace(500, 680, 24, dtype=np.float32)
        shade = laid_out(draw_eyes(view), "shade", 1.0, (1536, 1024))
        return float(np.mean([at(shade, view, (x, y), 1) for x, y in zip(a, lids.crease(a), strict=True)]))

    assert crease(0.05) > crease(1.0) + 0.15


@pytest.mark.parametrize("seed", range(3))
def test_nostrils_and_the_ears_hollows_are_darker_than_their_rims(seed):
    view = canvas(seed)
    shade = laid_out([*draw_nostrils(view), *draw_ears(view)], "shade", 1.0)
    for side in (-1, 1):
        assert at(shade, view, (166, 2325), side) < 0.5 < at(shade, view, (166, 2180), side)
        assert at(shade, view, (2292, 1930), side) < at(shade, view, (2530, 1850), side) - 0.25  # the canal, the antihelix


def test_lips_are_redder_than_what_surrounds_them_and_parted_by_a_dark_line():
    size = (1536, 1024)
    view = canvas(lip_redness=1.2, size=size)
    mouth = draw_lips(view)
    blood, shade = (laid_out(mouth, name, neutral, size) for name, neutral in (("blood", 0.0), ("shade", 1.0)))
    assert at(blood, view, (120, 2860), 1) > at(blood, view, (120, 3000), 1) + 0.4
    lines = np.array([[at(shade, view, (a, y), 1) for y in range(2700, 2900, 4)] for a in range(0, 260, 20)])
    assert lines.min(1).mean() < 0.8
    assert 2770 < 2700 + 4 * np.median(lines.argmin(1)) < 2825


def test_dry_lips_flake_and_lose_colour_in_places():
    planes = [laid_out(draw_lips(canvas(lip_dryness=dry)), "gloss", 1.0) for dry in (0.0, 1.0)]
    lost = planes[0] - planes[1]
    assert lost.max() > 0.1 and (lost > 0.05).sum() < 0.6 * (planes[0] != 1).sum()


def test_folds_deepen_with_their_factors():
    for factor in ("nasolabial", "eye_bags", "glabella", "malar", "chin_cleft", "philtrum"):
        shallow, deep = (face_features(canvas(**{factor: value})) for value in (0.0, 1.0))
        assert deep[0].std() > shallow[0].std() and deep[1].mean() < shallow[1].mean(), factor


# -- people


def test_features_stay_near_the_layout_and_yet_differ_between_people():
    names = ("eye_centre", "inner_canthus", "outer_canthus", "nostril", "mouth_corner", "chin_side", "ear_centre", "lower_lid")
    points = np.array([layout.half_point(name) for name in names])
    moved = []
    for seed in range(24):
        view = Canvas(Identity.from_seed(seed), 192, 128)
        moved.append(view.place(*points.T, 1) - points - (layout.WIDTH / 2, 0))
    shift = np.linalg.norm(moved, axis=-1)
    assert shift.max() < 110  # 6 mm
    assert (np.std(moved, axis=0).max(-1) > 6).all()
