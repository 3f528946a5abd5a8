"""Refining clicked points against the mean face: nearer when there is a face, nothing when there is none."""

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import FaceModel, Recipe, layout
from gantlitz_blender.runtime.completion.alignment import SHIFT_UNIT, Alignment
from gantlitz_blender.runtime.completion.landmarks import LANDMARKS, REQUIRED, Points
from gantlitz_blender.runtime.completion.refinement import FARTHEST, refine
from gantlitz_blender.runtime.completion.resampling import Resampling
from gantlitz_blender.runtime.completion.warp import Warp, thin_plate
from gantlitz_blender.runtime.errors import GantlitzError
from trainer.capture import Identity, draw_subject
from trainer.capture.canvas import Canvas

IMAGE = (512, 512)
SIZE = (384, 256)
OFF = 0.015  # of the layout's width: how far clicks are off, at most, across and down
CANVAS = (layout.WIDTH, layout.HEIGHT)


class Person:
    """A held-out captured subject, whose features lie a little beside the plain layout's, and by how much."""

    def __init__(self, seed: int):
        self.albedo = draw_subject(seed, *SIZE).albedo
        u, v = Canvas(Identity.from_seed(seed), *SIZE).uv  # where in the plain layout each texel lies
        own_u, own_v = layout.uv_grid(*SIZE)
        self._du, self._dv = u - own_u, v - own_v

    def plain(self, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What of the plain layout lies at places of this person's."""
        x, y = (np.float32(u * SIZE[0] - 0.5), np.float32(v * SIZE[1] - 0.5))
        du, dv = (cv2.remap(d, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for d in (self._du, self._dv))
        return u + du.reshape(u.shape), v + dv.reshape(v.shape)

    def own(self, u: float, v: float) -> tuple[float, float]:
        """Where this person has what lies at (u, v) of the plain layout."""
        x, y = u, v
        for _ in range(12):
            found_u, found_v = self.plain(np.array([x]), np.array([y]))
            x, y = x + u - float(found_u[0]), y + v - float(found_v[0])
        return x, y


@pytest.fixture(scope="module")
def mean() -> np.ndarray:
    return FaceModel.load().preview(Recipe(0, psi=0.0), 384).albedo


@pytest.fixture(scope="module")
def truth() -> Warp:
    """How the scan's layout lies to ours: narrower, a little turned and bent."""
    ours = np.array([point.uv for point in LANDMARKS.values()])
    x, y = ours[:, 0] - 0.5, ours[:, 1] - 0.5
    theirs = np.stack([0.5 + 0.75 * x - 0.06 * y + 0.08 * y * y, 0.5 + 0.62 * y + 0.06 * x - 0.1 * x * x], 1)
    return thin_plate(ours, theirs, CANVAS, IMAGE)


@pytest.fixture(scope="module")
def person() -> Person:
    return Person(90001)


@pytest.fixture(scope="module")
def scan(truth, person) -> np.ndarray:
    """That person in that layout, (512, 512, 3)."""
    return Resampling(truth.inverse(), IMAGE).map("albedo", person.albedo, 1.0)


def clicks(truth: Warp, person: Person, seed: int, off: float = OFF) -> Alignment:
    """The required points where this person has them, each off by up to ``off`` of the layout's width."""
    rng = np.random.default_rng(seed)
    points = {}
    for name in REQUIRED:
        u, v = person.own(*LANDMARKS[name].uv) + rng.uniform(-off, off, 2) * (1, layout.WIDTH / layout.HEIGHT)
        s, t = truth(np.array([u]), np.array([v]))
        points[name] = (float(s[0] * IMAGE[0]), float(t[0] * IMAGE[1]))
    return Alignment(Points(IMAGE, points))


def error(alignment: Alignment, truth: Warp, person: Person) -> float:
    """How far from its place each place of the face is brought, on the average, in texels of a layout 768 wide."""
    u, v = layout.uv_grid(192, 128)
    s, t = alignment.warp.on_grid(u[0].astype(float), v[:, 0].astype(float))
    found_u, found_v = person.plain(*truth.inverse()(s, t))
    inside = layout.mask(192, 128) > 0.5
    return float(np.hypot((found_u - u) * 768, (found_v - v) * 512)[inside].mean())


@pytest.mark.parametrize("seed", [1, 2])
def test_clicks_that_are_off_are_drawn_to_the_features(truth, person, scan, mean, seed):
    clicked = clicks(truth, person, seed)
    refined = refine(clicked, scan, mean)
    assert refined.kept and refined.after < refined.before - 0.05
    assert error(refined.alignment, truth, person) < 0.75 * error(clicked, truth, person)


def test_colour_and_light_do_not_matter(truth, person, scan, mean):
    light = np.linspace(0.45, 1.0, 512, dtype=np.float32)[None, :, None] * np.array((0.7, 0.85, 1.0), np.float32)
    clicked = clicks(truth, person, 1)
    plain, lit = (refine(clicked, picture, mean) for picture in (scan, scan * light))
    assert lit.kept
    assert error(lit.alignment, truth, person) == pytest.approx(error(plain.alignment, truth, person), abs=0.6)


def test_good_clicks_stay_good(truth, person, scan, mean):
    clicked = clicks(truth, person, 1, off=0.0)
    refined = refine(clicked, scan, mean)
    assert error(refined.alignment, truth, person) < error(clicked, truth, person) + 0.5


def _noise(scan: np.ndarray) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(1).standard_normal(scan.shape[:2]).astype(np.float32), (0, 0), 6)
    return np.repeat(np.clip(0.5 + 3 * noise, 0, 1)[..., None], 3, 2)


@pytest.mark.parametrize("picture", [_noise, np.flipud, np.full_like], ids=["blurred noise", "a face upside down", "one colour"])
def test_without_a_face_nothing_is_changed(truth, person, scan, mean, picture):
    seen = picture(scan, 0.5) if picture is np.full_like else np.ascontiguousarray(picture(scan))
    clicked = clicks(truth, person, 1)
    refined = refine(clicked, seen, mean)
    assert not refined.kept
    assert refined.alignment is clicked


def test_no_place_is_moved_far(truth, person, scan, mean):
    """However far off the clicks are."""
    refined = refine(clicks(truth, person, 1, 2 * OFF), scan, mean)
    assert refined.kept
    length = np.linalg.norm(refined.alignment.shifts * SHIFT_UNIT, axis=-1)
    assert 0.5 * FARTHEST * layout.WIDTH < length.max() < FARTHEST * layout.WIDTH + SHIFT_UNIT


def test_a_mean_face_of_another_shape_is_refused(truth, person, scan, mean):
    with pytest.raises(GantlitzError, match="mean face"):
        refine(clicks(truth, person, 1), scan, mean[:128])
