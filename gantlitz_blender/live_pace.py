"""Which preview to ask for next: a draft as wide as the machine makes in time while the look changes, then the exact one.

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
FADE = 0.2  # likewise of a time for another width: what was slow once is tried again


@dataclass(frozen=True)
class Ask:
    """A preview to ask for. refine: exact, and no more than a better picture of what is shown: any newer one may overtake it.
    The others are drafts.
    """

    width: int
    refine: bool


class Pace:
    """At most one request is under way; one that refines may be overtaken by one for a change.

    limit: the width to which a look at rest is refined.
    """

    def __init__(self, limit: int):
        self.widths: tuple[int, ...] = ()
        self._seconds: dict[tuple[int, bool], float] = {}  # by width, and whether it was a refinement
        self._stale = False
        self._under_way: Ask | None = None
        self._shown = 0  # the width shown of the look as it is now; 0 for none
        self._exact = False  # whether that is more than a draft
        self._changed_at = 0.0
        self.set_limit(limit)

    def set_limit(self, limit: int) -> None:
        self.widths = tuple(width for width in LADDER if width <= limit) or LADDER[:1]

    @property
    def under_way(self) -> bool:
        return self._under_way is not None

    @property
    def settled(self) -> bool:
        """Whether the look as it is now is shown exactly, at the full width."""
        return not self._stale and self._under_way is None and self._shown >= self.widths[-1] and self._exact

    def change(self, now: float) -> None:
        """The look has changed."""
        self._stale, self._shown, self._changed_at = True, 0, now

    def ask(self, now: float) -> Ask | None:
        """What to ask for at this moment, which is then under way; None for nothing."""
        if self._stale:
            if self._under_way is not None and not self._under_way.refine:
                return None
            self._stale, self._under_way = False, Ask(self._in_time(TARGET, False), False)
            return self._under_way
        if self._under_way is not None or not self._shown or now - self._changed_at < REST:
            return None
        wider = [width for width in self.widths if width > self._shown]
        if not wider and self._exact:
            return None
        self._under_way = Ask(max(wider[0], self._in_time(REFINED, True)) if wider else self.widths[-1], True)
        return self._under_way

    def shown(self, seconds: float) -> None:
        """What was under way is there. seconds: the model's own time for it."""
        assert self._under_way is not None, "nothing was asked for"
        made, self._under_way = self._under_way, None
        for (width, refine), before in self._seconds.items():
            if refine == made.refine and width != made.width:
                self._seconds[width, refine] = before + FADE * (seconds * (width / made.width) ** 2 - before)
        before = self._seconds.get((made.width, made.refine), seconds)
        self._seconds[made.width, made.refine] = before + NEW * (seconds - before)
        if not self._stale:
            self._shown, self._exact = made.width, made.refine

    def lost(self, again: bool) -> None:
        """What was under way will not come. again: ask for it once more; otherwise only after the next change."""
        lost, self._under_way = self._under_way, None
        if again and lost is not None and not lost.refine:
            self._stale = True
        if not again and not self._stale:
            self._shown, self._exact = self.widths[-1], True

    def leave(self) -> None:
        """Let the look as it is now be: something else is shown, and nothing is refined until the next change."""
        self._stale, self._shown, self._exact = False, self.widths[-1], True

    def expected(self, width: int, refine: bool = False) -> float | None:
        """Seconds that a width is expected to take: as measured, or from the nearest measured one by the number of texels.

        A draft's time stands in for an exact preview's until there is one, and the other way round.
        """
        measured = {w: seconds for (w, kind), seconds in self._seconds.items() if kind == refine}
        measured = measured or {w: seconds for (w, _), seconds in self._seconds.items()}
        if not measured:
            return None
        nearest = min(measured, key=lambda other: abs(LADDER.index(other) - LADDER.index(width)))
        return measured[nearest] * (width / nearest) ** 2

    def _in_time(self, seconds: float, refine: bool) -> int:
        """The widest that takes no longer; the narrowest where none does."""
        if not self._seconds:
            return min(FIRST, self.widths[-1])
        quick = [width for width in self.widths if (self.expected(width, refine) or 0.0) <= seconds]
        return quick[-1] if quick else self.widths[0]
