"""How strongly to augment: the adaptive rate of StyleGAN2-ADA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

EVERY = 4  # steps between two changes of p, as in Karras et al. 2020


@dataclass
class AdaptiveRate:
    """p rises while the discriminator is too sure of real patches, and falls while it is not (Karras et al. 2020, section 3).

    r = E[sign(D(real))] over ``EVERY`` steps. Above ``target`` p grows and below it p shrinks, at the pace that takes it from
    0 to 1 in ``adjust_kimg`` thousand real patches, within 0 .. ``cap``. With ``moving`` false p stays.
    signs, seen, steps: since the last change, the sum of signs, how many there were, and in how many steps.
    """

    moving: bool = True
    target: float = 0.6
    adjust_kimg: float = 500.0
    cap: float = 0.85
    p: float = 0.0
    signs: Tensor | float = 0.0
    seen: int = 0
    steps: int = 0

    def observe(self, real_logits: Tensor) -> None:
        """Count a step's logits of real patches, (N,). Their device is waited for only where p is due for a change."""
        self.signs = real_logits.detach().sign().sum() + self.signs
        self.seen += len(real_logits)
        self.steps += 1
        if self.steps >= EVERY:
            self._update()

    def _update(self) -> None:
        if self.moving:
            r = float(self.signs) / self.seen
            direction = (r > self.target) - (r < self.target)
            change = self.seen / (1000 * self.adjust_kimg)
            self.p = min(max(self.p + direction * change, 0.0), self.cap)
        self.signs, self.seen, self.steps = 0.0, 0, 0

    def to_dict(self) -> dict[str, float | int]:
        """What a resumed run goes on with, as JSON holds it exactly: a sum of signs is a whole number."""
        return {"p": self.p, "signs": float(self.signs), "seen": self.seen, "steps": self.steps}

    def from_dict(self, state: dict[str, Any]) -> None:
        """Go on with what ``to_dict`` gave; how p moves stays as configured, and what a state lacks as it is."""
        for name, value in state.items():
            setattr(self, name, value)
