"""Patches lie more often where it matters."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from tests.tiny_model import TINY
from trainer.importance import RANGE, importance_map
from trainer.patches import PatchSampler
from trainer.store import Store
from trainer.store_writer import StoreWriter

MODEL = dataclasses.replace(
    TINY, width=384, height=256, levels=3, channels=(16, 16, 16), mean_level=2, component_level=2, mask_level=2
)
SIGMA = np.ones(7)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three subjects of grain alone, three times as strong on the right half."""
    folder = tmp_path_factory.mktemp("grain") / "store"
    writer = StoreWriter(folder, 384, 256, np.ones((256, 384), np.float32), {"maker": "test"})
    strength = np.where(np.arange(384) < 192, 0.05, 0.15)[None, :, None]
    for i in range(3):
        grain = np.random.default_rng(i).uniform(-1, 1, (256, 384, 3))
        writer.write(str(i), {"albedo": (0.5 + strength * grain).astype(np.float32)}, {}, "CC0-1.0")
    return Store(folder, canvas_width=384)


def sampler(store: Store, importance: np.ndarray | None) -> PatchSampler:
    return PatchSampler([store], MODEL, 32, (np.zeros(7), SIGMA), importance)


def right_share(store: Store, importance: np.ndarray | None) -> float:
    """Share of the patches of level 0 that lies right of the middle, counted by area."""
    corners, weight = sampler(store, importance).origins(0)
    return float((weight * np.clip(corners[:, 1] + 32 - 192, 0, 32) / 32).sum())


def test_off_all_places_count_alike(store: Store) -> None:
    assert importance_map("", store, MODEL, SIGMA) is None
    assert right_share(store, None) == pytest.approx(0.5, abs=0.03)


def test_detail_draws_patches_to_where_the_maps_are_busy(store: Store) -> None:
    found = importance_map("detail", store, MODEL, SIGMA)
    assert found is not None and RANGE[0] <= found.min() and found.max() <= RANGE[1]
    assert right_share(store, found) == pytest.approx(0.75, abs=0.04), "three times the amplitude, three times the patches"


def test_a_picture_is_followed_as_it_is(store: Store, tmp_path: Path) -> None:
    picture = np.zeros((100, 150), np.uint8)
    picture[:, 75:] = 255
    cv2.imwrite(str(tmp_path / "right.png"), picture)
    found = importance_map(str(tmp_path / "right.png"), store, MODEL, SIGMA)
    corners, weight = sampler(store, found).origins(0)
    assert (corners[:, 1] + 32 >= 192).all(), "black is never drawn, but for what enlarging it blurs"
    assert weight.sum() == pytest.approx(1)


def test_pictures_that_say_nothing_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match="cannot be read"):
        importance_map(str(tmp_path / "none.png"), store, MODEL, SIGMA)
    cv2.imwrite(str(tmp_path / "black.png"), np.zeros((8, 8), np.uint8))
    with pytest.raises(GantlitzError, match="black"):
        importance_map(str(tmp_path / "black.png"), store, MODEL, SIGMA)
    with pytest.raises(GantlitzError, match="0 on the whole face"):
        sampler(store, np.zeros((8, 8), np.float32)).origins(1)
