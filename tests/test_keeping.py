"""Known maps in an answer: untouched at their own size, and what they were when an enlarged one is made small again."""

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime.completion.keeping import kept, psnr
from tests.tiny_completer import tiny_maps

KINDS = ("albedo", "normal", "specular", "displacement")


def smooth(kind: str, width: int) -> np.ndarray:
    """A map without texel noise."""
    maps = tiny_maps(0, 24, 16).resized(24, 16)
    found = cv2.resize(getattr(maps, kind), (width, width * 2 // 3), interpolation=cv2.INTER_CUBIC)
    return found / np.linalg.norm(found, axis=2, keepdims=True) if kind == "normal" else found


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_of_the_answers_size_is_itself(kind: str) -> None:
    known = getattr(tiny_maps(), kind)
    assert kept(kind, known, getattr(tiny_maps(1), kind)) is known


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [384, 500])  # also where one size is no multiple of the other
def test_an_enlarged_map_made_small_again_is_what_was_known(kind: str, width: int) -> None:
    known = smooth(kind, 192)
    made = smooth(kind, width) + np.float32(0.05)  # of a little other colour, with another detail
    made[::2] += np.float32(0.01)
    out = kept(kind, known, made)
    size = (192, 128)
    before, after = (np.abs(cv2.resize(x, size, interpolation=cv2.INTER_AREA) - known).mean() for x in (made, out))
    assert after < 0.1 * before


def test_an_enlarged_map_takes_its_fine_detail_from_what_was_made() -> None:
    known = smooth("specular", 192)
    stripes = np.zeros((256, 384), np.float32)
    stripes[::2], stripes[1::2] = 0.02, -0.02
    out = kept("specular", known, smooth("specular", 384) + stripes)
    detail = out - cv2.GaussianBlur(out, (0, 0), 2)
    assert np.corrcoef(detail.ravel(), stripes.ravel())[0, 1] > 0.9


def test_decibels_are_those_of_the_error() -> None:
    known = np.full((16, 24, 3), 0.5, np.float32)
    assert psnr(known, np.full((32, 48, 3), 0.51, np.float32)) == pytest.approx(40, abs=0.01)
    assert psnr(known, np.full((32, 48, 3), 0.5, np.float32)) == float("inf")
