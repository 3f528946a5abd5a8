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
    sure(rate, 1.0, EVERY - 1)
    assert rate.p == 0, "not due yet"
    sure(rate, 1.0, 1)
    assert rate.p == pytest.approx(20 * EVERY / 2000)
    sure(rate, 0.85, EVERY)  # r = 0.85 - 0.15 = 0.7
    assert rate.p == pytest.approx(2 * 20 * EVERY / 2000)
    sure(rate, 0.75, EVERY)  # r = 0.5
    assert rate.p == pytest.approx(20 * EVERY / 2000)
    sure(rate, 0.8, EVERY)  # r = 0.6
    assert rate.p == pytest.approx(20 * EVERY / 2000), "at its target it rests"


def test_from_zero_to_one_takes_adjust_kimg() -> None:
    rate = AdaptiveRate(adjust_kimg=2.0, cap=1.0)
    sure(rate, 1.0, 96)  # 1920 patches
    assert rate.p == pytest.approx(0.96)


def test_the_rate_stays_between_zero_and_its_cap() -> None:
    rate = AdaptiveRate(adjust_kimg=0.1, cap=0.85)
    sure(rate, 0.0, EVERY)
    assert rate.p == 0
    sure(rate, 1.0, 10 * EVERY)
    assert rate.p == 0.85


def test_a_rate_that_is_not_to_move_stays() -> None:
    rate = AdaptiveRate(moving=False, adjust_kimg=0.1, p=0.3)
    sure(rate, 1.0, 3 * EVERY)
    assert rate.p == 0.3


def test_a_state_read_back_from_json_goes_on_exactly() -> None:
    once, twice = AdaptiveRate(adjust_kimg=7.0), AdaptiveRate(adjust_kimg=7.0)
    sure(once, 0.9, EVERY + 2)
    twice.from_dict(json.loads(json.dumps(once.to_dict())))
    assert twice.steps == 2 and twice.p == once.p > 0
    for rate in (once, twice):
        sure(rate, 0.7, 3)
    assert once.to_dict() == twice.to_dict()


def test_logits_are_counted_where_they_are_until_a_change_is_due() -> None:
    rate = AdaptiveRate()
    rate.observe(torch.empty(4, device="meta"))  # whose values nobody can read
    assert isinstance(rate.signs, torch.Tensor) and rate.signs.device.type == "meta"
