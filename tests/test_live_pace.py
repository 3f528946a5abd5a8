"""The pace of the live look: how wide a preview to ask for, and when. Time is told, so nothing waits."""

from gantlitz_blender.live_pace import REST, TARGET, Ask, Pace


def made(pace: Pace, seconds: dict[int, float], now: float) -> int:
    """Ask, and have the preview made in the time its width takes; returns the width, or 0 where nothing was asked for."""
    ask = pace.ask(now)
    if ask is None:
        return 0
    pace.shown(seconds[ask.width])
    return ask.width


def dragged(pace: Pace, seconds: dict[int, float], steps: int, start: float = 0.0) -> list[int]:
    widths = []
    for step in range(steps):
        pace.change(start + 0.1 * step)
        widths.append(made(pace, seconds, start + 0.1 * step))
    return widths


FAST = {192: 0.01, 384: 0.03, 768: 0.12, 1536: 0.5}
SLOW = {192: 0.3, 384: 1.2, 768: 5.0, 1536: 20.0}


def test_nothing_is_asked_for_before_a_change():
    assert Pace(768).ask(100.0) is None


def test_a_fast_machine_drags_at_the_full_width():
    assert dragged(Pace(768), FAST, 3) == [384, 768, 768]


def test_a_slow_machine_falls_to_a_lower_level():
    assert dragged(Pace(768), SLOW, 3) == [384, 192, 192]


def test_a_machine_that_becomes_slow_falls_too():
    pace = Pace(768)
    dragged(pace, FAST, 3)
    assert dragged(pace, SLOW, 6, start=1.0)[-1] == 192


def test_a_machine_that_becomes_quick_again_rises():
    pace = Pace(768)
    dragged(pace, SLOW, 6)
    assert dragged(pace, FAST, 20, start=1.0)[-1] == 768


def test_a_look_at_rest_is_refined_in_steps_up_to_the_limit():
    pace = Pace(1536)
    dragged(pace, SLOW, 2)
    assert made(pace, SLOW, 0.1 + REST / 2) == 0, "the mouse may still move"
    rest = 0.1 + 1.1 * REST
    assert [made(pace, SLOW, rest) for _ in range(4)] == [384, 768, 1536, 0]
    assert pace.settled


def test_a_fast_machine_refines_in_one_step():
    pace = Pace(1536)
    dragged(pace, FAST, 3)
    assert made(pace, FAST, 10.0) == 1536


def test_the_limit_holds_and_may_change():
    pace = Pace(384)
    dragged(pace, FAST, 3)
    assert made(pace, FAST, 10.0) == 384 and pace.settled
    pace.set_limit(768)
    assert not pace.settled and made(pace, FAST, 10.0) == 768


def test_a_draft_at_the_full_width_is_made_exact_at_rest():
    pace = Pace(768)
    dragged(pace, FAST, 3)
    assert not pace.settled
    assert pace.ask(10.0) == Ask(768, refine=True)
    pace.shown(0.5)
    assert pace.settled and pace.ask(20.0) is None


def test_the_time_of_exact_previews_does_not_slow_the_drag():
    pace = Pace(768)
    dragged(pace, FAST, 3)
    pace.ask(10.0)
    pace.shown(100 * TARGET)
    assert dragged(pace, FAST, 1, start=11.0) == [768]


def test_one_request_at_a_time_and_then_the_newest():
    pace = Pace(768)
    pace.change(0.0)
    assert pace.ask(0.0) == Ask(384, refine=False)
    pace.change(0.1)
    pace.change(0.2)
    assert pace.ask(0.2) is None, "one is under way"
    pace.shown(0.01)
    assert not pace.settled and pace.ask(0.2) is not None


def test_a_change_overtakes_a_refinement():
    pace = Pace(768)
    dragged(pace, SLOW, 2)
    refining = pace.ask(5.0)
    assert refining is not None and refining.refine
    pace.change(5.1)
    assert pace.ask(5.1) == Ask(192, refine=False)


def test_what_was_overtaken_is_asked_for_again():
    pace = Pace(768)
    pace.change(0.0)
    pace.ask(0.0)
    pace.lost(again=True)
    assert pace.ask(0.0) == Ask(384, refine=False)


def test_after_a_failure_only_a_change_asks_again():
    pace = Pace(768)
    pace.change(0.0)
    pace.ask(0.0)
    pace.lost(again=False)
    assert pace.settled and pace.ask(100.0) is None
    pace.change(101.0)
    assert pace.ask(101.0) is not None


def test_a_change_during_a_failing_request_is_not_lost():
    pace = Pace(768)
    pace.change(0.0)
    pace.ask(0.0)
    pace.change(0.1)
    pace.lost(again=False)
    assert pace.ask(0.1) is not None


def test_times_are_expected_from_the_nearest_width_by_the_number_of_texels():
    pace = Pace(768)
    assert pace.expected(768) is None
    dragged(pace, {384: TARGET}, 1)
    assert pace.expected(768) == 4 * TARGET and pace.expected(192) == TARGET / 4
