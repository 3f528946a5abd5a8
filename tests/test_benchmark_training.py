"""The plain twin that the trainer's speed is held against computes what the trainer computes, with more work."""

from collections import Counter
from collections.abc import Iterator

import pytest
import torch

from benchmarks.plain_step import PlainTrainer
from benchmarks.reading import readings
from benchmarks.training import PHASES, Phases, Step, amortised, compare, compared, describe, operations, where_it_fits
from benchmarks.training_setup import coarse_part, fitting
from tests.tiny_run import CONFIG, make_store
from trainer.presets import PRESETS
from trainer.store import Store
from trainer.trainer import Trainer


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("benchmark") / "store")


def test_the_plain_twin_has_the_losses_of_the_real_step(store: Store) -> None:
    real, plain = Trainer(CONFIG, [store], dtype=torch.float32, fresh=False), PlainTrainer(CONFIG, [store])
    for _ in range(4):
        row, twin = real.train_step(), plain.train_step()
        assert twin.keys() == row.keys()
        assert {k: float(v) for k, v in twin.items()} == pytest.approx({k: float(v) for k, v in row.items()}, rel=2e-4, abs=2e-5)


def test_the_plain_twin_computes_the_global_stage_for_every_place(store: Store) -> None:
    counted = [operations(Phases(t), 1)[0] for t in (Trainer(CONFIG, [store], fresh=False), PlainTrainer(CONFIG, [store]))]
    assert counted[1]["G"] > 1.2 * counted[0]["G"]
    assert counted[1]["D"] == counted[0]["D"] > 0


def test_every_operation_of_a_step_is_in_one_phase(store: Store) -> None:
    ticks = iter(range(10_000))
    spent = Phases(Trainer(CONFIG, [store], fresh=False)).step(lambda: next(ticks))
    assert set(spent) == set(PHASES) - {"R1"}
    assert spent.total() == next(ticks) - 1


def test_r1_is_counted_as_often_as_a_run_has_it() -> None:
    steps = [Counter(G=5.0, D=2.0), Counter(G=1.0, D=10.0), Counter(G=3.0, D=2.0)]
    rows = amortised(steps, first=1, every=4)
    assert [row["R1"] for row in rows] == [2.0] * 3 and [row["D"] for row in rows] == [2.0] * 3
    assert [sum(row.values()) for row in rows] == [9.0, 5.0, 7.0]


@pytest.mark.slow
def test_a_comparison_adds_up(store: Store) -> None:
    found = compare(CONFIG, [store], "cpu", 3)
    assert found.plain is not None
    for speed in (found.real, found.plain):
        assert sum(speed.share.values()) == pytest.approx(1)
        low, middle, high = speed.seconds
        assert 0 < low <= middle <= high
        assert 1e3 * speed.tflops == pytest.approx(speed.gflop_per_patch * speed.patches_per_second)
    assert found.faster == pytest.approx(found.plain.seconds[1] / found.real.seconds[1])


def test_the_real_step_stands_alone_where_memory_does_not_hold_its_twin() -> None:
    def too_large() -> Iterator[Step]:
        torch.empty(1 << 60, dtype=torch.uint8)
        yield Counter(), Counter()

    def broken() -> Iterator[Step]:
        raise RuntimeError("shapes do not fit")
        yield

    assert where_it_fits(too_large()) is None
    with pytest.raises(RuntimeError, match="shapes"):
        where_it_fits(broken())
    step = Counter(G=3e9), Counter(G=2.0, D=1.0)
    alone = compared([step] * 3, None, batch=6, every=8)
    assert (alone.real.patches_per_second, alone.plain) == (2.0, None)
    assert describe(alone)[-1] == "there is too little memory for the plain twin"


def test_what_is_read_is_all_that_a_step_needs_on_any_number_of_threads(store: Store) -> None:
    found = readings(CONFIG, [store], "cpu", 2)
    assert {1, 2, 4} <= {one.threads for one in found} and [one.used for one in found].count(True) == 1
    assert all(0 < one.patches_per_second < 1e6 and one.per_processor_second > 0 for one in found)


def test_a_preset_fits_a_small_capture() -> None:
    config = coarse_part(PRESETS["S"], 768)
    assert (config.model.size(0), config.model.grid) == ((512, 768), PRESETS["S"].model.grid)
    assert fitting(PRESETS["S"], 512)[4:] == (0.0,) and sum(fitting(PRESETS["S"], 512)) == pytest.approx(1)
