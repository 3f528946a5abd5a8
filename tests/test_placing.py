"""Placing points: what is asked for, and what clicks and keys do."""

import pytest

from gantlitz_blender.placing import NEEDED, Placing
from gantlitz_blender.runtime.completion.landmarks import LANDMARKS, REQUIRED

SIZE = (1000, 800)
REACH = 10


@pytest.fixture
def placing():
    return Placing({}, SIZE)


def click(placing, place):
    done = placing.press(place, REACH)
    placing.release()
    return done


def place_required(placing):
    for i, _ in enumerate(REQUIRED):
        assert click(placing, (50 * i + 20, 100))


def test_the_needed_points_are_asked_for_first_then_the_others(placing):
    assert placing.asked == NEEDED[0] and placing.missing == list(NEEDED)
    place_required(placing)
    assert list(placing.points) == list(NEEDED) and set(NEEDED) == set(REQUIRED) and not placing.missing
    assert placing.asked == next(name for name in LANDMARKS if name not in REQUIRED)


def test_a_point_that_is_missing_among_those_already_there_is_asked_for():
    have = {name: (float(i), 1.0) for i, name in enumerate(REQUIRED) if name != "nostril_left"}
    assert Placing(have, SIZE).asked == "nostril_left"


def test_a_click_sets_and_may_be_dragged_until_it_is_released(placing):
    asked = placing.asked
    placing.press((100, 100), REACH)
    placing.drag((103, 98))
    placing.release()
    placing.drag((500, 500))
    assert placing.points == {asked: (103, 98)}


def test_a_click_on_a_point_takes_hold_of_it_instead(placing):
    click(placing, (100, 100))
    asked = placing.asked
    placing.press((105, 100), REACH)
    placing.drag((2000, -5))
    placing.release()
    assert placing.asked == asked and list(placing.points.values()) == [(1000, 0)]
    click(placing, (100, 100))
    assert len(placing.points) == 2


def test_a_click_outside_the_picture_sets_nothing(placing):
    assert not click(placing, (-1, 5)) and not click(placing, (5, 801)) and not placing.points


def test_taking_back_asks_for_the_same_again(placing):
    click(placing, (100, 100))
    click(placing, (200, 100))
    assert placing.take_back() == NEEDED[1] and placing.asked == NEEDED[1]
    assert placing.take_back() == NEEDED[0] and placing.take_back() is None


def test_only_what_is_not_needed_can_be_skipped(placing):
    assert not placing.skip() and placing.asked == NEEDED[0]
    place_required(placing)
    optional = [name for name in LANDMARKS if name not in REQUIRED]
    assert placing.skip() and placing.asked == optional[1]
    click(placing, (5, 300))
    assert placing.take_back() == optional[1] and placing.asked == optional[1]
    for _ in optional[1:]:
        assert placing.skip()
    assert placing.asked is None and not placing.skip() and not click(placing, (700, 700))


def test_what_was_there_before_is_remembered():
    placing = Placing({"chin": (5, 5)}, SIZE)
    placing.take_back()
    assert placing.before == {"chin": (5, 5)}
