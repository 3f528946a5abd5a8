"""python -m trainer evaluate: a model of random weights beside a few made-up people, from the command to the page."""

import json
import re

import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from tests.tiny_run import HEIGHT, WIDTH, make_store
from trainer.__main__ import main
from trainer.evaluation.people import FEWEST, split
from trainer.evaluation.plots import Dot, curves, dots
from trainer.store import Store


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("people") / "store", subjects=2 * FEWEST).folder


@pytest.fixture(scope="module")
def report(folder, tiny_model_path, tmp_path_factory):
    """(figures, page) of the smallest evaluation."""
    out = tmp_path_factory.mktemp("report")
    few = ["--faces", "8", "--truncated", "8", "--draws", "20", "--places", "3", "--device", "cpu"]
    assert main(["evaluate", str(tiny_model_path), str(folder), "--held-out", str(FEWEST), "-o", str(out), *few]) == 0
    return json.loads((out / "evaluation.json").read_text(), parse_constant=pytest.fail), (out / "evaluation.html").read_text()


def test_the_figures_say_what_they_were_measured_on(report, tiny_model_path):
    figures, _ = report
    assert figures["size"] == [WIDTH, HEIGHT] and figures["level"] == 2 and figures["patch"] == 16 and figures["places"] == 3
    assert figures["people"]["training"] == figures["people"]["held_out"] == FEWEST
    assert figures["seeds"] == [50_000, 50_007] and figures["model"]["name"] == tiny_model_path.stem
    assert figures["asked"]["seed"] == 0 and "20 draws" in figures["interval"]


def test_random_weights_are_further_from_people_than_people_from_each_other(report):
    kid = report[0]["kid"]
    for what in ("patches", "whole"):
        assert kid[what]["fake ~ held out"]["joint"]["interval"][0] > kid[what]["held out ~ training"]["joint"]["interval"][1]


def test_every_figure_of_the_issue_is_there(report):
    figures, _ = report
    assert set(figures["position"]) == {"albedo", "normal", "specular", "displacement"}
    assert figures["skin"]["shares"] >= 12 and "displacement ~ specular" in figures["skin"]["figures"]
    assert [row["psi"] for row in figures["truncation"]] == [0.0, 0.35, 0.7, 1.0, 1.3]
    assert figures["seams"]["largest"] == 0
    assert {"noise", "diversity", "preview", "slopes", "bars"} <= set(figures)


def test_truncation_makes_faces_more_alike(report):
    spread = [row["pairwise"] for row in report[0]["truncation"]]
    assert spread[0] < spread[2] < spread[4]


def test_bars_are_missed_by_random_weights(report):
    assert not all(bar["met"] for bar in report[0]["bars"])


def test_the_page_needs_nothing_else_and_its_key_comes_last(report):
    _, page = report
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "") and "<script" not in page
    assert page.count("data:image/jpeg;base64,") == 2 * 12 and page.count("<svg") == 8
    assert page.rindex("Show which were real") > page.rindex("<svg")
    key = re.search(r"Real: ([\d, ]+)\.", page)
    assert key and len(key[1].split(",")) == 6


def test_without_a_flag_two_halves_are_compared_and_nothing_is_claimed(folder):
    found = split(Store(folder, 768), None)
    assert len(found.training) == len(found.held_out) == FEWEST and "may have learnt from both" in found.about
    assert not set(found.training.chosen) & set(found.held_out.chosen)


def test_another_store_can_be_the_held_out_people(folder):
    found = split(Store(folder, 768), str(folder))
    assert len(found.training) == len(found.held_out) == 2 * FEWEST


@pytest.mark.parametrize("held_out", ["3", "14"])
def test_too_few_on_either_side_are_refused(folder, held_out):
    with pytest.raises(GantlitzError, match="too few"):
        split(Store(folder, 768), held_out)


def test_a_level_that_the_store_lacks_is_refused(folder, tiny_model_path, tmp_path, capsys):
    assert main(["evaluate", str(tiny_model_path), str(folder), "--level", "0", "-o", str(tmp_path / "out")]) == 1
    assert "no level 0" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_plot_shows_what_it_is_given():
    drawn = dots({"a<b": {"one": Dot(1.0, (0.5, 2.0)), "two": Dot(3.0)}}, marks=(1,), bands={"a<b": (0.75, 1.25)})
    assert "a&lt;b" in drawn and drawn.count("<circle") == 4 and drawn.count("<rect") == 1
    lined = curves({"x": [0.1, None, 0.3]}, ["1", "2", "3"])
    assert lined.count('r="3"') == 2
