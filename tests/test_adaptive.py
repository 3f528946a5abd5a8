"""The adaptive rate follows how sure the discriminator is of real patches."""

import json

import pytest
import torch

from trainer.adaptive import EVERY, AdaptiveRate


def sure(rate: AdaptiveRate, share: float, steps: int, batch: int = 20) -> None:
    """Steps in which a share of the real logits is positive."""
    logits = torch.where(torch.arange(batch) < share * batch, 0.1, -7.0)
    for _ in range(steps):
        rate.observe(logits)


def test_a_change_by_hand() -> None:
    rate = AdaptiveRate(target=0.6, adjust_kimg=2.0)
    sure(rate, 1.0, 2 * EVERY - 1)
    assert rate.p == 0, "not due yet"
    sure(rate, 1.0, 1)
    assert rate.p == pytest.approx(20 * EVERY / 2000)
    sure(rate, 0.85, EVERY)  # r = 0.85 - 0.15 = 0.7; the change follows the four steps before
    assert rate.p == pytest.approx(2 * 20 * EVERY / 2000)
    sure(rate, 0.75, EVERY)  # r = 0.5
    assert rate.p == pytest.approx(3 * 20 * EVERY / 2000)
    sure(rate, 0.8, EVERY)  # r = 0.6
    assert rate.p == pytest.approx(2 * 20 * EVERY / 2000)
    sure(rate, 1.0, EVERY)
    assert rate.p == pytest.approx(2 * 20 * EVERY / 2000), "at its target it rests"


def test_from_zero_to_one_takes_adjust_kimg() -> None:
    rate = AdaptiveRate(adjust_kimg=2.0, cap=1.0)
    sure(rate, 1.0, EVERY + 96)  # 1920 patches, after the first four steps
    assert rate.p == pytest.approx(0.96)


def test_the_rate_stays_between_zero_and_its_cap() -> None:
    rate = AdaptiveRate(adjust_kimg=0.1, cap=0.85)
    sure(rate, 0.0, 2 * EVERY)
    assert rate.p == 0
    sure(rate, 1.0, 10 * EVERY)
    assert rate.p == 0.85


def test_a_rate_that_is_not_to_move_stays() -> None:
    rate = AdaptiveRate(moving=False, adjust_kimg=0.1, p=0.3)
    sure(rate, 1.0, 3 * EVERY)
    assert rate.p == 0.3


def test_a_state_read_back_from_json_goes_on_exactly() -> None:
    once, twice = AdaptiveRate(adjust_kimg=7.0), AdaptiveRate(adjust_kimg=7.0)
    sure(once, 0.9, 2 * EVERY + 2)
    twice.from_dict(json.loads(json.dumps(once.to_dict())))
    assert twice.steps == 2 and twice.due_seen == 20 * EVERY and twice.p == once.p > 0
    for rate in (once, twice):
        sure(rate, 0.7, 3 * EVERY)
    assert once.to_dict() == twice.to_dict()


def test_a_state_of_an_older_version_goes_on_from_its_rate() -> None:
    rate = AdaptiveRate(adjust_kimg=7.0)
    rate.from_dict({"p": 0.5, "signs": 12.0, "seen": 20, "steps": 1})
    sure(rate, 1.0, EVERY - 1)
    assert rate.p == 0.5 and rate.due_seen == 20 * EVERY


def test_logits_are_counted_where_they_are_until_the_next_change_but_one() -> None:
    rate = AdaptiveRate()
    for _ in range(2 * EVERY - 1):
        rate.observe(torch.empty(4, device="meta"))  # whose values nobody can read
    assert isinstance(rate.signs, torch.Tensor) and rate.signs.device.type == "meta" and rate.due_seen == 4 * EVERY
    with pytest.raises(RuntimeError, match="meta"):
        rate.observe(torch.empty(4, device="meta"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_a_rate_is_what_it_is_on_a_cpu_and_waits_for_nothing() -> None:
    here, there = AdaptiveRate(adjust_kimg=2.0), AdaptiveRate(adjust_kimg=2.0)
    logits = [torch.linspace(-share, 1, 20) for share in (0.0, 0.1, 0.5, 0.2) for _ in range(EVERY)]
    sent = [one.cuda() for one in logits]
    torch.cuda.set_sync_debug_mode("error")
    try:
        for one in sent:
            there.observe(one)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    for one in logits:
        here.observe(one)
    assert here.to_dict() == there.to_dict()
