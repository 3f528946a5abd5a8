"""Which preview to ask for next: as wide as the machine makes in time while the look changes, wider once it rests.

Knows neither Blender nor the worker; every method that needs the time is told it.
"""

from __future__ import annotations

from dataclasses import dataclass

LADDER = (192, 384, 768, 1536)  # texels
TARGET = 0.35  # seconds a preview may take while the artist drags
REFINED = 1.0  # seconds a step at rest may take before a nearer one goes first
REST = 0.25  # seconds without a change after which the preview is refined
FIRST = 384  # the width to begin with, where nothing was measured yet
NEW = 0.5  # the share of the newest time in what is expected of a width


@dataclass(frozen=True)
class Ask:
    """A preview to ask for. refine: it adds only detail, so that any newer one may overtake it."""

    width: int
    refine: bool


class Pace:
    """At most one request is under way; one that refines may be overtaken by one for a change.

    limit: the width to which a look at rest is refined.
    """

    def __init__(self, limit: int):
        self.widths: tuple[int, ...] = ()
        self._seconds: dict[int, float] = {}
        self._stale = False
        self._under_way: Ask | None = None
        self._shown = 0  # the width shown of the look as it is now; 0 for none
        self._changed_at = 0.0
        self.set_limit(limit)

    def set_limit(self, limit: int) -> None:
        self.widths = tuple(width for width in LADDER if width <= limit) or LADDER[:1]

    @property
    def under_way(self) -> bool:
        return self._under_way is not None

    @property
    def settled(self) -> bool:
        """Whether the look as it is now is shown at the full width."""
        return not self._stale and self._under_way is None and self._shown >= self.widths[-1]

    def change(self, now: float) -> None:
        """The look has changed."""
        self._stale, self._shown, self._changed_at = True, 0, now

    def ask(self, now: float) -> Ask | None:
        """What to ask for at this moment, which is then under way; None for nothing."""
        if self._stale:
            if self._under_way is not None and not self._under_way.refine:
                return None
            self._stale, self._under_way = False, Ask(self._in_time(TARGET), False)
            return self._under_way
        if self._under_way is not None or not self._shown or now - self._changed_at < REST:
            return None
        wider = [width for width in self.widths if width > self._shown]
        if not wider:
            return None
        self._under_way = Ask(max(wider[0], self._in_time(REFINED)), True)
        return self._under_way

    def shown(self, seconds: float) -> None:
        """What was under way is there. seconds: the model's own time for it."""
        assert self._under_way is not None, "nothing was asked for"
        width, self._under_way = self._under_way.width, None
        before = self._seconds.get(width, seconds)
        self._seconds[width] = before + NEW * (seconds - before)
        if not self._stale:
            self._shown = width

    def lost(self, again: bool) -> None:
        """What was under way will not come. again: ask for it once more; otherwise only after the next change."""
        lost, self._under_way = self._under_way, None
        if again and lost is not None and not lost.refine:
            self._stale = True
        if not again and not self._stale:
            self._shown = self.widths[-1]

    def leave(self) -> None:
        """Let the look as it is now be: something else is shown, and nothing is refined until the next change."""
        self._stale, self._shown = False, self.widths[-1]

    def expected(self, width: int) -> float | None:
        """Seconds that a width is expected to take: as measured, or from the nearest measured one by the number of texels."""
        if not self._seconds:
            return None
        nearest = min(self._seconds, key=lambda measured: abs(LADDER.index(measured) - LADDER.index(width)))
        return self._seconds[nearest] * (width / nearest) ** 2

    def _in_time(self, seconds: float) -> int:
        """The widest that takes no longer; the narrowest where none does."""
        if not self._seconds:
            return min(FIRST, self.widths[-1])
        quick = [width for width in self.widths if (self.expected(width) or 0.0) <= seconds]
        return quick[-1] if quick else self.widths[0]
