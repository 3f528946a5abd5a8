"""Another scan of the same face, and prints on its skin: they change alike on every patch and level."""

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.layout_regions import region
from gantlitz_blender.runtime.model.rects import Rect
from gantlitz_blender.runtime.slopes import normals_of_displacement
from trainer.capture import draw_subject
from trainer.completer.fields import where_of
from trainer.completer.prints import KINDS, Prints, pattern
from trainer.completer.rescan import Rescan

WIDTH, HEIGHT = 384, 256
SIZE = (HEIGHT, WIDTH)
WHOLE = Rect(0, 0, HEIGHT, WIDTH)
AROUND = 48


@pytest.fixture(scope="module")
def planes() -> np.ndarray:
    maps = draw_subject(5, WIDTH, HEIGHT).stacked()
    return np.ascontiguousarray(np.delete(maps, 5, axis=2).transpose(2, 0, 1))


def rescanned(rescan: Rescan, planes: np.ndarray, rect: Rect, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    source = rescan.source(rect, size)
    padded = np.pad(planes, ((0, 0), (AROUND, AROUND), (AROUND, AROUND)), mode="edge")
    cut = padded[:, source.top + AROUND : source.bottom + AROUND, source.left + AROUND : source.right + AROUND]
    return rescan(np.ascontiguousarray(cut), cut[:3], source, rect, size)


def halved(x: np.ndarray) -> np.ndarray:
    return np.stack([cv2.resize(p, (x.shape[2] // 2, x.shape[1] // 2), interpolation=cv2.INTER_AREA) for p in x])


@pytest.mark.parametrize("seed", range(4))
def test_a_patch_is_rescanned_as_the_whole_is(planes: np.ndarray, seed: int) -> None:
    rescan, rect = Rescan(np.random.default_rng(seed), planes), Rect(60, 100, 160, 250)
    for whole, patch in zip(rescanned(rescan, planes, WHOLE), rescanned(rescan, planes, rect), strict=True):
        assert np.abs(patch - whole[:, 60:160, 100:250])[:, 1:-1, 1:-1].max() < 1e-3  # the warp's slopes are one-sided at borders


@pytest.mark.parametrize("seed", range(4))
def test_a_coarser_level_is_rescanned_alike(planes: np.ndarray, seed: int) -> None:
    rescan, small = Rescan(np.random.default_rng(seed), planes), (HEIGHT // 2, WIDTH // 2)
    for which in range(2):
        whole = rescanned(rescan, planes, WHOLE)[which]
        coarse = rescanned(rescan, halved(planes), Rect(0, 0, *small), small)[which]
        inside = layout.mask(*small[::-1]) > 0.99
        changed = np.abs(coarse - halved(planes))[:, inside].mean(axis=1)
        apart = np.abs(coarse - halved(whole))[:, inside].mean(axis=1)
        assert (apart < np.maximum(0.6 * changed, 2e-3)).all()


@pytest.mark.parametrize("seed", range(6))
def test_normals_stay_the_slopes_of_the_displacement(planes: np.ndarray, seed: int) -> None:
    inside = cv2.erode((layout.mask(WIDTH, HEIGHT) > 0.99).astype(np.uint8), np.ones((5, 5)), borderValue=0) > 0
    truth, shown = rescanned(Rescan(np.random.default_rng(seed), planes), planes, WHOLE)
    slopes = normals_of_displacement(truth[6], layout.texel_mm(WIDTH))
    for axis in range(2):
        assert np.corrcoef(slopes[..., axis][inside], truth[3 + axis][inside])[0, 1] > 0.95
    assert np.array_equal(shown[3:], truth[3:])


def test_scans_differ_in_place_brows_eyes_and_broad_shapes(planes: np.ndarray) -> None:
    u, v = layout.uv_grid(WIDTH, HEIGHT)
    brows, eyes = (region(name, u, v) > 0.5 for name in ("brow", "eye_socket"))
    scans = [rescanned(Rescan(np.random.default_rng(seed), planes), planes, WHOLE) for seed in range(12)]
    lift = [(truth[6] - planes[6])[brows].mean() for truth, _ in scans]
    depth = [truth[6][eyes].mean() for truth, _ in scans]
    assert max(lift) > 0.02 and np.ptp(depth) > 0.1
    assert np.ptp([shown[:3, eyes].mean() for _, shown in scans]) > 0.1
    assert len({truth.tobytes() for truth, _ in scans}) == 12


@pytest.mark.parametrize("kind", KINDS)
def test_patterns_repeat_and_keep_their_average_when_halved(kind: str) -> None:
    full, *coarser = pattern(kind)
    assert np.isfinite(full).all() and full.std() > 0.05
    assert all(abs(c.mean() - full.mean()) < 1e-4 for c in coarser)
    across = np.abs(full[:, 0] - full[:, -1]).mean()
    assert across < 1.5 * np.abs(np.diff(full, axis=1)).mean() + 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_prints_are_the_same_at_every_level(seed: int) -> None:
    prints, small = Prints(np.random.default_rng(seed)), (HEIGHT // 2, WIDTH // 2)
    fine = prints(where_of(WHOLE, SIZE), SIZE)
    coarse = prints(where_of(Rect(0, 0, *small), small), small)
    assert fine.min() > 0 and coarse.shape == (*small, 3)
    apart = coarse - cv2.resize(fine, small[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(apart).mean() < 0.01
    part = prints(where_of(Rect(8, 8, 40, 40), SIZE), SIZE)
    assert np.abs(part - fine[8:40, 8:40]).max() < 1e-4
