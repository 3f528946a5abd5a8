"""Do the sliders do what they say? Edited faces are made and read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gantlitz_blender.runtime.directions import Directions

from .readers import Array

STEPS = (-2.0, -1.0, 1.0, 2.0)  # standard deviations
LOCKED_STEPS = (-2.0, 2.0)
# A slider ships if its label can be read in captured people, and if it moves faces by enough of what people differ by, all
# the way, on nearly every face: else it would be a slider that does nothing, or something else.
LEAST_READ = 0.4  # R2 on people that the reader has not seen
LEAST_RESPONSE = 0.5  # measured change per unit asked
LEAST_REACH = 0.25  # the same, in standard deviations of captured people
LEAST_MONOTONIC = 0.8  # share of the faces on which more of the slider is always more of the label

Read = Callable[[Tensor], Array]
"""(N, w_dim) -> (N, L): the labels of the faces, in standard deviations over the model's faces."""


@dataclass(frozen=True)
class Answer:
    """Of one slider. response: measured change of its label per unit; monotonic: share of faces; others: of other labels, per
    unit, ``locked`` with these locked; locked_response: of its own then."""

    response: float
    monotonic: float
    others: Mapping[str, float]
    locked_response: float
    locked: Mapping[str, float]

    def to_dict(self) -> dict[str, object]:
        """Rounded, for JSON."""

        def rounded(values: Mapping[str, float]) -> dict[str, float]:
            return {name: round(value, 2) for name, value in values.items()}

        return {
            "response": round(self.response, 2),
            "monotonic": round(self.monotonic, 2),
            "others": rounded(self.others),
            "locked_response": round(self.locked_response, 2),
            "locked": rounded(self.locked),
        }


def answer_of(label: str, directions: Directions, ws: Tensor, before: Array, read: Read) -> Answer:
    """What a slider does to faces ws (N, w_dim), which read as ``before`` (N, L), the columns as directions.labels."""
    at = directions.labels.index(label)
    others = [name for name in directions.labels if name != label]

    def changes(steps: Sequence[float], locks: Sequence[str]) -> Array:
        """(steps, N, L)"""
        moved = torch.cat([ws + directions.shift({label: step}, locks).to(ws.device) for step in steps])
        return read(moved).reshape(len(steps), *before.shape) - before

    free, held = changes(STEPS, ()), changes(LOCKED_STEPS, others)
    ladder = np.insert(free[..., at], len(STEPS) // 2, 0.0, axis=0)
    slopes, locked = _slopes(free, STEPS), _slopes(held, LOCKED_STEPS)
    return Answer(
        response=float(slopes[at]),
        monotonic=float((np.diff(ladder, axis=0) > 0).all(axis=0).mean()),
        others={name: float(slopes[directions.labels.index(name)]) for name in others},
        locked_response=float(locked[at]),
        locked={name: float(locked[directions.labels.index(name)]) for name in others},
    )


def failing(read: float, reach: float, answer: Answer) -> str:
    """Why a slider cannot ship, or empty. read: R2 of its label; reach: people's standard deviations for one of the model's."""
    if read < LEAST_READ:
        return f"only {read:.2f} of its variance can be read in captured people ({LEAST_READ:g} is needed)"
    if answer.response < LEAST_RESPONSE:
        return f"it answers with {answer.response:.2f} of what is asked ({LEAST_RESPONSE:g} is needed)"
    if answer.response * reach < LEAST_REACH:
        return f"a unit is {answer.response * reach:.2f} of what people differ by ({LEAST_REACH:g} is needed)"
    if answer.monotonic < LEAST_MONOTONIC:
        return f"more is more on {answer.monotonic:.2f} of the faces only ({LEAST_MONOTONIC:g} is needed)"
    return ""


def _slopes(changes: Array, steps: Sequence[float]) -> Array:
    """(L,): least squares through no change at no step, over all faces."""
    weights = np.array(steps) / np.square(steps).sum()
    return np.einsum("s,snl->l", weights, changes) / changes.shape[1]
