"""The UV layout: one set of landmarks, regions, tension lines and one mask, at any size and any crop."""

import subprocess
import sys

import numpy as np
import pytest

from gantlitz_blender.runtime import layout

SIZE = (384, 256)


def test_landmarks_lie_where_published_samples_have_them():
    for name, expected in {
        "eye_centre_left": (0.402, 0.362),
        "eye_centre_right": (0.595, 0.362),
        "nostril_left": (0.473, 0.567),
        "nostril_right": (0.524, 0.567),
        "mouth_centre": (0.498, 0.681),
        "ear_centre_left": (0.105, 0.43),
        "ear_centre_right": (0.900, 0.43),
        "forehead_top": (0.5, 0.07),
    }.items():
        assert layout.landmark(name) == pytest.approx(expected, abs=0.006), name


def test_left_and_right_landmarks_are_mirror_images():
    for name, (u, v) in layout.LANDMARKS.items():
        if name.endswith("_left"):
            assert layout.LANDMARKS[name.removesuffix("left") + "right"] == pytest.approx((1 - u, v))


def test_every_landmark_of_skin_lies_inside_the_mask():
    for name, (u, v) in layout.LANDMARKS.items():
        assert layout.inside(np.float32([[u]]), np.float32([[v]]))[0, 0] > 0, name


def test_mask_covers_58_percent_and_is_exactly_zero_outside():
    mask = layout.mask(*SIZE)
    assert mask.shape == (256, 384) and mask.dtype == np.float32
    assert mask.mean() == pytest.approx(0.58, abs=0.015)
    assert mask.max() == 1 and mask[0].max() == 0 and mask[:, 0].max() == 0
    assert mask[-1, 192] == 1  # the neck runs off the texture


def test_mask_of_a_crop_is_the_crop_of_the_mask():
    box = (30, 100, 130, 180)
    np.testing.assert_allclose(layout.mask(*SIZE, region=box), layout.mask(*SIZE)[100:180, 30:130], atol=1e-6)


def test_mask_agrees_across_sizes():
    large = layout.mask(1536, 1024).reshape(256, 4, 384, 4).mean((1, 3))
    assert np.abs(large - layout.mask(*SIZE)).max() < 0.05


@pytest.mark.parametrize("name", layout.REGIONS)
def test_regions_are_smooth_symmetric_weights(name):
    weight = layout.region(name, *layout.uv_grid(*SIZE))
    assert weight.shape == (256, 384) and weight.dtype == np.float32
    assert weight.min() >= 0 and weight.max() <= 1
    assert weight.max() > 0.3, "a region that is nowhere"
    np.testing.assert_allclose(weight, weight[:, ::-1], atol=2e-3)


def test_regions_contain_the_landmarks_they_are_named_after():
    for name in ("nose_tip", "ala", "nostril", "cheek", "chin", "temple", "glabella", "forehead", "mouth_corner"):
        point = layout.LANDMARKS.get(name) or layout.LANDMARKS[f"{name}_right"]
        assert layout.region(name, *map(np.float32, point)) > 0.5, name


def test_a_region_can_be_asked_for_at_loose_points():
    u, v = np.float32([0.5, 0.65, 0.9]), np.float32([0.6, 0.48, 0.43])
    assert layout.region("ear", u, v).tolist() == pytest.approx([0, 0, 1], abs=0.05)


def test_eye_opening_is_one_on_the_canthi():
    for side in ("left", "right"):
        assert layout.eye_opening(*layout.LANDMARKS[f"eye_centre_{side}"]) < 0.01
        for corner in ("inner_canthus", "outer_canthus"):
            assert layout.eye_opening(*layout.LANDMARKS[f"{corner}_{side}"]) == pytest.approx(1, abs=0.15)


def test_lip_edges_meet_at_the_corners():
    corner, _ = layout.half_point("mouth_corner")
    upper, line, lower = layout.lip_edges([0, corner, corner + 50])
    assert upper[0] < line[0] < lower[0]
    np.testing.assert_allclose(upper[1:], line[1:], atol=1)
    np.testing.assert_allclose(lower[1:], line[1:], atol=1)


def test_tension_lines_are_unit_axes_that_follow_the_anatomy():
    direction = layout.tension_direction(*layout.uv_grid(*SIZE))
    np.testing.assert_allclose(np.linalg.norm(direction, axis=-1), 1, atol=1e-5)

    def slope_at(name: str) -> float:  # 0 = horizontal, 1 = vertical
        return float(np.abs(layout.tension_direction(*map(np.float32, layout.LANDMARKS[name]))[..., 1]))

    assert slope_at("forehead") < 0.2 and slope_at("neck") < 0.2 and slope_at("nasion") < 0.2
    assert slope_at("lower_lip_bottom") > 0.9 and slope_at("sideburn_left") > 0.85
    mirrored = direction[:, ::-1] * np.float32([-1, 1])
    agreement = np.abs((direction * mirrored).sum(-1))
    assert np.quantile(agreement, 0.01) > 0.99


def test_curves_are_mirrored_and_start_at_their_landmarks():
    brow = layout.curve("brow", "right")
    np.testing.assert_allclose(brow[0], layout.LANDMARKS["brow_inner_right"], atol=1e-6)
    np.testing.assert_allclose(layout.curve("brow", "left"), np.float64([1, 0]) + brow * [-1, 1])


def test_the_layout_needs_numpy_alone():
    code = "import sys; from gantlitz_blender.runtime import layout; print({'torch','cv2','scipy'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "set()"
