"""The contact sheet: many thumbnails from one worker, and the page that shows them."""

import time

import numpy as np
import pytest

from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.recipe import Recipe
from gantlitz_blender.sheet_picture import GAP, LABEL, PAPER, columns_for, contact_sheet, square, written
from gantlitz_blender.sheet_run import AT_ONCE, SheetRun

PATIENCE = 120


def run_of(client, count, model, shape="flat", width=12):
    return SheetRun(lambda: client, [Recipe(seed) for seed in range(count)], shape, width, str(model), "cpu")


def turned(run, until=lambda run: run.finished):
    """What came of a run."""
    found, deadline = [], time.monotonic() + PATIENCE
    while not until(run):
        assert time.monotonic() < deadline
        found += run.step()
        time.sleep(0.005)
    return found


def test_each_recipe_gets_its_thumbnail_in_order(client, tiny_model_path):
    run = run_of(client, 5, tiny_model_path)
    assert run.seconds_left is None
    found = turned(run)
    assert [recipe for recipe, _ in found] == [Recipe(seed) for seed in range(5)]
    assert all(pixels.shape == (8, 12, 4) and pixels.dtype == np.uint8 for _, pixels in found)
    assert run.error is None and run.made == run.count == 5 and run.seconds_left == 0


def test_only_a_few_are_asked_for_at_a_time_and_previews_are_served_meanwhile(client, tiny_model_path):
    run = run_of(client, 12, tiny_model_path)
    turned(run, lambda run: run.made >= 2)
    assert len(run._asked) <= AT_ONCE
    preview = client.request("preview", recipe=Recipe(1), width=12)
    client.wait(preview, timeout=PATIENCE)
    assert not run.finished
    turned(run)
    assert run.made == 12


def test_a_cancel_keeps_what_came_and_leaves_no_answers_behind(client, tiny_model_path):
    run = run_of(client, 50, tiny_model_path)
    turned(run, lambda run: run.made >= 3)
    run.cancel()
    assert run.finished and isinstance(run.error, Cancelled) and 3 <= run.made < 50
    assert run.step() == []
    time.sleep(0.3)
    assert client.poll() == []


def test_another_model_loaded_meanwhile_does_not_answer(client, tiny_model_path, slow_model_path):
    run = run_of(client, 20, tiny_model_path)
    turned(run, lambda run: run.made >= 1)
    client.wait(client.request("load", model=str(slow_model_path), device="cpu"), timeout=PATIENCE)
    turned(run)
    assert run.error is not None and run.error.code == "model-mismatch"


def test_what_goes_wrong_ends_it_and_is_said(client, tiny_model_path, tmp_path):
    run = run_of(client, 3, tmp_path / "none.safetensors")
    turned(run)
    assert "none.safetensors" in run.error.sentence
    run = run_of(client, 3, tiny_model_path, shape=str(tmp_path / "none.npz"))
    turned(run)
    assert run.error.code == "bad-mesh"

    def nowhere():
        raise GantlitzError("No Python.", "Choose one.", "no-runtime")

    run = SheetRun(nowhere, [Recipe(1)], "flat", 12)
    turned(run)
    assert run.error.code == "no-runtime"


# ---------------------------------------------------------------- the page


def tinted(value, alpha=255, size=(20, 30)):
    pixels = np.full((*size, 4), value, np.uint8)
    pixels[..., 3] = alpha
    return pixels


def test_the_page_has_the_thumbnails_row_by_row_with_their_numbers():
    page = contact_sheet([(seed, tinted(100 + seed)) for seed in range(5)])
    assert page.shape == (2 * (20 + LABEL + GAP) + GAP, 3 * (30 + GAP) + GAP, 4) and (page[..., 3] == 255).all()
    assert (page[GAP : GAP + 20, GAP : GAP + 30, 0] == 100).all()
    below = GAP + 20 + LABEL + GAP
    assert (page[below : below + 20, 2 * GAP + 30 : 2 * GAP + 60, 0] == 104).all()
    label = page[GAP + 20 : GAP + 20 + LABEL, GAP : GAP + 30, 0] > PAPER
    assert label.sum() == written(0).sum()


def test_what_is_transparent_shows_the_paper():
    page = contact_sheet([(1, tinted(200, alpha=0))])
    assert (page[GAP : GAP + 20, GAP : GAP + 30, :3] == PAPER).all()


def test_numbers_are_told_apart():
    shapes = {written(n).tobytes() for n in range(10)}
    assert len(shapes) == 10 and written(2147483647).shape[1] > 9 * written(0).shape[1]


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (16, 4), (17, 5), (64, 8)])
def test_the_grid_is_as_square_as_it_can_be(count, columns):
    assert columns_for(count) == columns


def test_an_icon_is_square_and_upside_down():
    pixels = tinted(0)
    pixels[0] = 255
    icon = square(pixels)
    assert icon.shape == (30, 30, 4) and icon.dtype == np.float32
    assert (icon[-6] == 1).all() and (icon[:5] == 0).all() and (icon[5, :, 0] == 0).all()
