"""What a run says, and when it says that it is over."""

import io
import json
import math
import time
from pathlib import Path

import pytest
import torch

from gantlitz_blender.runtime.errors import GantlitzError
from trainer import monitor
from trainer.distributed import Ranks
from trainer.monitor import Health, Progress, Rows, write_rows

GOOD = {"step": 1, "g": 0.7, "d": 1.3, "real": 0.2, "fake": -0.1}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_stops_the_run_and_names_the_last_good_state(value: float) -> None:
    Health().check(GOOD, None)
    with pytest.raises(GantlitzError, match=r"step 9: g is .*last good state is states/000008") as stopped:
        Health().check(GOOD | {"step": 9, "g": value}, Path("states/000008"))
    assert stopped.value.code == "diverged"


@pytest.mark.parametrize("bad", [{"d": 0.0}, {"real": 5000.0}, {"fake": -5000.0}])
def test_a_discriminator_that_stays_certain_stops_the_run(bad: dict) -> None:
    health = Health()
    for step in range(monitor.PATIENCE - 1):
        health.check(GOOD | bad | {"step": step}, None)
    health.check(GOOD, None)  # one doubt, and the count begins anew
    for step in range(monitor.PATIENCE - 1):
        health.check(GOOD | bad | {"step": step}, None)
    with pytest.raises(GantlitzError, match="collapsed"):
        health.check(GOOD | bad, None)


def test_rows_come_out_as_numbers_in_their_order() -> None:
    rows = Rows(Ranks())
    rows.add({"step": 1, "g": torch.tensor(0.5), "r1": torch.tensor(2.0)})
    rows.add({"step": 2, "g": torch.tensor(0.25), "p": 0.1})
    found = [{name: value for name, value in row.items() if name != "seconds"} for row in rows.take()]
    assert found == [{"step": 1, "g": 0.5, "r1": 2.0}, {"step": 2, "g": 0.25, "p": 0.1}]
    assert rows.take() == []


def test_the_time_between_two_readings_is_shared_by_the_rows_between_them() -> None:
    rows = Rows(Ranks(), seconds=100.0)
    begun = time.perf_counter()
    for step in (1, 2):  # told to a device that is done with both at the second
        rows.add({"step": step})
    time.sleep(0.1)
    first, second = (row["seconds"] for row in rows.take())
    assert 0.05 <= first - 100 == pytest.approx((second - 100) / 2, abs=2e-4)
    assert second - 100 <= time.perf_counter() - begun + 1e-4
    time.sleep(0.2)  # a state is written
    rows.skip()
    rows.add({"step": 3})
    assert rows.take()[0]["seconds"] < second + 0.2


def test_the_log_is_appended_to(tmp_path: Path) -> None:
    for step in (1, 2):
        write_rows(tmp_path / "log.jsonl", [{"step": step}])
    assert [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()] == [{"step": 1}, {"step": 2}]


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(GantlitzError, match=r"log\.jsonl could not be written"):
        write_rows(tmp_path / "missing" / "log.jsonl", [{"step": 1}])


def test_without_a_terminal_there_is_a_line_now_and_then_and_one_at_the_end() -> None:
    stream = io.StringIO()
    progress = Progress(0, 100, stream)
    for step in range(1, 101):
        progress.show(GOOD | {"step": step})
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("step 100/100") and "s/step" in line and "d 1.3" in line and "\r" not in line
