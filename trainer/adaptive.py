"""How strongly to augment: the adaptive rate of StyleGAN2-ADA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .transfer import Fetched

EVERY = 4  # steps between two changes of p, as in Karras et al. 2020


@dataclass
class AdaptiveRate:
    """p rises while the discriminator is too sure of real patches, and falls while it is not (Karras et al. 2020, section 3).

    r = E[sign(D(real))] over ``EVERY`` steps. Above ``target`` p grows and below it p shrinks, at the pace that takes it from
    0 to 1 in ``adjust_kimg`` thousand real patches, within 0 .. ``cap``; ``EVERY`` steps later than in the paper, by when a GPU
    has long counted and nobody waits for it. With ``moving`` false p stays.
    signs, seen, steps: since the last change, the sum of signs, how many there were, and in how many steps; due, due_seen: of
    the steps before, which the next change follows.
    """

    moving: bool = True
    target: float = 0.6
    adjust_kimg: float = 500.0
    cap: float = 0.85
    p: float = 0.0
    signs: Tensor | float = 0.0
    seen: int = 0
    steps: int = 0
    due: Fetched | float = 0.0
    due_seen: int = 0

    def observe(self, real_logits: Tensor) -> None:
        """Count a step's logits of real patches, (N,), where they are."""
        signs = real_logits.detach().sign().sum() + self.signs
        self.signs = signs
        self.seen += len(real_logits)
        self.steps += 1
        if self.steps >= EVERY:
            if self.moving and self.due_seen:
                self._change(float(self.due) / self.due_seen)
            self.due, self.due_seen = Fetched(signs), self.seen
            self.signs, self.seen, self.steps = 0.0, 0, 0

    def _change(self, r: float) -> None:
        direction = (r > self.target) - (r < self.target)
        self.p = min(max(self.p + direction * self.due_seen / (1000 * self.adjust_kimg), 0.0), self.cap)

    def to_dict(self) -> dict[str, float | int]:
        """What a resumed run goes on with, as JSON holds it exactly: a sum of signs is a whole number."""
        signs, due = float(self.signs), float(self.due)
        return {"p": self.p, "signs": signs, "seen": self.seen, "steps": self.steps, "due": due, "due_seen": self.due_seen}

    def from_dict(self, state: dict[str, Any]) -> None:
        """Go on with what ``to_dict`` gave; how p moves stays as configured, and what a state lacks as it is."""
        for name, value in state.items():
            setattr(self, name, value)
