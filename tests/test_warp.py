"""Warps between layouts: through the points, smooth, turned back again; maps seen through them keep their meaning."""

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.resampling import Resampling, blended
from gantlitz_blender.runtime.completion.warp import Warp, grid_points, nodes, thin_plate
from gantlitz_blender.runtime.slopes import normals_of_displacement, slopes_of_displacement, slopes_of_normals

TARGET = (384, 256)
SOURCE = (320, 320)
U, V = (np.arange(TARGET[0]) + 0.5) / TARGET[0], (np.arange(TARGET[1]) + 0.5) / TARGET[1]


def warp_of(place, target=TARGET, source=SOURCE) -> Warp:
    """The warp of a function of relative places, both ways in texels: (x, y) of the target -> (X, Y) of the source."""
    p = grid_points()
    X, Y = place(p[:, 0] * target[0], p[:, 1] * target[1])
    n = len(nodes())
    return Warp((X / source[0]).reshape(n, n), (Y / source[1]).reshape(n, n), target, source)


def similarity(angle: float, scale: float, mirrored: bool = False):
    """About the centres of the two pictures; scale: source texels a target texel."""
    c, s = np.cos(angle) * scale, np.sin(angle) * scale

    def place(x, y):
        x, y = (x - TARGET[0] / 2) * (-1 if mirrored else 1), y - TARGET[1] / 2
        return SOURCE[0] / 2 + c * x - s * y, SOURCE[1] / 2 + s * x + c * y

    return place


def bent(x, y):
    """Turned, stretched and bent: what two layouts differ by, and more."""
    X, Y = similarity(0.4, 0.6)(x, y)
    return X + 6 * np.sin(y / 40), Y + 5 * np.cos(x / 50)


def waves(X, Y):
    """A relief in mm over places of the source, in its texels, and its slopes a texel."""
    h = 0.3 * np.sin(X / 7) * np.cos(Y / 9) + 0.2 * np.sin((X + Y) / 12)
    hX = 0.3 / 7 * np.cos(X / 7) * np.cos(Y / 9) + 0.2 / 12 * np.cos((X + Y) / 12)
    hY = -0.3 / 9 * np.sin(X / 7) * np.sin(Y / 9) + 0.2 / 12 * np.cos((X + Y) / 12)
    return h, hX, hY


def source_texels() -> tuple[np.ndarray, np.ndarray]:
    return np.meshgrid(np.arange(SOURCE[0]) + 0.5, np.arange(SOURCE[1]) + 0.5)


def inner(look: Resampling, n: int = 9) -> np.ndarray:
    return cv2.erode(look.where.astype(np.uint8), np.ones((n, n)), borderValue=0) > 0


def test_a_thin_plate_takes_points_to_points_and_lines_to_lines():
    rng = np.random.default_rng(1)
    places = rng.random((12, 2))
    images = places @ np.array([[0.5, 0.2], [-0.3, 0.7]]) + (0.3, 0.1)
    plate = thin_plate(places, images, TARGET, SOURCE)
    s, t = plate(places[:, 0], places[:, 1])
    np.testing.assert_allclose(np.stack([s, t], 1), images, atol=1e-6)
    np.testing.assert_allclose(plate.determinant(U, V), (0.5 * 0.7 + 0.3 * 0.2) * 320 * 320 / (384 * 256), rtol=1e-4)


def test_a_thin_plate_comes_near_to_points_that_bend_it():
    rng = np.random.default_rng(2)
    places = rng.random((20, 2))
    images = places + rng.uniform(-0.02, 0.02, (20, 2))
    s, t = thin_plate(places, images, TARGET, SOURCE)(places[:, 0], places[:, 1])
    error = np.hypot(s - images[:, 0], t - images[:, 1])
    assert error.max() < 0.006


def test_the_grid_is_finer_than_what_it_stands_for():
    X, Y = bent(*np.meshgrid(U * TARGET[0], V * TARGET[1]))
    s, t = warp_of(bent).on_grid(U, V)
    assert np.abs(s * SOURCE[0] - X).max() < 1e-3
    assert np.abs(t * SOURCE[1] - Y).max() < 1e-3


def test_the_jacobian_is_the_derivative():
    warp = warp_of(bent)
    step = 1e-4
    ahead, behind = warp.on_grid(U + step, V), warp.on_grid(U - step, V)
    below, above = warp.on_grid(U, V + step), warp.on_grid(U, V - step)
    xx, xy, yx, yy = warp.jacobian(U, V)
    for found, far, near, i in ((xx, ahead, behind, 0), (yx, ahead, behind, 1), (xy, below, above, 0), (yy, below, above, 1)):
        cells = 2 * step * (TARGET[0] if far is ahead else TARGET[1])
        np.testing.assert_allclose(found, (far[i] - near[i]) * SOURCE[i] / cells, atol=1e-4)


@pytest.mark.parametrize("place", [bent, similarity(2.0, 0.5), similarity(0.3, 0.7, mirrored=True)])
def test_the_inverse_leads_back_to_a_fiftieth_of_a_texel(place):
    warp = warp_of(place)
    s, t = warp.on_grid(U, V)
    seen = (s > 0) & (s < 1) & (t > 0) & (t < 1)
    u, v = warp.inverse()(s, t)
    error = np.hypot((u - U[None, :]) * TARGET[0], (v - V[:, None]) * TARGET[1])[seen]
    assert seen.mean() > 0.5
    assert error.max() < 0.02


def test_the_inverse_leads_out_of_the_picture_where_nothing_comes_from_it():
    """A small face in the middle of a large scan: the rest of the scan is no part of the face."""
    warp = warp_of(similarity(0.2, 0.25))
    X, Y = source_texels()
    u, v = warp.inverse()(X / SOURCE[0], Y / SOURCE[1])
    outside = (np.abs(u - 0.5) > 0.5) | (np.abs(v - 0.5) > 0.5)
    covered = 0.25**2 * TARGET[0] * TARGET[1] / (SOURCE[0] * SOURCE[1])
    assert 1 - outside.mean() == pytest.approx(covered, rel=0.03)


def test_what_is_enlarged_is_interpolated_smoothly():
    """Tenfold: the slopes of the result are those of the relief, without steps between the texels of the source."""
    warp = warp_of(similarity(0.5, 0.1))
    X, Y = source_texels()
    look = Resampling(warp, TARGET)
    seen = look.plane(waves(X, Y)[0].astype(np.float32))
    s, t = warp.on_grid(U, V)
    h, hX, hY = waves(s * SOURCE[0], t * SOURCE[1])
    xx, _, yx, _ = warp.jacobian(U, V)
    assert np.abs(seen - h)[inner(look)].max() < 1e-3
    dx, _ = slopes_of_displacement(seen, 1.0)
    true = xx * hX + yx * hY
    assert np.abs(dx - true)[inner(look)].max() < 0.01 * np.abs(true).max()


@pytest.mark.parametrize("factor", [2.0, 3.3, 8.0])
def test_what_shrinks_does_not_alias(factor):
    """Noise of single texels must fall as its mean over the covered area does; a wave that stays visible must stay."""
    source = (int(TARGET[0] * factor), int(TARGET[1] * factor))
    warp = warp_of(lambda x, y: (x * factor, y * factor), TARGET, source)
    noise = np.random.default_rng(3).standard_normal(source[::-1]).astype(np.float32)
    seen = Resampling(warp, TARGET).plane(noise)
    assert seen.std() < 1.6 / factor  # 1 / factor is the plain mean; a picked texel keeps 1
    wave = np.sin(np.arange(source[0]) / (4 * factor)).astype(np.float32)[None, :].repeat(source[1], 0)
    kept = Resampling(warp, TARGET).plane(wave)
    expected = np.sin((np.arange(TARGET[0]) * factor + (factor - 1) / 2) / (4 * factor))
    assert np.abs(kept[10:-10, 10:-10] - expected[10:-10]).max() < 0.06


def test_maps_of_other_sizes_lie_in_the_same_place():
    """A displacement of four times the albedo's size must show the same face."""
    warp = warp_of(bent)
    look = Resampling(warp, TARGET)
    X, Y = source_texels()
    small = waves(X, Y)[0].astype(np.float32)
    large = waves(*(c / 4 for c in np.meshgrid(np.arange(1280) + 0.5, np.arange(1280) + 0.5)))[0].astype(np.float32)
    assert np.abs(look.plane(small) - look.plane(large))[inner(look)].max() < 0.02


@pytest.mark.parametrize("place", [bent, similarity(2.0, 0.5), similarity(0.3, 0.7, mirrored=True)])
def test_normals_stay_those_of_the_displacement(place):
    warp = warp_of(place)
    scale = float(np.sqrt(np.abs(warp.determinant(U, V)).mean()))
    texel = layout.texel_mm(TARGET[0])
    relief = waves(*source_texels())[0].astype(np.float32)
    look = Resampling(warp, TARGET)
    seen = {
        "displacement": look.map("displacement", relief, scale),
        "normal": look.map("normal", normals_of_displacement(relief, texel / scale), scale),
    }
    where = inner(look)
    from_relief = slopes_of_displacement(seen["displacement"], texel)
    from_normals = slopes_of_normals(seen["normal"])
    for a, b in zip(from_relief, from_normals, strict=True):
        assert np.corrcoef(a[where], b[where])[0, 1] > 0.999
        assert float((a[where] @ b[where]) / (a[where] @ a[where])) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_similarity_keeps_the_length_of_slopes(mirrored):
    """A scan at another size is no other skin."""
    warp = warp_of(similarity(1.1, 0.37, mirrored))
    dX, dY = np.full((320, 320), 0.3, np.float32), np.full((320, 320), -0.2, np.float32)
    look = Resampling(warp, TARGET)
    dx, dy = look.slopes(dX, dY, 0.37)
    np.testing.assert_allclose(np.hypot(dx, dy)[look.where], np.hypot(0.3, 0.2), rtol=1e-4)


def test_colours_stay_colours_and_the_unseen_is_neutral():
    warp = warp_of(similarity(0.0, 1.5))  # the scan ends before the layout does
    albedo = (np.random.default_rng(4).random((320, 320, 3)) > 0.5).astype(np.float32)  # hard edges ring
    look = Resampling(warp, TARGET)
    seen = blended("albedo", look.map("albedo", albedo, 1.5), None, look.where.astype(np.float32))
    assert 0.1 < look.where.mean() < 0.9
    assert seen.min() >= 0 and seen.max() <= 1
    assert (seen[~look.where] == 0.5).all()
