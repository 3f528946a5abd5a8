"""Worn maps: the same face, whatever patch or level of it is worn."""

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.model.rects import Rect
from trainer.capture import draw_subject
from trainer.completer.wear import Wear

WIDTH, HEIGHT = 384, 256
FILES = (0, 0, 0, 0)


@pytest.fixture(scope="module")
def planes() -> np.ndarray:
    maps = draw_subject(5, WIDTH, HEIGHT).stacked()
    return np.ascontiguousarray(np.delete(maps, 5, axis=2).transpose(2, 0, 1))


def relit(seed: int, planes: np.ndarray) -> Wear:
    """Wear without what happens to a file's texels."""
    wear = Wear(np.random.default_rng(seed), planes, FILES)
    wear.blur, wear.halved, wear.noise, wear.quality, wear.eight_bit = [0.0] * 4, [False] * 4, 0.0, 0, False
    wear.sharpened = 0.0
    return wear


@pytest.mark.parametrize("seed", range(4))
def test_a_patch_is_worn_as_the_whole_is(planes: np.ndarray, seed: int) -> None:
    wear, mask = relit(seed, planes), layout.mask(WIDTH, HEIGHT)
    whole = wear(planes, mask, 0, Rect(0, 0, HEIGHT, WIDTH), (HEIGHT, WIDTH))
    rect = Rect(60, 100, 160, 250)
    rows, columns = slice(60, 160), slice(100, 250)
    patch = wear(np.ascontiguousarray(planes[:, rows, columns]), mask[rows, columns], 0, rect, (HEIGHT, WIDTH))
    assert np.abs(patch - whole[:, rows, columns]).max() < 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_a_coarser_level_is_worn_alike(planes: np.ndarray, seed: int) -> None:
    wear, mask = relit(seed, planes), layout.mask(WIDTH, HEIGHT)
    whole = wear(planes, mask, 0, Rect(0, 0, HEIGHT, WIDTH), (HEIGHT, WIDTH))

    def halved(x: np.ndarray) -> np.ndarray:
        return np.stack([cv2.resize(p, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA) for p in x])

    coarse = wear(halved(planes), halved(mask[None])[0], 1, Rect(0, 0, HEIGHT // 2, WIDTH // 2), (HEIGHT // 2, WIDTH // 2))
    worn, kept = np.abs(coarse - halved(planes)).mean(), np.abs(coarse - halved(whole)).mean()
    assert kept < 0.25 * worn  # shading is no straight line, so that averages of it are near only


def test_faces_are_worn_in_many_ways_and_stay_in_range(planes: np.ndarray) -> None:
    mask, shades = layout.mask(WIDTH, HEIGHT), []
    for seed in range(12):
        wear = Wear(np.random.default_rng(seed), planes, FILES)
        out = wear(planes, mask, 0, Rect(0, 0, HEIGHT, WIDTH), (HEIGHT, WIDTH))
        assert out.dtype == np.float32 and np.isfinite(out).all()
        assert out[:3].min() >= 0 and out[:3].max() <= 1
        assert np.abs(out[:3, mask == 0] - 0.5).max() < 1e-6
        shades.append(out[:3, mask == 1].mean())
    assert np.std(shades) > 0.02


def test_wear_of_a_file_fades_at_coarser_levels(planes: np.ndarray) -> None:
    mask, rect = layout.mask(WIDTH, HEIGHT), Rect(0, 0, HEIGHT, WIDTH)
    differences = []
    for finest in (0, -2):  # a file two levels finer is seen from further away
        wear = relit(1, planes)
        clean = wear(planes, mask, 0, rect, (HEIGHT, WIDTH))
        wear.finest, wear.blur, wear.noise = (finest,) * 4, [1.5] * 4, 0.02
        differences.append(np.abs(wear(planes, mask, 0, rect, (HEIGHT, WIDTH)) - clean).mean())
    assert differences[1] < 0.6 * differences[0]
