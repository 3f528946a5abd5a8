"""Aligning a scan by clicked points: what is accepted, what is refused and how it is said, and the way there and back."""

import dataclasses
import json
import math
import re

import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.alignment import SHIFT_COLUMNS, SHIFT_ROWS, Alignment
from gantlitz_blender.runtime.completion.checks import check_folds
from gantlitz_blender.runtime.completion.landmarks import LANDMARKS, REQUIRED, Points
from gantlitz_blender.runtime.completion.warp import thin_plate
from gantlitz_blender.runtime.errors import GantlitzError

IMAGE = (640, 640)
SIZE = (384, 256)


def placed(names=REQUIRED, angle: float = 0.0, mirrored: bool = False, size: float = 360.0) -> dict[str, tuple[float, float]]:
    """Points of a scan that shows our layout ``size`` pixels wide about its middle, turned and mirrored."""
    c, s = math.cos(angle) * size, math.sin(angle) * size
    points = {}
    for name in names:
        x, y = (LANDMARKS[name].uv[0] - 0.5) * (-1 if mirrored else 1), (LANDMARKS[name].uv[1] - 0.5) / 1.5
        points[name] = (320 + c * x - s * y, 320 + s * x + c * y)
    return points


def swapped(points: dict, a: str, b: str) -> dict:
    return {**points, a: points[b], b: points[a]}


def moved(points: dict, name: str, dx: float, dy: float) -> dict:
    return {**points, name: (points[name][0] + dx, points[name][1] + dy)}


def refused(points: dict) -> str:
    with pytest.raises(GantlitzError) as caught:
        Alignment(Points(IMAGE, points))
    assert caught.value.code == "bad-points"
    return f"{caught.value.sentence} {caught.value.fix}"


# -- the points


def test_points_lie_where_the_layout_says():
    for name, point in LANDMARKS.items():
        assert 0 < point.uv[0] < 1 and 0 < point.uv[1] < 1
        assert (point.uv[0] < 0.5) == name.endswith("_left"), name
        assert (point.uv[0] > 0.5) == name.endswith("_right"), name
    assert LANDMARKS["eye_outer_left"].uv == layout.landmark("outer_canthus_left")
    assert set(REQUIRED) < set(LANDMARKS)


def test_points_come_back_from_their_file(tmp_path):
    points = Points(IMAGE, placed(LANDMARKS))
    points.write(tmp_path / "points.json")
    assert Points.read(tmp_path / "points.json") == points
    assert json.loads((tmp_path / "points.json").read_text())["image"] == [640, 640]
    assert [p.name for p in tmp_path.iterdir()] == ["points.json"]


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({**placed(), "eye_iner_left": (9, 9)}, "eye_iner_left.*eye_inner_left"),
        ({n: p for n, p in placed().items() if n not in ("chin", "nostril_left")}, "missing: chin, nostril_left"),
        (moved(placed(), "chin", 0, 400), r"chin at \(320, .* outside the picture of 640 x 640"),
        (moved(placed(), "chin", math.nan, 0), "chin .*outside"),
        ({**placed(), "nose_tip": placed()["chin"]}, "chin and nose_tip lie on the same spot"),
        (swapped(placed(), "mouth_corner_left", "mouth_corner_right"), "mouth_corner_left and mouth_corner_right are exchanged"),
        (swapped(placed(), "eye_inner_right", "eye_outer_right"), "(eye_inner_right|eye_outer_right).*are exchanged"),
        (swapped(placed(), "nostril_left", "nostril_right"), "nostril_left and nostril_right are exchanged"),
        (swapped(swapped(placed(), "nostril_left", "mouth_corner_left"), "nostril_right", "mouth_corner_right"), "mouth_corner"),
    ],
)
def test_what_cannot_be_a_face_is_refused_in_a_sentence(points, said):
    assert re.search(said, refused(points))


@pytest.mark.parametrize("content", ["{", "[]", '{"points": {}}', '{"version": 9, "image": [1, 1], "points": {}}'])
def test_a_file_of_something_else_is_refused_by_its_name(tmp_path, content):
    (tmp_path / "p.json").write_text(content)
    with pytest.raises(GantlitzError, match=r"p\.json"):
        Points.read(tmp_path / "p.json")


@pytest.mark.parametrize("place", ["[1]", '["a", 2]', "null"])
def test_a_place_that_is_none_is_named(tmp_path, place):
    (tmp_path / "p.json").write_text(f'{{"version": 1, "image": [9, 9], "points": {{"chin": {place}}}}}')
    with pytest.raises(GantlitzError, match="chin must be"):
        Points.read(tmp_path / "p.json")


@pytest.mark.parametrize("angle", [0, 0.6, math.pi / 2, math.pi])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_layout_may_be_turned_and_mirrored(angle, mirrored):
    alignment = Alignment(Points(IMAGE, placed(angle=angle, mirrored=mirrored)))
    assert alignment.scale == pytest.approx(360 / layout.WIDTH, rel=1e-3)
    assert alignment.across_mm == pytest.approx(640 / 360 * layout.WIDTH / layout.TEXELS_PER_MM, rel=1e-3)
    u, v = np.array([0.3]), np.array([0.4])
    assert (alignment.warp.determinant(u, v)[0, 0] < 0) == mirrored


def test_a_click_that_is_a_little_off_is_no_fault():
    rng = np.random.default_rng(1)
    for _ in range(20):
        points = {n: (x + rng.uniform(-3, 3), y + rng.uniform(-3, 3)) for n, (x, y) in placed(LANDMARKS, size=500).items()}
        Alignment(Points(IMAGE, points))


def test_a_fold_is_named_by_the_points_beside_it():
    points = Points(IMAGE, moved(placed(LANDMARKS), "nose_tip", 0, -60))  # to between the eyes, past the nose's root
    ours, theirs = np.array([LANDMARKS[n].uv for n in points.points]), np.array(list(points.points.values())) / IMAGE
    with pytest.raises(GantlitzError, match=r"folds over near (nose|eye|lid|brow)\w* and (nose|eye|lid|brow)"):
        check_folds(thin_plate(ours, theirs, (layout.WIDTH, layout.HEIGHT), IMAGE), points)


# -- there and back


def smooth_scan() -> dict[str, np.ndarray]:
    """Maps with structures of some 20 pixels."""
    x, y = np.meshgrid(np.arange(640) + 0.5, np.arange(640) + 0.5)
    albedo = np.stack([0.5 + 0.3 * np.sin(x / f) * np.cos(y / (f + 1)) for f in (5, 6, 7)], -1).astype(np.float32)
    displacement = (0.2 * np.sin(x / 6 + y / 9)).astype(np.float32)
    return {"albedo": albedo, "displacement": displacement, "specular": albedo[..., 1].copy()}


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    """Clicks that are no mere similarity."""
    rng = np.random.default_rng(5)
    points = {n: (x + rng.uniform(-4, 4), y + rng.uniform(-4, 4)) for n, (x, y) in placed(angle=0.2, size=500).items()}
    return Alignment(Points(IMAGE, points))


def test_a_scan_comes_back_from_our_layout(alignment):
    scan = smooth_scan()
    ours = alignment.to_layout(scan, 1536, 1024)
    back = alignment.to_scan(ours, 640, 640)
    inside = alignment.to_scan({"specular": np.ones((1024, 1536), np.float32)}, 640, 640)["specular"] > 0.999
    assert inside.mean() > 0.2
    for name in scan:
        error = float(np.sqrt(np.mean((back[name] - scan[name])[inside] ** 2)))
        assert error < 0.02 * (scan[name].max() - scan[name].min()), name


def test_outside_the_mask_our_layout_is_neutral(alignment):
    ours = alignment.to_layout({**smooth_scan(), "normal": np.full((640, 640, 3), (0.6, 0.0, 0.8), np.float32)}, *SIZE)
    outside = layout.mask(*SIZE) == 0
    for name, value in (("albedo", 0.5), ("specular", 0.5), ("displacement", 0.0), ("normal", (0, 0, 1))):
        assert (ours[name][outside] == np.float32(value)).all(), name
    np.testing.assert_allclose(np.linalg.norm(ours["normal"], axis=-1), 1, atol=1e-5)


def test_where_the_scan_ends_nothing_is_made_up():
    """The forehead lies beyond the upper edge of this scan."""
    points = {n: (x, y - 260) for n, (x, y) in placed(size=500).items()}
    cut = Alignment(Points(IMAGE, points))
    known = cut.known(*SIZE)
    ours = cut.to_layout(smooth_scan(), *SIZE)
    gone = (layout.mask(*SIZE) > 0) & (known == 0)
    assert 0.05 < gone.mean() < 0.5
    assert (ours["albedo"][gone] == 0.5).all()
    assert (ours["displacement"][known > 0] != 0).mean() > 0.9


def test_beyond_the_face_the_scan_keeps_its_own_pixels(alignment):
    scan = smooth_scan()
    new = {"albedo": np.full((256, 384, 3), 0.9, np.float32), "specular": np.full((256, 384), 0.9, np.float32)}
    back = alignment.to_scan(new, 640, 640, {"albedo": scan["albedo"]})
    corner = (slice(0, 40), slice(0, 40))
    assert (back["albedo"][corner] == scan["albedo"][corner]).all()
    assert (back["specular"][corner] == 0.5).all()  # it has none of its own
    x, y = (int(c) for c in alignment.points.points["nostril_left"])
    assert back["albedo"][y, x] == pytest.approx(0.9, abs=1e-4)
    weight = (back["specular"] - 0.5) / 0.4
    assert np.abs(np.diff(weight, axis=0)).max() < 0.25  # it fades, here over 8 pixels


def test_maps_of_another_shape_are_refused(alignment):
    with pytest.raises(GantlitzError, match="specular map is 640 x 320"):
        alignment.to_layout({"specular": np.zeros((320, 640), np.float32)}, *SIZE)
    with pytest.raises(GantlitzError, match="scan's albedo is 640 x 640, not 320 x 320"):
        alignment.to_scan({"albedo": np.zeros((256, 384, 3), np.float32)}, 320, 320, smooth_scan())


# -- its file


@pytest.fixture
def shifted(alignment) -> Alignment:
    shifts = np.random.default_rng(7).integers(-400, 400, (SHIFT_ROWS, SHIFT_COLUMNS, 2)).astype(np.int16)
    return dataclasses.replace(alignment, shifts=shifts)


def test_shifts_move_what_is_looked_at(alignment):
    right = np.zeros((SHIFT_ROWS, SHIFT_COLUMNS, 2), np.int16)
    right[..., 0] = 1000  # 50 canvas texels
    u, v = np.linspace(0.2, 0.8, 5), np.linspace(0.2, 0.8, 4)
    there = alignment.warp.on_grid(u + 50 / layout.WIDTH, v)
    np.testing.assert_allclose(dataclasses.replace(alignment, shifts=right).warp.on_grid(u, v), there, atol=1e-5)


def test_an_alignment_comes_back_from_its_file_to_the_bit(shifted, tmp_path):
    shifted.write(tmp_path / "a.json")
    again = Alignment.read(tmp_path / "a.json")
    assert again.points == shifted.points
    assert (again.shifts == shifted.shifts).all()
    scan = {"displacement": smooth_scan()["displacement"]}
    assert (again.to_layout(scan, *SIZE)["displacement"] == shifted.to_layout(scan, *SIZE)["displacement"]).all()


@pytest.mark.parametrize("wrong", [{"version": 2}, {"shifts": [[1, 2]]}, {"shifts": [[[1e9]]]}, {"shifts": "x"}])
def test_a_damaged_alignment_is_refused(alignment, tmp_path, wrong):
    path = tmp_path / "a.json"
    alignment.write(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **wrong}))
    with pytest.raises(GantlitzError) as caught:
        Alignment.read(path)
    assert caught.value.code == "bad-alignment"
