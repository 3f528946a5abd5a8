"""The bakes that wait for the one that runs, in the order in which they were asked for. Knows no bpy."""

from __future__ import annotations

from dataclasses import dataclass, field

from .job import Order


@dataclass(frozen=True)
class BakeItem:
    """One bake, by values and names: what it is for may have gone, and settings may have changed, when its turn comes.

    target_name: of the object that will wear it; empty for a new head. slot: of that object's materials, -1 to choose then.
    """

    order: Order
    target_name: str
    pack: bool
    label: str
    slot: int = -1


@dataclass
class BakeQueue:
    """active: what is being baked. failures: a sentence for each bake since the queue began that did not succeed."""

    active: BakeItem | None = None
    waiting: list[BakeItem] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def next(self) -> BakeItem | None:
        """The next one, which is then the active one."""
        self.active = self.waiting.pop(0) if self.waiting else None
        return self.active

    def start(self, item: BakeItem) -> None:
        """Begin with this one."""
        self.active = item
        self.failures.clear()

    def clear(self) -> None:
        """Nothing is active, and nothing waits; failures stay to be read."""
        self.active = None
        self.waiting.clear()


queue = BakeQueue()
