"""The colour of a scan against that of the model's faces."""

from pathlib import Path

import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.colour import ColourTransform
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import Array
from gantlitz_blender.runtime.model.config import channels_of
from trainer.store import Store

WIDTH, HEIGHT = 192, 128
MASK = layout.mask(WIDTH, HEIGHT)
INSIDE = MASK > 0.99


@pytest.fixture(scope="module")
def faces(people_store: Path) -> Array:
    store = Store(people_store, WIDTH)
    return np.stack([store.subject(i, 0)[channels_of("albedo")].transpose(1, 2, 0) for i in range(8)])


@pytest.fixture(scope="module")
def mean(faces: Array) -> Array:
    return np.asarray(faces.mean(axis=0), np.float32)


def cast(albedo: Array, gain: tuple[float, float, float], across: float = 0.0) -> Array:
    """In another light: a gain a channel, and brighter towards the right."""
    slope = np.exp(across * np.linspace(-1, 1, albedo.shape[1], dtype=np.float32))[None, :, None]
    return np.clip(albedo * np.array(gain, np.float32) * slope, 0, 1)


def tint(a: Array, b: Array) -> float:
    """How far apart two albedos are in hue: log ratios of channels."""
    logs = [np.log(np.maximum(x[INSIDE], 1 / 64)) for x in (a, b)]
    red_green, green_blue = ((logs[0] - logs[1])[:, i] - (logs[0] - logs[1])[:, i + 1] for i in range(2))
    return float(np.abs(red_green).mean() + np.abs(green_blue).mean())


def test_it_is_undone(faces: Array, mean: Array) -> None:
    scan = cast(faces[0], (0.9, 0.8, 0.6), 0.2)
    transform = ColourTransform.fit(scan, mean, MASK)
    assert np.abs(transform.to_scan(transform.to_model(scan)) - scan)[INSIDE].max() < 1e-4
    assert np.abs(transform.to_model(scan) - scan)[INSIDE].mean() > 0.02


def test_a_tint_is_taken_out(faces: Array, mean: Array) -> None:
    scans = [cast(face, (0.95, 0.9, 0.65)) for face in faces]
    found = [ColourTransform.fit(scan, mean, MASK).to_model(scan) for scan in scans]
    left = np.mean([tint(a, b) for a, b in zip(found, faces, strict=True)])
    assert left < 0.6 * np.mean([tint(a, b) for a, b in zip(scans, faces, strict=True)])


def test_a_light_from_one_side_is_taken_out_of_every_face(faces: Array, mean: Array) -> None:
    def brighter_right(albedo: Array) -> float:
        logs = np.log(np.maximum(albedo.mean(axis=2), 1 / 64))
        right = np.arange(WIDTH)[None, :] >= WIDTH // 2
        return float(logs[INSIDE & right].mean() - logs[INSIDE & ~right].mean())

    for face in faces:
        scan = cast(face, (1, 1, 1), -0.25)
        found = ColourTransform.fit(scan, mean, MASK).to_model(scan)
        assert abs(brighter_right(found) - brighter_right(face)) < 0.1 * abs(brighter_right(scan) - brighter_right(face))


def test_people_stay_as_dark_as_they_are(faces: Array, mean: Array) -> None:
    shades = np.log([face[INSIDE].mean() for face in faces])
    kept = np.log([ColourTransform.fit(face, mean, MASK).to_model(face)[INSIDE].mean() for face in faces])
    assert np.corrcoef(shades, kept)[0, 1] > 0.97 and kept.std() > 0.6 * shades.std()


def test_make_up_and_hair_hardly_matter(faces: Array, mean: Array) -> None:
    painted = faces[0].copy()
    painted[90:110, 80:112] = (0.7, 0.1, 0.3)
    a, b = (ColourTransform.fit(x, mean, MASK).coefficients for x in (faces[0], painted))
    assert np.abs(a - b).max() < 0.05


def test_sizes_may_differ_and_hardly_matter(faces: Array, mean: Array) -> None:
    large = cast(faces[1], (1, 0.8, 0.7)).repeat(2, axis=0).repeat(2, axis=1)
    a = ColourTransform.fit(large, mean, MASK)
    b = ColourTransform.fit(cast(faces[1], (1, 0.8, 0.7)), mean, MASK)
    assert np.allclose(a.coefficients, b.coefficients, atol=1e-3)
    assert a.to_model(large).shape == large.shape


def test_a_scan_that_shows_no_skin_is_refused(faces: Array, mean: Array) -> None:
    with pytest.raises(GantlitzError, match=r"shows skin on 0\.0%"):
        ColourTransform.fit(faces[0], mean, np.zeros_like(MASK))
