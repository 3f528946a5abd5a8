"""A run as TensorBoard reads it; only where that is installed."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("tensorboard")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from trainer.board import Board
from trainer.samples import SHOWN


def read(folder: Path) -> EventAccumulator:
    return EventAccumulator(str(folder)).Reload()


def row(step: int, **more: float) -> dict:
    return {"step": step, "level": 0, "maps": 4 - 2 * (step % 2), "g": 0.5 * step, "d": 1.0, "seconds": 2.0 * step, **more}


def test_every_number_has_a_chart_and_every_picture_its_name(tmp_path: Path) -> None:
    picture = np.zeros((4, 24, 3), np.uint8)
    picture[:, 6:12] = 200
    cv2.imwrite(str(tmp_path / "000002_faces.png"), picture)
    board = Board(tmp_path / "events", 0)
    board.rows([row(1, r1=3.0), row(2, something=0.25, spread_albedo=0.9)])
    board.pictures(2, [tmp_path / "000002_faces.png", tmp_path / "missing.png"])
    board.close()
    events = read(tmp_path / "events")
    assert [(e.step, e.value) for e in events.Scalars("loss/generator")] == [(1, 0.5), (2, 1.0)]
    assert [(e.step, e.value) for e in events.Scalars("loss/r1")] == [(1, 3.0)]
    assert [(e.step, e.value) for e in events.Scalars("run/seconds a step")] == [(2, 2.0)]
    assert [(e.step, e.value) for e in events.Scalars("run/something")] == [(2, 0.25)]
    assert [(e.step, e.value) for e in events.Scalars("loss/generator of 2 maps")] == [(1, 0.5)]
    assert [(e.step, e.value) for e in events.Scalars("loss/discriminator of 4 maps")] == [(2, 1.0)]
    assert [e.step for e in events.Scalars("spread beside the data's/albedo")] == [2]
    assert events.Tags()["images"] == [f"faces/{name}" for name in SHOWN], "a picture a map"
    for name in SHOWN:
        (shown,) = events.Images(f"faces/{name}")
        decoded = cv2.imdecode(np.frombuffer(shown.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
        assert (shown.step, decoded.shape) == (2, (4, 6, 3)) and (decoded == 200 * (name == "normal")).all(), name


def test_steps_that_are_made_again_are_not_shown_twice(tmp_path: Path) -> None:
    for first in (0, 2):  # killed after step 4, resumed at step 2
        board = Board(tmp_path, first)
        board.rows([row(step) for step in range(first + 1, 5)])
        board.close()
    assert [e.step for e in read(tmp_path).Scalars("loss/generator")] == [1, 2, 3, 4]
