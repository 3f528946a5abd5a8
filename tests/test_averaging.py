"""The averaged generator forgets by the half-life it was given."""

import pytest

from trainer.averaging import ema_decay
from trainer.presets import PRESETS


def test_after_a_half_life_half_is_left() -> None:
    left = 1.0
    for step in range(125):
        left *= ema_decay(step * 16, 16, half_life_kimg=2.0, rampup=0.0)
    assert left == pytest.approx(0.5)


def test_at_first_the_half_life_is_a_share_of_what_was_seen() -> None:
    assert ema_decay(0, 16, 10.0, 0.05) == 0.0, "the first network is not kept at all"
    assert ema_decay(3200, 16, 10.0, 0.05) == pytest.approx(0.5 ** (16 / 160))
    assert ema_decay(10**7, 16, 10.0, 0.05) == pytest.approx(0.5 ** (16 / 10_000))


@pytest.mark.parametrize("preset", ["XS", "S", "L"])
def test_our_presets_keep_997_in_1000_once_they_run(preset: str) -> None:
    config = PRESETS[preset]
    decay = ema_decay(3200 * config.batch, config.batch, config.ema_kimg, config.ema_rampup)
    assert decay == pytest.approx(0.997, abs=1e-6)
