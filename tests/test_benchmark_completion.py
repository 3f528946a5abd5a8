"""The figures by which completions are judged."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.completion import average, photo_tool, rows, worn
from benchmarks.completion_figures import FIGURES, errors, flat, photo_tools, table
from benchmarks.completion_real import JUDGED, best_of, completed, judged
from gantlitz_blender.runtime import layout
from gantlitz_blender.runtime.completion.completer import Completer
from gantlitz_blender.runtime.completion.network import CompleterConfig
from gantlitz_blender.runtime.maps import MapSet
from tests.tiny_completer import tiny_net
from tests.tiny_run import make_store
from trainer.capture import draw_subject

WIDTH, HEIGHT = 192, 128


@pytest.fixture(scope="module")
def face() -> MapSet:
    return draw_subject(7, WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def inside() -> np.ndarray:
    return layout.mask(WIDTH, HEIGHT) > 0.99


def test_the_truth_has_no_errors_and_another_face_has(face: MapSet, inside: np.ndarray) -> None:
    perfect = errors(face, face, inside)
    assert perfect["normal degrees"] < 0.1 and perfect["specular error"] == 0
    assert all(perfect[key] == pytest.approx(1) for key in FIGURES[2:])
    other = errors(draw_subject(8, WIDTH, HEIGHT), face, inside)
    assert other["normal degrees"] > 0.3 and other["specular error"] > 0.005 and other["displacement detail"] < 0.99


def test_a_turned_normal_is_told_in_degrees(face: MapSet, inside: np.ndarray) -> None:
    flat = np.zeros_like(face.normal) + np.array([0, 0, 1], np.float32)
    turned = np.zeros_like(flat) + np.array([np.sin(np.radians(10)), 0, np.cos(np.radians(10))], np.float32)
    assert errors(replace(face, normal=turned), replace(face, normal=flat), inside)["normal degrees"] == pytest.approx(10, abs=0.01)


def test_the_photo_tool_finds_relief_that_is_darkness(face: MapSet, inside: np.ndarray) -> None:
    """Where albedo is height, it is right; its gain is fitted."""
    grey = np.repeat((0.5 + face.displacement / 4)[..., None], 3, axis=2).clip(0, 1).astype(np.float32)
    found = errors(photo_tool(grey, face, inside), face, inside)
    assert found["n_x detail"] > 0.9 and found["displacement detail"] > 0.9


def test_worn_maps_are_in_range_and_differ(face: MapSet) -> None:
    old = worn(face, 3)
    assert {name: a.shape for name, a in old.items()} == {name: getattr(face, name).shape for name in old}
    assert old["albedo"].min() >= 0 and old["albedo"].max() <= 1 and np.abs(old["albedo"] - face.albedo).max() > 0.01


def test_no_relief_is_like_no_relief(face: MapSet, inside: np.ndarray) -> None:
    row = judged(flat(face.albedo), face, inside)
    slopes = np.degrees(np.arccos(face.normal[..., 2][inside])).mean()
    assert row["normal degrees"] == pytest.approx(slopes, abs=0.05)
    assert [row[key] for key in JUDGED[1:]] == [0, 0, 0]


def test_the_best_of_many_settings_is_the_best_in_each_figure(face: MapSet, inside: np.ndarray) -> None:
    made = [judged(maps, face, inside) for _, _, maps in photo_tools(face.albedo, face.specular)]
    best = best_of(made)
    assert len(made) == 24
    assert all(best["normal degrees"] <= row["normal degrees"] and best["n_x detail"] >= row["n_x detail"] for row in made)


def test_a_scan_is_completed_in_its_light_on_its_mesh(face: MapSet) -> None:
    config = CompleterConfig(width=WIDTH, height=HEIGHT, levels=2, channels=(8, 8), coarse_channels=8, carry=3, mask_level=1)
    completer = Completer(tiny_net(config=config), {}, "cpu", torch.float32)
    known = layout.mask(WIDTH, HEIGHT)
    plain, tinted = (
        completed(completer, face.albedo * np.float32(gain), face.albedo, known) for gain in ((1, 1, 1), (1, 0.9, 0.8))
    )
    other = completer.complete({"albedo": face.albedo * np.array((1, 0.9, 0.8), np.float32)})
    assert np.abs(tinted.displacement - plain.displacement).mean() < np.abs(other.displacement - plain.displacement).mean()


def test_tables_say_what_was_given() -> None:
    text = table({"a": {"x": 1.0, "y": 2.0}, "b": {"y": 3.0}}, "maps", "given")
    assert text.splitlines() == ["| maps | x | y |", "|---|---|---|", "| a | 1.000 | 2.000 |", "| b | given | 3.000 |"]


def test_every_kind_of_answer_is_judged(tmp_path) -> None:
    store = make_store(tmp_path / "store")
    config = CompleterConfig(width=WIDTH, height=HEIGHT, levels=2, channels=(8, 8), coarse_channels=8, carry=3, mask_level=1)
    completer = Completer(tiny_net(config=config), {}, "cpu", torch.float32)
    found = dict(rows(completer, average(store, 0), 1, WIDTH))
    assert "average face" in found and "normal degrees" not in found["completer, worn albedo + normal"]
    assert all(np.isfinite(list(row.values())).all() for row in found.values())
